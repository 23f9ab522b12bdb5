"""The runner on a cell small enough to be seen whole: order, time, faults of every kind, and kills anywhere."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ops.drill import journal
from ops.drill.journal import Entry
from ops.drill.model import Action, Condition, Kind, Outcome, Phase, Plan, Step, Verdict
from ops.drill.plans import build
from ops.drill.taken import WELL, at, taken
from tests.drill.recipes import recipe
from tests.drill.tiny import PROMOTION, START, KilledError, Tiny, nothing, run

FAILOVER = build(Kind.FAILOVER, recipe())
SWITCHOVER = build(Kind.SWITCHOVER, recipe(checks=()))


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one: hundreds of journals are written, and each entry waits for the disk."""
    memory = Path("/dev/shm")  # noqa: S108 - a folder of its own is made in it
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else tmp_path) as made:
        yield Path(made)


@pytest.fixture
def path(folder: Path) -> Path:
    return folder / "journal.jsonl"


def outcomes(entries: list[Entry]) -> dict[str, Outcome | None]:
    return {step.id: step.outcome for step in taken(entries)}


def kinds(entries: list[Entry], kind: str) -> list[Any]:
    return [entry["data"] for entry in entries if entry["kind"] == kind]


def small(*steps: Step, **changes: Any) -> Plan:  # noqa: ANN401 - any field's value
    return FAILOVER.model_copy(update={"steps": steps, **changes})


def step(name: str, probe: str, timeout: int = 30, **changes: Any) -> Step:  # noqa: ANN401 - as above
    given = {"id": name, "phase": Phase.VERIFY, "title": name, "side": "home", "timeout_seconds": timeout}
    arguments = changes.pop("arguments", {"side": "home"})
    return Step.model_validate({**given, "postcondition": Condition(probe=probe, arguments=arguments), **changes})


FENCE = {"action": Action(name="fence", arguments={"side": "home"}), "undo": "lift the fence"}


def test_a_failover_passes_and_leaves_one_writer(path: Path) -> None:
    tiny = Tiny()
    ending, entries = run(FAILOVER, tiny, path)
    assert (Verdict.PASSED, "") == (ending.verdict, ending.stopped_in)
    assert (["recovery"], True, True) == (tiny.writers, tiny.switched, tiny.declared)
    assert Outcome.OVERRIDDEN == outcomes(entries)["fence-home"], "home was dark, and that is recorded"
    told = next(data["text"] for data in kinds(entries, "step-end") if data["step"] == "fence-home")
    assert "must be before anything else" in told
    assert journal.verify(path).complete
    assert ("begin", "end") == (entries[0]["kind"], entries[-1]["kind"])
    assert [step.id for step in FAILOVER.steps] == [step.id for step in taken(entries)]


def test_a_switchover_fences_first(path: Path) -> None:
    tiny = Tiny()
    ending, entries = run(SWITCHOVER, tiny, path)
    assert Verdict.PASSED is ending.verdict
    assert ["grow", "fence", "promote", "turn-switch", "write-config"] == tiny.calls
    assert Outcome.DONE is outcomes(entries)["fence-home"]


def test_the_same_drill_writes_the_same_journal(folder: Path) -> None:
    for name in ("a", "b"):
        run(FAILOVER, Tiny(), folder / name)
    assert (folder / "a").read_bytes() == (folder / "b").read_bytes()


def test_each_call_is_in_the_journal_before_it_is_made(path: Path) -> None:
    seen: list[str] = []
    run(SWITCHOVER, Tiny(), path, seen.append)
    for name in ("fence", "promote"):
        place = seen.index(f"before {name}")
        assert "after entry act" == seen[place - 1]
        assert "before entry acted" == seen[place + 2]


def test_what_already_holds_is_not_done_again(path: Path) -> None:
    tiny = Tiny(fenced={"home"})
    plan = small(step("fence", "fenced", **FENCE))
    _ending, entries = run(plan, tiny, path)
    assert ({"fence": Outcome.ALREADY}, []) == (outcomes(entries), tiny.calls)


def test_waiting_ends_as_soon_as_the_condition_holds_and_the_user_goes_on_meanwhile(path: Path) -> None:
    tiny = Tiny()
    _ending, entries = run(SWITCHOVER, tiny, path)
    promote = next(found for found in taken(entries) if found.id == "promote")
    assert promote.ended
    assert PROMOTION.total_seconds() <= (promote.seconds or 0) <= PROMOTION.total_seconds() + 10
    visits = [
        entry for entry in entries if entry["kind"] == "client" and str(promote.began) < entry["at"].replace("T", " ")
    ]
    assert len(visits) >= PROMOTION.total_seconds() // 5, "a poll of ten seconds leaves no visit out"
    samples = [entry["at"] for entry in entries if entry["kind"] == "sample"]
    assert len(samples) >= (tiny.now - START).total_seconds() // 70


