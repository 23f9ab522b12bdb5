"""The rules of composite alarms: what they mean, and what is none."""

from __future__ import annotations

import pytest

from ops.sandbox.physics.monitoring import rules
from ops.sandbox.physics.monitoring.alarms import State, UnsupportedAlarmError

STATES: dict[str, State] = {"a": "ALARM", "o": "OK", "i": "INSUFFICIENT_DATA"}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("ALARM(a)", True),
        ('ALARM("a")', True),
        ("ALARM(arn:aws:cloudwatch:us-east-2:111122223333:alarm:a)", True),
        ("ALARM(o)", False),
        ("OK(o) AND INSUFFICIENT_DATA(i)", True),
        ("ALARM(o) OR (ALARM(a) AND NOT ALARM(i))", True),
        ("NOT (ALARM(a) OR ALARM(o))", False),
        ("ALARM(a) OR ALARM(o) AND ALARM(o)", True),
        ("(ALARM(a) OR ALARM(o)) AND ALARM(o)", False),
        ("NOT NOT TRUE", True),
        ("FALSE", False),
    ],
)
def test_a_rule_holds_as_it_reads(text: str, holds: bool) -> None:  # noqa: FBT001 - a table's column
    assert holds is rules.parse(text).holds(STATES.__getitem__)


def test_a_rule_names_its_alarms_once_each() -> None:
    assert ("b", "a") == rules.parse("ALARM(b) OR OK(a) OR OK(b)").names


@pytest.mark.parametrize(
    "text", ["", "ALARM()", "ALARM(a) ALARM(o)", "(ALARM(a)", "ALARM(a) AND", "AND", "alarm(a)", "ALARM(a))", "XOR"]
)
def test_what_is_no_rule_is_refused(text: str) -> None:
    with pytest.raises(UnsupportedAlarmError, match="a rule has"):
        rules.parse(text)
