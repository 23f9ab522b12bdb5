"""What is measured of a run: by what a client saw and what was found, and never from what is not there."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ops.drill.measure import measure
from ops.drill.model import Kind, Phase
from tests.drill.journals import FAILOVER, START, Story, failover, found, never_lost, plan, switchover


def test_reads_are_back_when_recovery_first_serves_the_client_after_the_loss() -> None:
    measures = measure(failover().entries)
    assert START + timedelta(seconds=60) == measures.origin
    assert "the fault was injected" == measures.origin_how
    assert 105 == measures.reads.seconds
    assert 405 == measures.writes.seconds


def test_the_phases_add_up_to_the_time_without_writes() -> None:
    writes = measure(failover().entries).writes
    assert writes.seconds == sum(writes.by_phase.values())
    assert {Phase.DETECT: 18, Phase.DECIDE: 120, Phase.FENCE: 94} == {
        phase: writes.by_phase[phase] for phase in (Phase.DETECT, Phase.DECIDE, Phase.FENCE)
    }


def test_a_later_interruption_is_told_beside_the_time_to_recover() -> None:
    reads = measure(failover().entries).reads
    assert reads.again_seconds > 0, "the promotion restarts the database"
    assert reads.again_seconds < 40


def test_rows_lost_are_those_acknowledged_and_not_found() -> None:
    rows = measure(failover(behind=900).entries).rows
    assert (180, 900, 192, 12) == (rows.lost, rows.seconds, rows.acknowledged, rows.found)


def test_objects_that_arrive_before_the_last_look_are_late_and_not_lost() -> None:
    objects = measure(failover().entries).objects
    assert (0, 2) == (objects.lost, objects.late)
    assert (2, 0) == ((lost := measure(failover(behind=900).entries).objects).lost, lost.late)


def test_what_was_not_measured_has_no_value() -> None:
    measures = measure(failover(until="baseline").entries)
    assert measures.reads.seconds is None, "home that was never lost is no recovery in 0 s"
    assert measures.writes.seconds is None
    assert measures.rows.lost is None
    assert measures.objects.lost is None
    assert measures.writers.most is None
    assert measures.stores_agree is None


def test_an_empty_journal_measures_nothing_and_breaks_nothing() -> None:
    measures = measure([])
    assert (None, None, None) == (measures.began, measures.origin, measures.reads.seconds)


def test_a_look_without_values_is_no_look() -> None:
    story = never_lost()
    story.sees("markers", "markers-found", {}, holds=None)
    assert measure(story.entries).rows.lost is None


def test_where_nobody_injects_the_loss_begins_after_the_last_visit_served() -> None:
    entries = [entry for entry in failover().entries if entry["kind"] != "fault"]
    measures = measure(entries)
    assert "the last visit that was served before the loss was noticed" == measures.origin_how
    assert START + timedelta(seconds=60) == measures.origin
    assert 105 == measures.reads.seconds


def test_a_visit_that_home_still_answered_after_the_loss_is_no_recovery() -> None:
    story = Story(plan())
    story.tell("fault", fault="region-dark", side="home", on=True)
    story.passes(10)
    reads = measure(story.entries).reads
    assert reads.seconds is None
    assert 0 == reads.failed


def test_writes_that_never_came_back_say_how_long_was_waited() -> None:
    story = Story(plan())
    story.passes(30)
    story.tell("fault", fault="region-dark", side="home", on=True)
    story.answers["home"] = ""
    story.passes(100)
    writes = measure(story.entries).writes
    assert (None, 100) == (writes.seconds, writes.waited_seconds)


def test_a_planned_move_counts_its_longest_interruption() -> None:
    measures = measure(switchover().entries)
    assert 0 == measures.reads.seconds, "reads were served throughout"
    assert 295 == measures.writes.seconds
    assert "the first moment without writes" == measures.origin_how


def test_an_interruption_that_has_not_ended_outweighs_those_that_have() -> None:
    story = Story(plan(Kind.GAMEDAY))
    story.passes(10)
    for status, length in (("", 60), ("ready", 10), ("", 20)):
        story.answers["home"] = status
        story.passes(length)
    reads = measure(story.entries).reads
    assert (None, 20) == (reads.seconds, reads.waited_seconds)


def test_dns_answers_and_visits_are_told_as_spans_in_order() -> None:
    measures = measure(failover().entries)
    assert ["home", "recovery"] == [span.to for span in measures.answers]
    assert [
        ("acknowledged", "home"),
        ("failed", ""),
        ("reads only", "recovery"),
        ("failed", ""),
        ("acknowledged", "recovery"),
    ] == [(span.sight, span.side) for span in measures.visits]
    assert 111 == sum(span.visits for span in measures.visits) == sum(span.visits for span in measures.answers)


def test_a_lag_without_datapoint_stays_without_and_a_stopped_one_stays_below_zero() -> None:
    lags = [sample.lag_seconds for sample in measure(failover().entries).samples]
    assert {1, None, -1} == set(lags)


def test_one_writer_is_measured_and_a_second_is_seen_by_each_of_its_signs() -> None:
    assert 1 == measure(failover().entries).writers.most
    counted = failover()
    counted.sees("one-writer", "one-writer", {"writers": 2}, holds=False)
    stopped = failover()
    stopped.sees("", "at-most-one-writer", {}, holds=False)
    turns = failover()
    turns.leads, turns.answers["home"] = "home", "ready"
    turns.passes(5)
    assert [2, 2, 2] == [measure(story.entries).writers.most for story in (counted, stopped, turns)]


def test_writers_that_nobody_could_be_asked_about_are_not_two() -> None:
    story = failover()
    story.tell("stop", probe="at-most-one-writer", text="not answered 3 times in a row")
    assert 1 == measure(story.entries).writers.most


def test_the_drills_own_conclusions_change_no_measure() -> None:
    story = failover()
    before = measure(story.entries)
    story.passes(0)
    story.tell("measure", rows={"lost": 9})
    story.tell("finding", severity="high", title="t", text="t", remedy="r")
    story.tell("end", verdict="FAILED", reasons=[])
    assert before == measure(story.entries)


def test_a_step_begun_again_after_a_resume_has_its_first_beginning() -> None:
    story = failover(until="baseline")
    story.begins("decide")
    story.passes(20)
    story.tell("resume")
    story.step("decide", 10)
    story.sees("markers", "markers-found", found())
    assert 0 == measure(story.entries).rows.lost


@settings(max_examples=30, deadline=None)
@given(states=st.lists(st.sampled_from(["ready", "read-only", ""]), min_size=1, max_size=30))
def test_time_without_service_is_never_negative_and_its_phases_always_add_up(states: list[str]) -> None:
    story = Story(plan(Kind.GAMEDAY, FAILOVER))
    names = [step.id for step in story.plan.steps]
    for place, status in enumerate(states):
        story.answers["home"] = status
        story.step(names[place % len(names)], 7)
    for recovery in (measure(story.entries).reads, measure(story.entries).writes):
        if recovery.seconds is None:
            assert recovery.waited_seconds is not None or not recovery.tries
        elif recovery.seconds:
            assert recovery.seconds == pytest.approx(sum(recovery.by_phase.values()))
        else:
            assert not recovery.failed