@pytest.mark.parametrize(
    ("changes", "outcome", "verdict"),
    [
        ({}, Outcome.FAILED, Verdict.FAILED),
        ({"on_timeout": "inconclusive"}, Outcome.INCONCLUSIVE, Verdict.FAILED),
        ({"on_timeout": "note"}, Outcome.FAILED, Verdict.FAILED),
    ],
)
def test_time_that_is_up_ends_a_step_as_its_plan_says(
    path: Path, changes: dict[str, str], outcome: Outcome, verdict: Verdict
) -> None:
    tiny = Tiny()
    plan = small(step("wait", "fenced", timeout=30, **changes), step("next", "home-answers"))
    ending, entries = run(plan, tiny, path)
    assert (outcome, verdict) == (outcomes(entries)["wait"], ending.verdict)
    assert ("next" in outcomes(entries)) == (changes.get("on_timeout") == "note"), "only what is noted lets it go on"
    assert START + timedelta(seconds=30) == tiny.now


def test_a_region_that_cannot_be_reached_stops_the_drill_unless_the_plan_says_to_proceed(folder: Path) -> None:
    plan = small(step("fence", "fenced", **FENCE))
    ending, entries = run(plan, Tiny(dark={"home"}), folder / "stop")
    assert (Outcome.FAILED, "fence") == (outcomes(entries)["fence"], ending.stopped_in)
    proceeding = small(step("fence", "fenced", **FENCE, on_unreachable="proceed", override="home is gone"))
    ending, entries = run(proceeding, Tiny(dark={"home"}), folder / "proceed")
    assert (Outcome.OVERRIDDEN, Verdict.PASSED) == (outcomes(entries)["fence"], ending.verdict)
    assert [data["action"] for data in kinds(entries, "act")], "it was tried all the same"
    reachable = small(step("fence", "fenced", on_unreachable="proceed", override="home is gone"))
    _ending, entries = run(reachable, Tiny(), folder / "reachable")
    assert Outcome.FAILED is outcomes(entries)["fence"], "whoever answers is not overridden"


def test_a_call_waits_for_its_precondition(path: Path) -> None:
    tiny = Tiny(backing_up=True)
    backed_up: list[timedelta] = []

    def ends_backup(where: str) -> None:
        begun = [entry for entry in path.read_text().splitlines() if '"step":"promote"' in entry]
        if where == "before entry client" and len(begun) > 1 and tiny.backing_up:
            tiny.backing_up = False
            backed_up.append(tiny.now - START)

    ending, entries = run(SWITCHOVER, tiny, path, ends_backup)
    assert (1, 1, Verdict.PASSED) == (len(backed_up), tiny.calls.count("promote"), ending.verdict)
    assert [False, True] == [data["holds"] for data in kinds(entries, "observe") if data["probe"] == "may-promote"]


def test_a_refused_call_is_made_again_at_the_next_poll(path: Path) -> None:
    tiny = Tiny(backing_up=True)
    plan = small(step("promote", "promoted", 300, action=Action(name="promote"), undo="none"), stops=())

    def ends_backup(where: str) -> None:
        if where == "before promote" and tiny.now > START + timedelta(seconds=20):
            tiny.backing_up = False

    _ending, entries = run(plan, tiny, path, ends_backup)
    assert Outcome.DONE is outcomes(entries)["promote"]
    assert (1, 6) == (tiny.calls.count("promote"), len(kinds(entries, "act")))
    assert "InvalidDBInstanceState" in next(d["text"] for d in kinds(entries, "observe") if d["probe"] == "promote")


def test_capacity_that_never_comes_fails_the_drill_and_still_brings_writes_back(path: Path) -> None:
    tiny = Tiny(capacity=1)
    ending, entries = run(FAILOVER, tiny, path)
    assert (Verdict.FAILED, Outcome.FAILED) == (ending.verdict, outcomes(entries)["in-service"])
    assert outcomes(entries)["users-write"] in WELL, "past the point of no return the only way is on"
    assert ["recovery"] == tiny.writers


def test_capacity_that_never_comes_keeps_a_planned_switch_from_being_begun(path: Path) -> None:
    tiny = Tiny(capacity=1)
    ending, _entries = run(SWITCHOVER, tiny, path)
    assert ("in-service", ["grow"], ["home"]) == (ending.stopped_in, tiny.calls, tiny.writers)


