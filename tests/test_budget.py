"""The time budgets: their sums, what they refuse, and that their figures are those of what the program declares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

import settings
from domain import budget as budgets
from domain.budget import Budget, Sum, budget
from ops.engine import project
from settings import Settings, SettingsError
from tests.support import CELLS, whole

KEYS: Final = {
    "reads": "readsTargetSeconds",
    "writes": "writesTargetSeconds",
    "data_loss": "dataLossTargetSeconds",
}


def raw_of(cell: str, **changes: str) -> dict[str, str]:
    stack = project.load(cell, overrides=changes)
    return {key.removeprefix(f"{stack.project}:"): value for key, value in stack.config.items()}


US: Final = {key: value for key, value in raw_of("us").items() if ":" not in key}


def loaded(**changes: str) -> Settings:
    return settings.load("us", {**US, **changes})


def terms(found: Sum) -> dict[str, int]:
    return {term.name: term.seconds for term in found.terms}


def test_reads_just_meet_their_target_with_fast_checks() -> None:
    reads = budget(loaded()).reads
    assert {"detection": 30, "DNS": 60, "draining": 60} == terms(reads)
    assert (150, 150, True) == (reads.total, reads.target, reads.met)


def test_reads_miss_their_default_target_with_standard_checks() -> None:
    with pytest.raises(SettingsError) as caught:
        loaded(healthCheckSeconds="30")
    (problem,) = caught.value.problems
    assert "readsTargetSeconds" == problem.key
    assert "210 s, of which detection is the largest term with 90 s" in problem.rule
    assert "set healthCheckSeconds 10, which makes it 150 s" in problem.rule


def test_writes_meet_their_target_with_time_left() -> None:
    writes = budget(loaded()).writes
    assert (810, True, "decision") == (writes.total, writes.met, writes.largest.name)
    assert 900 == writes.target


def test_what_runs_alongside_the_promotion_adds_nothing_and_is_shown() -> None:
    fewer, same = (budget(loaded(webRecoveryMin=count)).writes for count in ("1", "2"))
    assert 0 == terms(fewer)["scaling"] == terms(fewer)["DNS and draining"]
    assert ["300 s for 1 more instance, alongside the promotion"] == [
        term.source for term in fewer.terms if term.name == "scaling"
    ]
    assert ["none: recovery keeps as many instances as home"] == [
        term.source for term in same.terms if term.name == "scaling"
    ]


def test_the_steps_time_outs_are_terms_and_so_add_up_to_less_than_the_sum() -> None:
    writes = budget(loaded()).writes
    assert budgets.STEP_SECONDS.items() <= terms(writes).items()
    assert sum(budgets.STEP_SECONDS.values()) < writes.total
    assert tuple(budgets.STEP_SECONDS) == tuple(name for name in terms(writes) if name in budgets.STEP_SECONDS)


def test_records_are_held_against_the_target_and_objects_are_not() -> None:
    found = budget(loaded())
    assert (240, 300, True) == (found.data_loss.total, found.data_loss.target, found.data_loss.met)
    assert found.objects.seconds == 900 > found.data_loss.target
    assert "objects" not in terms(found.data_loss)


@pytest.mark.parametrize(
    ("changes", "holds"),
    [
        ({}, True),
        ({"homeGeneration": "2", "recoveryGeneration": "2"}, True),
        ({"writer": "recovery"}, False),
        ({"writer": "recovery", "homeGeneration": "2"}, False),
        ({"homeGeneration": "2"}, False),
    ],
)
def test_the_sums_hold_in_the_normal_state_only(changes: dict[str, str], *, holds: bool) -> None:
    assert holds == budget(loaded(**changes)).holds


@pytest.mark.parametrize(
    ("key", "least"), [("readsTargetSeconds", 150), ("writesTargetSeconds", 810), ("dataLossTargetSeconds", 240)]
)
def test_a_target_is_met_to_the_second(key: str, least: int) -> None:
    assert least == loaded(**{key: str(least)}).model_dump(by_alias=True)[key]
    with pytest.raises(SettingsError) as caught:
        loaded(**{key: str(least - 1)})
    (problem,) = caught.value.problems
    assert (key, repr(str(least - 1))) == (problem.key, problem.value)
    assert f"set {least} or more" in problem.rule


def test_a_way_out_that_needs_two_changes_names_both() -> None:
    with pytest.raises(SettingsError) as caught:
        loaded(healthCheckSeconds="30", readsTargetSeconds="100")
    assert "set healthCheckSeconds 10 and this to 150" in caught.value.problems[0].rule
    assert 150 == loaded(healthCheckSeconds="10", readsTargetSeconds="150").reads_target_seconds


_SECONDS = st.integers(min_value=1, max_value=1200)


@hypothesis_settings(deadline=None, max_examples=300)
@given(
    check=st.sampled_from((10, 30)),
    targets=st.fixed_dictionaries(dict.fromkeys(KEYS, _SECONDS | st.sampled_from((149, 150, 239, 240, 210, 810, 870)))),
    home=st.integers(min_value=1, max_value=6),
    recovery=st.integers(min_value=1, max_value=6),
)
def test_a_target_is_refused_if_and_only_if_the_sum_exceeds_it(
    check: int, targets: dict[str, int], home: int, recovery: int
) -> None:
    sizes = {"healthCheckSeconds": str(check), "webHomeMin": str(home), "webRecoveryMin": str(recovery)}
    free = sums(budget(loaded(**sizes, **dict.fromkeys(KEYS.values(), "86400"))))
    exceeded = {KEYS[name]: item.largest.name for name, item in free.items() if item.total > targets[name]}
    found = refusals(**sizes, **{KEYS[name]: str(seconds) for name, seconds in targets.items()})
    assert set(exceeded) == set(found)
    assert [] == [key for key, largest in exceeded.items() if f"{largest} is the largest term" not in found[key]]


def refusals(**changes: str) -> dict[str, str]:
    """The rule of each key that is refused."""
    try:
        loaded(**changes)
    except SettingsError as error:
        return {problem.key: problem.rule for problem in error.problems}
    return {}


def sums(found: Budget) -> dict[str, Sum]:
    return {"reads": found.reads, "writes": found.writes, "data_loss": found.data_loss}


def inputs(cell: str, type_: str) -> list[Mapping[str, Any]]:
    return [item.inputs for item in whole(cell).of_type(type_)]


@pytest.mark.parametrize("cell", CELLS)
def test_the_load_balancers_keep_and_drain_connections_as_long_as_budgeted(cell: str) -> None:
    balancers = inputs(cell, "aws:lb/loadBalancer:LoadBalancer")
    assert 2 == len(balancers)
    assert {budgets.CLIENT_KEEP_ALIVE_SECONDS} == {item["clientKeepAlive"] for item in balancers}
    groups = inputs(cell, "aws:lb/targetGroup:TargetGroup")
    assert {budgets.DRAIN_SECONDS} == {item["deregistrationDelay"] for item in groups}


@pytest.mark.parametrize("cell", CELLS)
def test_the_replicas_alarm_is_raised_as_soon_as_budgeted(cell: str) -> None:
    alarms = [
        item for item in inputs(cell, "aws:cloudwatch/metricAlarm:MetricAlarm") if "replica-lag" in str(item["name"])
    ]
    (alarm,) = alarms
    assert budgets.LAG_ALARM_SECONDS == alarm["threshold"]
    assert budgets.LAG_ALARM_PERIODS == alarm["evaluationPeriods"] == alarm["datapointsToAlarm"]
    periods = {query["metric"]["period"] for query in alarm["metricQueries"] if "metric" in query}
    assert {budgets.LAG_ALARM_PERIOD_SECONDS} == periods


def test_the_guide_shows_the_sums_of_the_defaults() -> None:
    guide = (project.ROOT / "docs" / "continuity.md").read_text(encoding="utf-8")
    for name, item in sums(budget(loaded())).items():
        shown = ", ".join(f"{term.name} {term.seconds}" for term in item.terms if term.seconds)
        assert f"`{KEYS[name]}` {item.target} | {shown} | {item.total} |" in guide
