"""What each journey promises, as the configuration says it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

import settings
from domain import objectives
from domain.objectives import Objective
from ops.engine import project
from settings import SettingsError

ONE: dict[str, Any] = {"availabilityPercent": 99.5, "latencyMs": 2000, "rtoSeconds": 1900, "rpoSeconds": 400}
GOOD: dict[str, Any] = dict.fromkeys(("book", "consult", "prescribe", "pay"), ONE)


def refused(value: object) -> str:
    stated = project.load("us", overrides={"journeyObjectives": value}).stated
    with pytest.raises(SettingsError) as found:
        settings.load("us", stated)
    (problem,) = found.value.problems
    assert "journeyObjectives" == problem.key
    return problem.rule


def test_each_journey_has_its_own_objective() -> None:
    given = {**GOOD, "pay": {"availabilityPercent": 99, "latencyMs": 5000, "rtoSeconds": 2000, "rpoSeconds": 500}}
    found = settings.load("us", project.load("us", overrides={"journeyObjectives": given}).stated).journey_objectives
    assert Objective(availability_percent=99.0, latency_ms=5000, rto_seconds=2000, rpo_seconds=500) == found["pay"]
    assert Objective(availability_percent=99.5, latency_ms=2000, rto_seconds=1900, rpo_seconds=400) == found["book"]


def test_an_availability_says_how_long_a_journey_may_be_down_in_a_month() -> None:
    assert (
        timedelta(minutes=43, seconds=12)
        == objectives.parse(GOOD | {"book": {**ONE, "availabilityPercent": 99.9}})["book"].allowed_outage
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
        (
            {**GOOD, "pay": {**ONE, "rtoSeconds": 0}},
            "pay.rtoSeconds must be a whole number between 1 and 86400; set 1800",
        ),
        ({**GOOD, "pay": {**ONE, "rpoSeconds": "5"}}, "pay.rpoSeconds must be a whole number between 1 and 86400"),
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
        given = {**ONE, "availabilityPercent": percent, "latencyMs": milliseconds}
        found = objectives.parse(dict.fromkeys(objectives.JOURNEYS, given))
        assert (float(percent), milliseconds) == (found["pay"].availability_percent, found["pay"].latency_ms)


def test_numbers_that_are_none_are_refused() -> None:
    with pytest.raises(objectives.ObjectiveError, match=r"availabilityPercent must be"):
        objectives.parse({**GOOD, "book": {**ONE, "availabilityPercent": float("nan")}})


@pytest.mark.parametrize(
    ("key", "given", "rule"),
    [
        ("rtoSeconds", 600, "and a canary walks every 900 s; set"),
        (
            "rpoSeconds",
            100,
            "has pay.rpoSeconds 100, and the cell may lose 240 s of writing with home; set 240 or more",
        ),
    ],
)
def test_a_journey_cannot_promise_less_than_its_cell(key: str, given: int, rule: str) -> None:
    assert rule in refused({**GOOD, "pay": {**ONE, key: given}})


def test_what_every_journey_promises_too_soon_is_said_once() -> None:
    told = refused({journey: {**ONE, "rtoSeconds": 600} for journey in objectives.JOURNEYS})
    assert "has book.rtoSeconds 600, consult.rtoSeconds 600, prescribe.rtoSeconds 600, pay.rtoSeconds 600, and" in told


def test_a_canary_that_walks_more_often_lets_a_journey_promise_to_be_back_sooner() -> None:
    sooner = {**GOOD, "pay": {**ONE, "rtoSeconds": 1000}}
    assert "pay.rtoSeconds 1000" in refused(sooner)
    stated = project.load("us", overrides={"journeyObjectives": sooner, "canaryMinutes": 1}).stated
    assert 1000 == settings.load("us", stated).journey_objectives["pay"].rto_seconds


def test_a_cell_of_one_region_is_held_to_no_time_that_a_second_one_would_need() -> None:
    given = {**GOOD, "pay": {**ONE, "rtoSeconds": 1}}
    alone = {"posture": "backup-only", "recoveryRegion": "none", "recoveryCidr": "none", "journeyObjectives": given}
    assert 1 == settings.load("us", project.load("us", overrides=alone).stated).journey_objectives["pay"].rto_seconds