def test_a_second_writer_stops_the_drill_and_is_told(path: Path) -> None:
    tiny = Tiny()

    def home_returns(where: str) -> None:
        if where == "before entry step-end" and tiny.promoted:
            tiny.dark.clear()

    ending, entries = run(FAILOVER, tiny, path, home_returns)
    assert Verdict.FAILED is ending.verdict
    assert ["at-most-one-writer"] == [data["probe"] for data in kinds(entries, "stop")]
    assert "declare" not in outcomes(entries)


def test_a_stop_that_names_a_step_is_watched_from_its_end_on(path: Path) -> None:
    stop = Condition(probe="home-answers", arguments={"after": "back"})
    lift = Action(name="lift", arguments={"side": "home", "fault": "region-dark"})
    back = step("back", "home-answers", action=lift, undo="none")
    plan = small(back, step("wait", "fenced"), stops=(stop,))
    tiny = Tiny(dark={"home"})
    _ending, entries = run(plan, tiny, path)
    assert (Outcome.DONE, []) == (outcomes(entries)["back"], kinds(entries, "stop"))


def test_metrics_that_are_not_there_are_asked_again_only_when_due(path: Path) -> None:
    _ending, entries = run(small(step("wait", "fenced", timeout=90)), Tiny(), path)
    assert [0, 60] == [
        (found - START).total_seconds() for found in map(at, [e for e in entries if e["kind"] == "sample"])
    ]


class KillAt:
    """Kills at the place with a number, once."""

    def __init__(self, place: int) -> None:
        """Count down from `place`."""
        self.left = place
        self.where = ""

    def __call__(self, where: str) -> None:
        self.left -= 1
        if self.left == 0:
            self.where = where
            raise KilledError(where)


def places(plan: Plan, path: Path) -> list[int]:
    """The places where a kill could strike: after each entry, and around each call.

    Before an entry it is as after the one before it. Of the user's visits a few are like all others.
    """
    seen: list[str] = []
    run(plan, Tiny(visit_seconds=15), path, seen.append)
    left_out = ("before entry", "after entry client", "after entry sample")
    return [place for place, where in enumerate(seen, start=1) if not where.startswith(left_out) or place % 40 == 0]


def killed(plan: Plan, tiny: Tiny, path: Path, hook: Callable[[str], None]) -> None:
    with pytest.raises(KilledError):
        run(plan, tiny, path, hook)


@pytest.mark.parametrize("kind", [Kind.FAILOVER, Kind.SWITCHOVER])
def test_a_drill_killed_anywhere_and_resumed_ends_like_an_unbroken_one(kind: Kind, folder: Path) -> None:
    plan = build(kind, recipe(checks=(), decision_seconds=10))
    whole = Tiny(visit_seconds=15)
    unbroken, entries = run(plan, whole, folder / "whole")
    expected = (unbroken.verdict, whole.state(), outcomes(entries).keys())
    assert Verdict.PASSED is unbroken.verdict
    for place in places(plan, folder / "count"):
        tiny, path, kill = Tiny(visit_seconds=15), folder / f"{place}", KillAt(place)
        killed(plan, tiny, path, kill)
        ending, entries = run(plan, tiny, path, nothing)
        assert expected == (ending.verdict, tiny.state(), outcomes(entries).keys()), f"killed {kill.where} ({place})"
        assert journal.verify(path).complete
        assert 1 == tiny.calls.count("promote"), "what was taken is not done again"


def test_a_drill_killed_again_and_again_still_arrives(path: Path) -> None:
    tiny = Tiny()
    for _kill in range(200):
        try:
            ending, _entries = run(SWITCHOVER, tiny, path, KillAt(37))
        except KilledError:
            assert len(tiny.writers) <= 1
            continue
        assert (Verdict.PASSED, ["recovery"]) == (ending.verdict, tiny.writers)
        return
    pytest.fail("it never arrived")


def test_after_a_resume_time_counts_from_the_recorded_beginning_and_leaves_one_poll(path: Path) -> None:
    tiny = Tiny()
    plan = small(step("wait", "fenced", timeout=60))
    killed(plan, tiny, path, KillAt(12))
    tiny.now += timedelta(hours=1)
    resumed = tiny.now
    ending, entries = run(plan, tiny, path)
    assert (Verdict.FAILED, resumed) == (ending.verdict, tiny.now)
    asked = [entry for entry in entries if entry["kind"] == "observe" and entry["data"]["probe"] == "fenced"]
    assert resumed.isoformat(timespec="milliseconds") == asked[-1]["at"], "it was asked once more all the same"
    tiny.fenced.add("home")
    ending, _entries = run(plan, tiny, path)
    assert Verdict.PASSED is ending.verdict, "what has failed can be taken up again"
