"""Patient journeys in a drill: when they are back by their canaries, what that is held against, and what is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import pytest
from rich.console import Console

from domain import canaries
from domain.manifest import Promise as Kept
from domain.naming import Names
from domain.objectives import JOURNEYS
from ops.drill import readiness, telling
from ops.drill.catalog import observe
from ops.drill.measure import measure
from ops.drill.model import Condition, Kind, Observation, Plan, Promise, Step, Verdict
from ops.drill.plans import build
from ops.drill.report import build as report
from ops.drill.verdict import Judgement, judge
from tests.drill.journals import RUN, TARGETS, Story, failover
from tests.drill.recipes import manifest, recipe
from tests.drill.stage import Stage, StageSite, at, seen
from tests.small_cell import small_cell
from tests.support import HOME, RECOVERY

PLACES: Final = {HOME: "use2", RECOVERY: "usw2"}
BACK: Final = Condition(probe="journeys-walked", arguments={"side": "recovery"})
CHECK: Final = Condition(probe="parity", arguments={"check": "journeys"})


@pytest.fixture
def stage() -> Iterator[Stage]:
    """A cell that promises its journeys, in which recovery took a first write at 400 s."""
    with small_cell() as small:
        promised = dict.fromkeys(JOURNEYS, Kept(rto_seconds=1800, rpo_seconds=300))
        given = replace(small, manifest=small.manifest.model_copy(update={"journeys": promised}))
        found = Stage(small=given, site=StageSite(small=given, time=at(1500)))
        found.traffic.tries = (seen(1, 10, "home"), seen(2, 400, "recovery"), seen(3, 405, "recovery"))
        yield found


def ran(stage: Stage, journey: str, seconds: float, percent: float = 100) -> None:
    """Let the canary of recovery report a run that began then."""
    name = canaries.name(Names(cell="us", place=PLACES[RECOVERY]), journey)
    data = [
        {
            "MetricName": metric,
            "Dimensions": [{"Name": canaries.DIMENSION, "Value": name}],
            "Timestamp": at(seconds),
            "Value": value,
        }
        for metric, value in ((canaries.SUCCESS, percent), (canaries.DURATION, 800))
    ]
    stage.client("cloudwatch", RECOVERY).put_metric_data(Namespace=canaries.NAMESPACE, MetricData=data)


def asked(stage: Stage, condition: Condition = BACK) -> Observation:
    return observe(condition, stage.context)


def test_each_journey_is_back_with_the_first_walk_of_a_minute_after_the_first_write(stage: Stage) -> None:
    for place, journey in enumerate(JOURNEYS):
        ran(stage, journey, 410)  # of the minute in which recovery took over: it may have been read-only yet
        ran(stage, journey, 480 + 60 * place)
        ran(stage, journey, 900)
    found = asked(stage)
    assert found.holds is True
    assert {f"{journey}_at": at(480 + 60 * place).isoformat() for place, journey in enumerate(JOURNEYS)} == {
        key: value for key, value in found.values.items() if key.endswith("_at")
    }
    assert 800 == found.values["pay_ms"]


def test_a_journey_that_nobody_walked_is_unknown_and_one_that_failed_is_not_back(stage: Stage) -> None:
    for journey in ("consult", "prescribe", "pay"):
        ran(stage, journey, 480)
    ran(stage, "book", 410)
    ran(stage, "book", 300)
    found = asked(stage)
    assert (None, True) == (found.holds, found.text.startswith("book was not walked since 09:06:40")), found.text
    ran(stage, "book", 540, percent=0)
    found = asked(stage)
    assert (False, True) == (found.holds, found.text.startswith("book failed since")), found.text
    assert "book_at" not in found.values


def test_before_anybody_has_written_no_walk_proves_anything(stage: Stage) -> None:
    ran(stage, "book", 480)
    stage.traffic.tries = (seen(1, 10, "home"),)
    assert asked(stage).holds is None


def alarm(stage: Stage, region: str, journey: str, which: str, state: str) -> None:
    cloudwatch = stage.client("cloudwatch", region)
    name = canaries.alarm(Names(cell="us", place=PLACES[region]), journey, which)
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        Namespace=canaries.NAMESPACE,
        MetricName=canaries.SUCCESS,
        Statistic="Average",
        Period=900,
        EvaluationPeriods=3,
        Threshold=99.9,
        ComparisonOperator="LessThanThreshold",
    )
    cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason="told")


def test_a_cell_is_ready_only_if_every_canarys_alarm_of_both_sides_is_well(stage: Stage) -> None:
    assert asked(stage, CHECK).holds is None, "alarms that are not there are not well"
    for region in PLACES:
        for journey in JOURNEYS:
            for which in (canaries.SUCCESS_ALARM, canaries.DURATION_ALARM):
                alarm(stage, region, journey, which, "OK")
    assert asked(stage, CHECK).holds is True
    alarm(stage, HOME, "pay", "duration", "INSUFFICIENT_DATA")
    assert asked(stage, CHECK).holds is None
    alarm(stage, RECOVERY, "book", "success", "ALARM")
    found = asked(stage, CHECK)
    assert (False, "medical-us-usw2-book-success is raised") == (found.holds, found.text)
    assert readiness.CHECKS["journeys"].remedy == found.values["remedy"]


@pytest.mark.parametrize(
    ("kind", "writer", "side", "since"),
    [
        (Kind.FAILOVER, "home", "recovery", "detect-loss"),
        (Kind.SWITCHOVER, "home", "recovery", "fence-home"),
        (Kind.FAILBACK, "recovery", "home", "fence-recovery"),
    ],
)
def test_a_move_ends_with_the_journeys_of_the_side_that_serves(kind: Kind, writer: str, side: str, since: str) -> None:
    found = build(kind, recipe(manifest=manifest("us", writer)))
    last = found.steps[-1]
    assert ("journeys-back", side, since) == (last.id, last.postcondition.arguments["side"], last.since)
    assert last.timeout_seconds > max(promise.rto_seconds for promise in found.targets.journeys.values())
    assert set(JOURNEYS) == set(found.targets.journeys)


def test_without_promises_no_step_and_no_check_asks_for_journeys() -> None:
    old = manifest("us").model_copy(update={"journeys": {}})
    for kind in (Kind.FAILOVER, Kind.READINESS):
        given = recipe(manifest=old, checks=tuple(readiness.CHECKS))
        assert not [step.id for step in build(kind, given).steps if "journeys" in step.id]
    asks = build(Kind.READINESS, recipe(checks=tuple(readiness.CHECKS)))
    assert "check-journeys" in [step.id for step in asks.steps]


def told(walks: Mapping[str, float]) -> Story:
    """A failover whose journeys were walked so many seconds after the loss."""
    story = failover()
    loss = next(entry for entry in story.entries if entry["kind"] == "fault")["at"]
    last = story.plan.steps[-1].model_copy(update={"id": "journeys-back", "postcondition": BACK})
    promised = dict.fromkeys(JOURNEYS, Promise(rto_seconds=1800, rpo_seconds=300))
    targets = TARGETS.model_copy(update={"journeys": promised})
    steps: tuple[Step, ...] = (*story.plan.steps, last)
    story.plan = story.plan.model_copy(update={"steps": steps, "targets": targets})
    began = type(at(0)).fromisoformat(loss)
    values: dict[str, Any] = {}
    for journey, seconds in walks.items():
        values |= {f"{journey}_at": (began + timedelta(seconds=seconds)).isoformat(), f"{journey}_ms": 800.0}
    story.begins("journeys-back")
    story.sees("journeys-back", "journeys-walked", values, holds=len(walks) == len(JOURNEYS))
    story.ends("journeys-back", 1, "done" if len(walks) == len(JOURNEYS) else "inconclusive", "seen")
    return story


def judged(story: Story, plan: Plan | None = None) -> Judgement:
    return judge(plan or story.plan, story.entries, measure(story.entries))


def test_journeys_that_are_back_in_time_pass_and_are_told() -> None:
    story = told({"book": 700, "consult": 900, "prescribe": 1800, "pay": 650})
    assert Verdict.PASSED is judged(story).verdict
    made = report.build(story.plan, story.entries, RUN)
    (figure,) = [figure for figure in made.figures if figure.name == "Journeys back (RTO)"]
    assert ("met", "30 min", 1.0) == (figure.state, figure.value, figure.share)
    assert "book 11 min 40 s, consult 15 min, prescribe 30 min, pay 10 min 50 s" == figure.note
    shown = telling._journeys(made)
    assert {"seconds": 650.0, "target_seconds": 1800, "met": True, "walk_milliseconds": 800.0} == shown["pay"]


def test_a_journey_that_comes_back_late_fails_the_drill_by_name() -> None:
    story = told({"book": 700, "consult": 900, "prescribe": 1801, "pay": 650})
    judgement = judged(story)
    assert Verdict.FAILED is judgement.verdict
    (reason,) = judgement.reasons
    assert ("RTO of the journey prescribe", "at most 1800 s") == (reason.about, reason.rule)


def test_a_journey_that_nobody_saw_walked_is_inconclusive_and_has_no_data() -> None:
    story = told({"book": 700, "consult": 900, "pay": 650})
    judgement = judged(story)
    assert Verdict.INCONCLUSIVE is judgement.verdict
    assert "no data for journey prescribe" in [reason.value for reason in judgement.reasons]
    made = report.build(story.plan, story.entries, RUN)
    (figure,) = [figure for figure in made.figures if figure.name == "Journeys back (RTO)"]
    assert ("no data", True) == (figure.state, "prescribe no data" in figure.note)


def test_a_journey_may_promise_to_lose_less_than_the_cell() -> None:
    story = failover(behind=120)
    assert "RPO" not in str(judged(story).reasons), "within what the cell promises"
    walked = told(dict.fromkeys(JOURNEYS, 700.0))
    promised = {**walked.plan.targets.journeys, "pay": Promise(rto_seconds=1800, rpo_seconds=60)}
    targets = TARGETS.model_copy(update={"journeys": promised})
    plan = walked.plan.model_copy(update={"targets": targets})
    about = [reason.about for reason in judge(plan, story.entries, measure(story.entries)).reasons]
    assert "RPO of the journey pay" in about
    assert "RPO of the journey book" not in about


def test_a_plan_tells_what_its_journeys_promise() -> None:
    console = Console(record=True, width=200)
    telling.plan(console, build(Kind.FAILOVER, recipe()))
    assert "journeys back: book in 1800 s, consult in 1800 s" in console.export_text()
