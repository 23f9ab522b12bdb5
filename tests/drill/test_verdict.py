"""What a drill has shown: passed only with everything seen and kept, and honest about what was not seen."""

from __future__ import annotations

import pytest

from ops.drill.conclude import conclude
from ops.drill.measure import measure
from ops.drill.model import Condition, Kind, Phase, Plan, Step, Verdict
from ops.drill.verdict import Judgement, judge
from tests.drill.journals import TARGETS, Story, failover, found, never_lost, plan, switchover


def judged(story: Story) -> Judgement:
    return judge(story.plan, story.entries, measure(story.entries))


def abouts(story: Story) -> list[str]:
    return [reason.about for reason in judged(story).reasons]


def again(story: Story, changed: Plan) -> Story:
    """The same run, had it been of another plan."""
    return Story(changed, entries=story.entries)


def test_a_failover_within_its_targets_passes() -> None:
    assert Verdict.PASSED is judged(failover()).verdict
    assert ["all"] == abouts(failover())


def test_a_replica_that_was_behind_fails_a_failover_by_value_and_rule() -> None:
    judgement = judged(failover(behind=900))
    assert Verdict.FAILED is judgement.verdict
    (reason,) = [reason for reason in judgement.reasons if reason.about == "RPO of rows"]
    assert ("180 rows, 900 s of writing", "at most 300 s") == (reason.value, reason.rule)
    assert reason.remedy in reason.text


@pytest.mark.parametrize(("target", "about"), [("reads_seconds", "RTO of reads"), ("writes_seconds", "RTO of writes")])
def test_a_target_is_kept_to_the_second_and_missed_beyond(target: str, about: str) -> None:
    story = failover()
    took = {"reads_seconds": 105, "writes_seconds": 405}[target]
    for most, verdict in ((took, Verdict.PASSED), (took - 1, Verdict.FAILED)):
        targets = TARGETS.model_copy(update={target: most})
        judgement = judge(story.plan.model_copy(update={"targets": targets}), story.entries, measure(story.entries))
        assert verdict is judgement.verdict
        assert (about in {reason.about for reason in judgement.reasons}) == (verdict is Verdict.FAILED)


def test_a_fault_that_took_no_effect_is_inconclusive_and_not_passed() -> None:
    assert Verdict.INCONCLUSIVE is judged(never_lost()).verdict
    assert "fault" in abouts(never_lost())


def test_a_fault_that_nobody_felt_is_inconclusive() -> None:
    story = never_lost()
    story.tell("fault", fault="region-dark", side="home", on=True)
    story.passes(10)
    (reason,) = [reason for reason in judged(story).reasons if reason.about == "fault"]
    assert "no visit of the client failed after the loss" == reason.value
    assert Verdict.INCONCLUSIVE is judged(story).verdict


def test_a_further_fault_of_the_plan_that_was_not_injected_is_inconclusive() -> None:
    story = failover()
    changed = story.plan.model_copy(update={"faults": ("region-dark", "capacity-short")})
    judgement = judge(changed, story.entries, measure(story.entries))
    assert Verdict.INCONCLUSIVE is judgement.verdict
    assert ["capacity-short was never injected"] == [reason.value for reason in judgement.reasons]


def test_on_aws_the_loss_is_noticed_and_need_not_be_injected() -> None:
    story = failover()
    story.entries = [entry for entry in story.entries if entry["kind"] != "fault"]
    assert Verdict.PASSED is judge(plan(site="aws", seed=None), story.entries, measure(story.entries)).verdict


def test_a_measure_without_data_is_inconclusive() -> None:
    story = failover()
    story.entries = [entry for entry in story.entries if entry["kind"] != "observe"]
    (reason,) = judged(story).reasons
    assert "no data for RPO of rows, loss of objects, writers" == reason.value
    assert Verdict.INCONCLUSIVE is judged(story).verdict


def test_a_step_that_failed_fails_the_drill_though_what_followed_was_never_measured() -> None:
    story = failover(until="baseline")
    story.tell("fault", fault="region-dark", side="home", on=True)
    story.answers["home"] = ""
    story.step("detect-loss", 20)
    story.leads = "recovery"
    story.step("promote", 300, outcome="failed", text="InvalidDBInstanceState")
    assert Verdict.FAILED is judged(story).verdict
    assert {"step promote", "steps not taken", "measures"} == set(abouts(story))


def test_a_run_that_was_cut_short_is_inconclusive_and_says_to_resume() -> None:
    story = failover()
    cut = next(place for place, entry in enumerate(story.entries) if entry["data"].get("step") == "declare")
    story.entries = story.entries[:cut]
    (reason,) = judged(story).reasons
    assert "1 of 16 did not end: declare" == reason.value
    assert "Resume" in reason.remedy


def test_writes_that_stayed_away_beyond_the_target_fail_it() -> None:
    story = failover(until="baseline")
    story.tell("fault", fault="region-dark", side="home", on=True)
    story.answers["home"] = ""
    story.passes(1000)
    values = {reason.about: reason.value for reason in judged(story).reasons}
    assert "not back 1000 s after they went" == values["RTO of writes"]
    assert "no data for RPO of rows, loss of objects, writers" == values["measures"], "a long wait is data"


