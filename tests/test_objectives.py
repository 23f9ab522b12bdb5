"""What each journey promises, as the configuration says it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

import settings
from domain import objectives
from ops.engine import project
from settings import SettingsError

GOOD: dict[str, Any] = {
    journey: {"availabilityPercent": 99.5, "latencyMs": 2000} for journey in ("book", "consult", "prescribe", "pay")
}


def refused(value: object) -> str:
    stated = project.load("us", overrides={"journeyObjectives": value}).stated
    with pytest.raises(SettingsError) as found:
        settings.load("us", stated)
    (problem,) = found.value.problems
    assert "journeyObjectives" == problem.key
    return problem.rule


def test_each_journey_has_its_own_objective() -> None:
    given = {**GOOD, "pay": {"availabilityPercent": 99, "latencyMs": 5000}}
    found = settings.load("us", project.load("us", overrides={"journeyObjectives": given}).stated).journey_objectives
    assert (99.0, 5000) == (found["pay"].availability_percent, found["pay"].latency_ms)
    assert (99.5, 2000) == (found["book"].availability_percent, found["book"].latency_ms)


def test_an_availability_says_how_long_a_journey_may_be_down_in_a_month() -> None:
    assert (
        timedelta(minutes=43, seconds=12)
        == objectives.parse(GOOD | {"book": {"availabilityPercent": 99.9, "latencyMs": 100}})["book"].allowed_outage
    )
    assert timedelta(hours=3, minutes=36) == objectives.parse(GOOD)["book"].allowed_outage


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        ([], "must be an object with book, consult, prescribe, pay"),
        ("soon", "must be an object"),
        ({key: item for key, item in GOOD.items() if key != "pay"}, "pay is missing"),
        ({**GOOD, "browse": GOOD["pay"]}, "it has a key that is not known; keep to book, consult, prescribe, pay"),
        ({**GOOD, "pay": 99}, "pay is missing or no object"),
        ({**GOOD, "pay": {"availabilityPercent": 99}}, "pay.latencyMs must be a whole number between 100 and 60000"),
        ({**GOOD, "pay": {**GOOD["pay"], "latencyMs": 99}}, "pay.latencyMs must be"),
        ({**GOOD, "pay": {**GOOD["pay"], "latencyMs": 200.5}}, "pay.latencyMs must be"),
        ({**GOOD, "pay": {**GOOD["pay"], "latencyMs": True}}, "pay.latencyMs must be"),
        ({**GOOD, "book": {**GOOD["book"], "availabilityPercent": 100}}, "book.availabilityPercent must be a number"),
        ({**GOOD, "book": {**GOOD["book"], "availabilityPercent": "99"}}, "book.availabilityPercent must be a number"),
        ({**GOOD, "book": {**GOOD["book"], "p99": 1}}, "book has a key that is not known; keep to availabilityPercent"),
    ],
    ids=lambda value: json.dumps(value)[-60:],
)
def test_what_is_no_objective_is_refused_with_its_nested_key_and_the_rule(value: object, rule: str) -> None:
    assert rule in refused(value)


def test_the_bounds_themselves_are_taken() -> None:
    for percent, milliseconds in ((90, 100), (99.999, 60_000)):
        given = {"availabilityPercent": percent, "latencyMs": milliseconds}
        found = objectives.parse(dict.fromkeys(objectives.JOURNEYS, given))
        assert (float(percent), milliseconds) == (found["pay"].availability_percent, found["pay"].latency_ms)


def test_numbers_that_are_none_are_refused() -> None:
    with pytest.raises(objectives.ObjectiveError, match=r"availabilityPercent must be"):
        objectives.parse({key: {"availabilityPercent": float("nan"), "latencyMs": 100} for key in objectives.JOURNEYS})
