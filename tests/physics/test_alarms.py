"""How an alarm is judged, held against the user guide's own tables and a slow reading of its words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from statistics import fmean
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.sandbox.physics.monitoring import formulas
from ops.sandbox.physics.monitoring.alarms import Point, Rule, State, Treatment, UnsupportedAlarmError, judge, treatment
from ops.sandbox.physics.monitoring.datapoints import Datapoints, Metric, Sample

TREATMENTS: Final[tuple[Treatment, ...]] = ("missing", "ignore", "breaching", "notBreaching")
STATES: Final[tuple[State, ...]] = ("OK", "ALARM", "INSUFFICIENT_DATA")


def rule(
    missing: Treatment = "missing",
    *,
    comparison: str = "GreaterThanThreshold",
    periods: int = 3,
    to_alarm: int = 3,
    extra: int = 2,
) -> Rule:
    return Rule(comparison=comparison, threshold=0.5, periods=periods, to_alarm=to_alarm, missing=missing, extra=extra)


def drawn(picture: str) -> list[Point]:
    """Datapoints as the user guide draws them: X breaching, 0 not, - missing."""
    return [{"X": 1.0, "0": 0.0, "-": None}[mark] for mark in picture.split()]


THREE_OF_THREE: Final = (
    ("0 - X - X", "OK", "OK", "OK", "OK"),
    ("- - - - 0", "OK", "OK", "OK", "OK"),
    ("- - - - -", "INSUFFICIENT_DATA", "as before", "ALARM", "OK"),
    ("0 X X - X", "ALARM", "ALARM", "ALARM", "ALARM"),
    ("- - X - -", "ALARM", "as before", "ALARM", "OK"),
)
TWO_OF_THREE: Final = (
    ("0 - X - X", "ALARM", "ALARM", "ALARM", "ALARM"),
    ("0 0 X 0 X", "ALARM", "ALARM", "ALARM", "ALARM"),
    ("0 - X - -", "OK", "OK", "ALARM", "OK"),
    ("- - - - 0", "OK", "OK", "ALARM", "OK"),
    ("- - - X -", "ALARM", "as before", "ALARM", "OK"),
)
CASES: Final = [
    (to_alarm, picture, missing, told)
    for to_alarm, table in ((3, THREE_OF_THREE), (2, TWO_OF_THREE))
    for picture, *row in table
    for missing, told in zip(TREATMENTS, row, strict=True)
]


@pytest.mark.parametrize(("to_alarm", "picture", "missing", "told"), CASES)
def test_the_user_guides_examples_come_out_as_it_says(
    to_alarm: int, picture: str, missing: Treatment, told: str
) -> None:
    for before in STATES:
        expected = before if told == "as before" else told
        assert expected == judge(rule(missing, to_alarm=to_alarm), drawn(picture), before).state


def plainly(asked: Rule, points: list[Point], before: State) -> State:
    """The words of the user guide, one after the other."""
    looked_at = points[max(0, len(points) - asked.periods - asked.extra) :]
    real = [("X" if asked.breaches(point) else "0") for point in looked_at if point is not None]
    if len(real) >= asked.periods:
        newest = real[len(real) - asked.periods :]
        return "ALARM" if newest.count("X") >= asked.to_alarm else "OK"
    if asked.missing in ("breaching", "notBreaching"):
        filled = [*real, *("X" if asked.missing == "breaching" else "0") * (asked.periods - len(real))]
        return "ALARM" if filled.count("X") >= asked.to_alarm else "OK"
    nothing: State = before if asked.missing == "ignore" else "INSUFFICIENT_DATA"
    return scarcely(asked, looked_at, real, before) if real else nothing


def scarcely(asked: Rule, looked_at: list[Point], real: list[str], before: State) -> State:
    """Less data than needed, and nothing to fill it up with."""
    if real.count("X") >= asked.to_alarm:
        return "ALARM"
    if "0" in real:
        return "OK"
    if asked.missing == "ignore":
        return before
    old_enough = looked_at[max(0, len(looked_at) - asked.periods) : len(looked_at) - asked.to_alarm + 1]
    return "ALARM" if any(point is not None for point in old_enough) else "OK"


@st.composite
def asked(draw: st.DrawFn) -> tuple[Rule, list[Point], State]:
    periods = draw(st.integers(1, 6))
    made = rule(
        draw(st.sampled_from(TREATMENTS)),
        comparison=draw(
            st.sampled_from(
                (
                    "GreaterThanThreshold",
                    "GreaterThanOrEqualToThreshold",
                    "LessThanThreshold",
                    "LessThanOrEqualToThreshold",
                )
            )
        ),
        periods=periods,
        to_alarm=draw(st.integers(1, periods)),
        extra=draw(st.integers(0, 3)),
    )
    points = draw(st.lists(st.sampled_from((None, None, 0.0, 0.5, 1.0)), min_size=made.span, max_size=made.span + 2))
    return made, points, draw(st.sampled_from(STATES))


@given(asked())
def test_every_judgement_is_what_the_words_say(case: tuple[Rule, list[Point], State]) -> None:
    assert plainly(*case) == judge(*case).state


@given(asked())
def test_enough_datapoints_leave_no_room_for_missing_ones(case: tuple[Rule, list[Point], State]) -> None:
    made, points, before = case
    filled: list[Point] = [0.5 if point is None else point for point in points]
    by_treatment = {
        judge(
            rule(
                missing,
                comparison=made.comparison,
                periods=made.periods,
                to_alarm=made.to_alarm,
                extra=made.extra,
            ),
            filled,
            before,
        ).state
        for missing in TREATMENTS
    }
    assert 1 == len(by_treatment)


@pytest.mark.parametrize(
    ("comparison", "below", "equal", "above"),
    [
        ("GreaterThanThreshold", "OK", "OK", "ALARM"),
        ("GreaterThanOrEqualToThreshold", "OK", "ALARM", "ALARM"),
        ("LessThanThreshold", "ALARM", "OK", "OK"),
        ("LessThanOrEqualToThreshold", "ALARM", "ALARM", "OK"),
    ],
)
def test_each_comparison_has_its_bound(comparison: str, below: State, equal: State, above: State) -> None:
    made = rule(comparison=comparison, periods=1, to_alarm=1, extra=0)
    assert (below, equal, above) == tuple(judge(made, [value], "OK").state for value in (0.4, 0.5, 0.6))


def test_a_reason_says_what_was_counted_and_what_was_filled_in() -> None:
    raised = judge(rule("breaching"), drawn("- - - X X"), "OK")
    assert (
        "Threshold Crossed: 2 out of the last 2 datapoints [1.0, 1.0] were greater than the threshold (0.5) "
        "and 1 missing datapoint was treated as [Breaching]." == raised.reason
    )
    calm = judge(rule(), drawn("0 X 0 X 0"), "ALARM")
    assert "2 out of the last 3 datapoints [0.0, 1.0, 0.0] were not greater than" in calm.reason
    empty = judge(rule("breaching"), drawn("- - - - -"), "OK")
    assert "no datapoints were received for 3 periods and 3 missing datapoints were treated" in empty.reason


def test_a_rule_that_cannot_be_judged_is_refused() -> None:
    with pytest.raises(UnsupportedAlarmError, match="GreaterThanUpperThreshold"):
        rule(comparison="GreaterThanUpperThreshold")
    with pytest.raises(UnsupportedAlarmError, match="4 of 3"):
        rule(to_alarm=4)
    with pytest.raises(UnsupportedAlarmError, match="sometimes"):
        treatment("sometimes")
    assert "missing" == treatment(None)


@pytest.mark.parametrize(
    ("expression", "lag", "expected"),
    [
        ("IF(lag < 0, 86400, lag)", -1.0, 86400.0),
        ("IF(lag < 0, 86400, lag)", 0.0, 0.0),
        ("IF(lag < 0, 86400, lag)", 61.0, 61.0),
        ("IF(lag < 0, 86400, lag)", None, None),
        ("-(lag + 1) * 2 / 4 - 1", 3.0, -3.0),
        ("1 / lag", 0.0, None),
        ("lag == 2", 2.0, 1.0),
        ("lag != 2", 2.0, 0.0),
    ],
)
def test_an_expression_has_a_value_where_its_metrics_have_one(expression: str, lag: Point, expected: Point) -> None:
    assert expected == formulas.parse(expression).at({"lag": lag})


@pytest.mark.parametrize(
    "expression",
    [
        "FILL(lag, 0)",
        "lag ^ 2",
        "0 < lag < 9",
        "IF(lag, 1)",
        "SELECT MAX(lag)",
        "lag.real",
        "True",
        "'lag'",
        "max(lag)",
    ],
)
def test_an_expression_that_is_not_known_is_refused(expression: str) -> None:
    with pytest.raises(UnsupportedAlarmError, match="the local cloud knows"):
        formulas.parse(expression)


BEGIN: Final = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
METRIC: Final = Metric.of("us-east-2", "Medical", "Beats", {"Cell": "us"})


@given(
    st.lists(st.tuples(st.integers(0, 899), st.sampled_from((-1.0, 0.0, 2.5, 7.0)))),
    st.sampled_from(("Maximum", "Minimum", "Sum", "SampleCount", "Average")),
    st.sampled_from((60, 120, 300)),
    st.integers(1, 4),
)
def test_a_periods_datapoint_is_the_statistic_of_what_was_put_in_it(
    put: list[tuple[int, float]], statistic: str, seconds: int, count: int
) -> None:
    kept = Datapoints()
    for second, value in put:
        kept.put(METRIC, Sample.single(BEGIN + timedelta(seconds=second), value))
    expected: list[Point] = []
    for place in range(count):
        first = 900 - (count - place) * seconds
        values = [value for second, value in put if first <= second < first + seconds]
        made = {
            "Maximum": max,
            "Minimum": min,
            "Sum": sum,
            "SampleCount": len,
            "Average": fmean,
        }[statistic]
        expected.append(made(values) if values else None)
    end = BEGIN + timedelta(seconds=900)
    assert expected == kept.points(METRIC, statistic, timedelta(seconds=seconds), end, count)


def test_what_is_old_is_forgotten_and_what_is_not_stays() -> None:
    kept = Datapoints()
    for minute in (0, 1, 2):
        kept.put(METRIC, Sample.single(BEGIN + timedelta(minutes=minute), minute))
    kept.forget(BEGIN + timedelta(minutes=1))
    assert [1, 2] == [sample.total for sample in kept.between(METRIC, BEGIN, BEGIN + timedelta(hours=1))]