def test_a_switchover_that_loses_nothing_passes_and_one_lost_row_fails_it() -> None:
    assert Verdict.PASSED is judged(switchover()).verdict
    assert Verdict.FAILED is judged(switchover(lost=1)).verdict
    assert ["rows lost"] == abouts(switchover(lost=1))


def test_a_failover_may_lose_within_its_target() -> None:
    story = failover()
    story.sees("markers", "markers-found", found(lost=3, seconds=15))
    assert Verdict.PASSED is judged(story).verdict


def test_an_object_lost_fails_a_planned_move_alone() -> None:
    stories = {Verdict.FAILED: switchover(), Verdict.PASSED: failover()}
    for verdict, story in stories.items():
        story.sees("markers", "markers-found", found(objects_lost=1))
        assert verdict is judged(story).verdict


def test_two_writers_fail_any_drill_even_if_the_fault_never_happened() -> None:
    for story in (failover(), never_lost()):
        story.sees("", "at-most-one-writer", {"writers": 2}, holds=False)
        assert Verdict.FAILED is judged(story).verdict
        assert "writers" in abouts(story)


def test_stores_that_differ_fail_it_and_a_failback_needs_to_have_compared_them() -> None:
    story = failover()
    story.sees("markers", "stores-agree", {}, holds=False)
    assert "stores" in abouts(story)
    moved = again(switchover(), plan(Kind.FAILBACK, rows=()))
    assert ["no data for agreement of stores"] == [reason.value for reason in judged(moved).reasons]


def test_a_stop_fails_a_run_unless_it_was_resumed_and_ended_well() -> None:
    story = failover()
    story.tell("stop", probe="recovery-answers", text="us-west-2 does not answer")
    assert Verdict.FAILED is judged(story).verdict
    assert ["stop condition"] == abouts(story)
    story.tell("resume")
    assert Verdict.PASSED is judged(story).verdict


def test_an_abort_is_inconclusive() -> None:
    story = failover()
    story.tell("abort", text="home came back")
    assert Verdict.INCONCLUSIVE is judged(story).verdict
    assert ["abort"] == abouts(story)


def test_a_step_that_is_only_to_be_noted_decides_nothing() -> None:
    noted = Step(
        id="noted",
        phase=Phase.VERIFY,
        title="noted",
        side="home",
        postcondition=Condition(probe="ready"),
        timeout_seconds=5,
        on_timeout="note",
    )
    story = failover()
    for note, verdict in (("note", Verdict.PASSED), ("fail", Verdict.FAILED)):
        step = noted.model_copy(update={"on_timeout": note})
        told = again(story, story.plan.model_copy(update={"steps": (*story.plan.steps, step)}))
        told.entries = list(story.entries)
        told.ends("noted", 5, "failed", "it does not hold")
        assert verdict is judge(told.plan, told.entries, measure(told.entries)).verdict


def test_what_a_run_writes_at_its_end_is_the_judgement_and_does_not_change_it() -> None:
    story = failover(behind=900)
    ending = conclude(story.plan, story.entries)
    assert judged(story).verdict is ending.verdict
    assert tuple(reason.text for reason in judged(story).reasons) == ending.reasons
    assert 900 == ending.measures["rows"]["seconds"]
    assert "visits" not in ending.measures
    story.tell("measure", **ending.measures)
    for finding in ending.findings:
        story.tell("finding", **finding)
    story.tell("end", verdict=ending.verdict, reasons=list(ending.reasons))
    assert ending == conclude(story.plan, story.entries), "findings do not add up when a run is resumed"
    assert ending.findings


def test_readiness_needs_its_steps_and_no_client() -> None:
    rows = (("parity", "verify", "recovery is like home", "recovery", 60),)
    story = Story(plan(Kind.READINESS, rows))
    assert Verdict.INCONCLUSIVE is judged(story).verdict
    story.step("parity", 1)
    assert Verdict.PASSED is judged(story).verdict


@pytest.mark.parametrize(
    ("outcome", "on_timeout", "verdict"),
    [
        ("inconclusive", "note", Verdict.PASSED),
        ("inconclusive", "fail", Verdict.INCONCLUSIVE),
        ("failed", "note", Verdict.FAILED),
    ],
)
def test_a_check_that_is_noted_is_not_judged_for_want_of_data_but_for_what_it_finds(
    outcome: str, on_timeout: str, verdict: Verdict
) -> None:
    rows = (("check-quotas", "detect", "quotas", "recovery", 0), ("check-keys", "detect", "keys", "recovery", 0))
    made = plan(Kind.READINESS, rows, stops=())
    first, second = made.steps
    check = Condition(probe="parity", arguments={"check": "quotas"})
    first = first.model_copy(update={"on_timeout": on_timeout, "postcondition": check})
    story = Story(made.model_copy(update={"steps": (first, second)}), answers={})
    story.begins("check-quotas")
    story.ends("check-quotas", 0, outcome, "nobody says")
    story.begins("check-keys")
    story.ends("check-keys", 0)
    found = judged(story)
    assert verdict == found.verdict
    told = "1 of 2 steps ended well" in found.reasons[0].text and "check-quotas" in found.reasons[0].text
    assert told is (verdict is Verdict.PASSED)
