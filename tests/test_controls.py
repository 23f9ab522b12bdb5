"""The page of controls is what the code says, and whatever proves a control is there."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

import policies
from ops import cli
from ops.controls import page, table
from ops.controls.table import Row
from ops.engine.project import DEFAULTS_VARIABLE, ROOT
from tests.support import whole


def rows() -> list[Row]:
    return table.rows(whole("us"))


def test_the_page_is_what_the_code_says() -> None:
    kept = page.PLACE.read_text(encoding="utf-8")
    assert page.text(rows()) == kept, "run 'python -m ops controls --write'"


def test_a_page_that_is_out_of_date_is_seen() -> None:
    first, *rest = rows()
    assert page.text([replace(first, resources=()), *rest]) != page.text(rows())
    assert page.text(rest) != page.text(rows())


def test_every_control_of_every_rule_has_a_row() -> None:
    wanted = {(rule.name, control.id) for rule in policies.RULES for control in rule.controls}
    assert wanted == {(row.rule, row.control) for row in rows() if row.rule}


def test_every_test_that_is_named_is_there() -> None:
    for named in {test.partition("[")[0] for row in rows() for test in row.tests}:
        path, _, test = named.partition("::")
        assert f"def {test}(" in (ROOT / path).read_text(encoding="utf-8") or not test, named


def test_what_drills_are_evidence_of_is_told() -> None:
    found = {(row.framework, row.control) for row in rows() if row.group == "drill"}
    assert ("HIPAA", "45 CFR 164.308(a)(7)(ii)(D)") in found
    assert {("SOC 2", "A1.3"), ("ISO/IEC 27001:2022", "A.5.30"), ("GDPR", "Art. 32(1)(c)")} <= found


def test_controls_stand_as_people_count() -> None:
    cis = [row.control for row in rows() if row.group == "cis"]
    assert cis == sorted(cis, key=lambda text: [int(part) for part in text.split(".")])


@pytest.mark.parametrize("framework", ["hipaa", "cis", "fsbp", "drill"])
def test_the_command_shows_one_framework_for_people_and_machines(
    framework: str, capsys: pytest.CaptureFixture[str]
) -> None:
    expected = [row for row in rows() if row.group == framework]
    assert expected
    assert 0 == cli.main(("controls", "--framework", framework, "--json"))
    found: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    assert [row.control for row in expected] == [row["control"] for row in found]


def test_a_cell_that_cannot_be_run_is_refused_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(DEFAULTS_VARIABLE, '{"documentsPackage": "build/nothing.zip"}')
    assert 2 == cli.main(("controls",))
    printed = capsys.readouterr()
    assert "" == printed.out
    assert "run 'make build'" in printed.err
    assert 1 == len(printed.err.splitlines())


def test_an_unknown_framework_is_refused_with_those_that_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert 2 == cli.main(("controls", "--framework", "pci"))
    assert "'hipaa', 'cis', 'fsbp', 'drill'" in " ".join(capsys.readouterr().err.split())
