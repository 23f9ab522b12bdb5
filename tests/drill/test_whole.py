"""Whole drills against the real physics: what each kind shows, honest verdicts, and the mistakes of real failovers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Final

import pytest

from ops.drill.model import Kind, Outcome, Verdict
from ops.drill.taken import WELL
from ops.sandbox.physics.faults import FAULTS
from tests.drill.inside import Drilled, Spell, bench
from tests.support import HOME, RECOVERY

HOME_DB, RECOVERY_DB = "medical-us-use2-db-1", "medical-us-usw2-db-1"
SECRETS = ("not-told",)


@cache
def drilled(kind: Kind, seed: int = 1, faults: tuple[str, ...] = (), checks: tuple[str, ...] = ()) -> Drilled:
    """A drill in a cell of its own; one that was carried out before is not carried out again."""
    return _drilled(kind, seed, faults, checks)


def _drilled(kind: Kind, seed: int = 1, faults: tuple[str, ...] = (), checks: tuple[str, ...] = ()) -> Drilled:
    with bench(seed) as made:
        return made.run(made.plan(kind, faults=faults, checks=checks))


def killed(kind: Kind, kills: Sequence[int]) -> Drilled:
    with bench(kills=kills) as made:
        return made.run(made.plan(kind))


@cache
def round_trip() -> tuple[Drilled, Drilled]:
    """A failover, and the way back."""
    with bench() as made:
        away = made.run(made.plan(Kind.FAILOVER))
        return away, made.run(made.failback(away))


def well(found: Drilled) -> dict[str, str]:
    """How each step ended; what was done before a kill is found done after it, which is as well."""
    return {step: "well" if outcome in WELL else str(outcome) for step, outcome in found.outcomes.items()}


# What a drill shows


def test_a_failover_passes_with_its_time_by_phase_and_its_loss() -> None:
    found = drilled(Kind.FAILOVER)
    assert (Verdict.PASSED, (RECOVERY_DB,), ()) == (found.verdict, found.writers, found.overlaps), found.reasons
    for name, target in (("reads", found.plan.targets.reads_seconds), ("writes", found.plan.targets.writes_seconds)):
        recovery = found.measures[name]
        assert 0 < recovery["seconds"] <= target
        assert recovery["seconds"] == pytest.approx(sum(recovery["by_phase"].values()))
    assert {"detect", "promote"} <= set(found.measures["writes"]["by_phase"])
    rows = found.measures["rows"]
    assert rows["lost"] is not None
    assert 0 <= rows["seconds"] <= found.plan.targets.data_loss_seconds
    assert rows["acknowledged"] - rows["found"] == rows["lost"]


def test_a_failover_asks_nothing_of_home_after_its_loss_but_the_fence_and_edits_no_record() -> None:
    found = drilled(Kind.FAILOVER)
    assert Outcome.OVERRIDDEN is found.outcomes["fence-home"], "home is dark, which is recorded"
    assert not [where for where in found.places if "ResourceRecordSet" in where or "HealthCheck" in where]
    (at, _), (promoted, facts) = found.happened("database-passes")[0], found.happened("promoted")[0]
    assert RECOVERY == facts["region"]
    assert at < promoted


@pytest.mark.slow("two more whole drills, to compare with the first")
def test_the_same_seed_writes_the_same_journal_and_another_seed_another() -> None:
    first = drilled(Kind.FAILOVER)
    assert first.text == _drilled(Kind.FAILOVER).text
    other = drilled(Kind.FAILOVER, seed=2)
    assert Verdict.PASSED is other.verdict
    assert [entry["at"] for entry in first.entries] != [entry["at"] for entry in other.entries]


def test_a_switchover_loses_nothing_and_fences_before_it_promotes() -> None:
    found = drilled(Kind.SWITCHOVER)
    assert (Verdict.PASSED, (RECOVERY_DB,), ()) == (found.verdict, found.writers, found.overlaps), found.reasons
    assert found.acknowledged == found.rows[RECOVERY_DB]
    assert (0, 0) == (found.measures["rows"]["lost"], found.measures["objects"]["lost"])
    fenced, promoted = found.happened("fenced")[0], found.happened("promoted")[0]
    assert (HOME, RECOVERY) == (fenced[1]["region"], promoted[1]["region"])
    assert fenced[0] < promoted[0]


@pytest.mark.slow("one more whole drill, with a replica 700 seconds behind")
def test_a_replica_that_is_behind_fails_a_failover_by_what_is_lost() -> None:
    found = drilled(Kind.FAILOVER, faults=("replica-behind:seconds=700",))
    assert Verdict.FAILED is found.verdict
    lost = found.measures["rows"]
    assert lost["seconds"] > found.plan.targets.data_loss_seconds
    assert any(f"RPO of rows: {lost['lost']} rows, {lost['seconds']:g} s of writing" in line for line in found.reasons)
    assert len(found.acknowledged - found.rows[RECOVERY_DB]) >= lost["lost"] > 0, "which is the truth"


def test_a_replica_that_is_behind_keeps_a_switchover_from_being_begun() -> None:
    found = drilled(Kind.SWITCHOVER, faults=("replica-behind:seconds=300",), checks=("replica-lag",))
    assert (Verdict.FAILED, (HOME_DB,)) == (found.verdict, found.writers)
    assert "fence-home" not in found.outcomes
    assert any("behind" in line for line in found.reasons)


def test_a_shortage_of_capacity_fails_a_failover_by_name_and_still_brings_writes_back() -> None:
    found = drilled(Kind.FAILOVER, faults=("capacity-short",))
    assert (Verdict.FAILED, (RECOVERY_DB,)) == (found.verdict, found.writers)
    assert any("sufficient t4g.small capacity" in line for line in found.reasons)
    assert found.outcomes["users-write"] in WELL


def test_a_fault_that_never_happens_shows_nothing() -> None:
    with bench() as made:
        plan = made.plan(Kind.FAILOVER)
        (lose,) = [step for step in plan.steps if step.id == "lose-home"]
        nothing = lose.model_copy(update={"postcondition": plan.steps[0].postcondition})  # it holds beforehand
        steps = tuple(nothing if step is lose else step for step in plan.steps)
        found = made.run(plan.model_copy(update={"steps": steps}))
    assert Verdict.INCONCLUSIVE is found.verdict
    assert any(line.startswith("fault: ") for line in found.reasons)
    assert (HOME_DB,) == found.writers


OFTEN: Final = {"region-dark", "replication-stalled"}
_OTHER: Final = pytest.mark.slow("a whole game day of a fault that the quick ones leave out")


@pytest.mark.parametrize("fault", [pytest.param(fault, marks=() if fault in OFTEN else _OTHER) for fault in FAULTS])
def test_a_game_day_shows_what_must_hold(fault: str) -> None:
    found = _drilled(Kind.GAMEDAY, faults=(fault,))
    assert (Verdict.PASSED, (HOME_DB,), ()) == (found.verdict, found.writers, found.overlaps), found.reasons
    assert [True, False] == [data["on"] for data in found.of("fault")]
    assert found.acknowledged == found.rows[HOME_DB]


# Killed and resumed


_AGAIN: Final = pytest.mark.slow("a whole drill that another kill has broken off")


@pytest.mark.parametrize(
    "shares", [(0.4,), *(pytest.param(shares, marks=_AGAIN) for shares in ((0.01,), (0.7,), (0.5, 0.02, 0.1)))]
)
def test_a_failover_killed_and_resumed_ends_like_an_unbroken_one(shares: tuple[float, ...]) -> None:
    whole = drilled(Kind.FAILOVER)
    found = killed(Kind.FAILOVER, [int(share * len(whole.places)) for share in shares])
    assert len(shares) == len(found.kills)
    assert (whole.verdict, well(whole), whole.writers) == (found.verdict, well(found), found.writers), found.kills
    assert found.complete
    assert () == found.overlaps
    assert 1 == len(found.happened("promoted"))


@pytest.mark.slow("reads all that four whole drills leave, there and back")
def test_every_run_leaves_a_journal_that_verifies_and_no_secret() -> None:
    for found in (drilled(Kind.FAILOVER), drilled(Kind.SWITCHOVER), *round_trip()):
        assert found.complete
        texts = {"journal": found.text.decode(), **found.reports}
        assert {"html", "json", "markdown"} <= set(texts)
        told = [form for form, text in texts.items() for secret in SECRETS if secret in text]
        assert [] == told, "no password is in what a drill leaves"


# What goes wrong in real failovers, where no other test shows it


def test_split_brain_after_a_promotion_without_a_fence_is_found_and_takes_no_users_write() -> None:
    promoted = round(drilled(Kind.FAILOVER).happened("promoted")[0][0])
    with bench() as made:
        lit = Spell(fault="region-dark", side="home", at=60, lasts=promoted - 60 + 5)
        found = made.run(made.plan(Kind.FAILOVER), [lit])
    assert Outcome.OVERRIDDEN is found.outcomes["fence-home"], "nobody could fence home, which is recorded"
    assert found.overlaps, "and it is back, beside the new writer"
    assert Verdict.FAILED is found.verdict
    assert ["at-most-one-writer"] == [data["probe"] for data in found.of("stop")]
    last = [facts["region"] for at, facts in found.happened("row") if at > promoted]
    assert HOME not in last, "the switch leads nobody there"


def test_a_failback_fences_the_old_home_first_and_brings_the_outages_writes_home() -> None:
    away, back = round_trip()
    assert Verdict.PASSED is back.verdict, back.reasons
    assert ["home-back", "fence-old-home"] == list(back.outcomes)[:2]
    assert away.happened("row")[-1][1]["region"] == RECOVERY, "recovery took writes in the outage"
    outage = next(step.id for step in back.plan.steps if step.id.startswith("outage-"))
    assert back.outcomes[outage] in WELL
    assert (("medical-us-use2-db-2",), ()) == (back.writers, after(back, back.happened("fenced")[0][0]))
    assert back.acknowledged == back.rows["medical-us-use2-db-2"], "nothing is lost on the way back"


def test_a_failback_deletes_nothing_and_ends_with_a_replica_again() -> None:
    _, back = round_trip()
    assert {HOME_DB + "-aside", RECOVERY_DB + "-aside", "medical-us-use2-db-2", "medical-us-usw2-db-2"} == set(
        back.instances
    )
    assert not [where for where in back.places if "Delete" in where and "Parameter" not in where]
    assert back.outcomes["rebuild-recovery"] in WELL, "a failover is not over before there is a replica to fail over to"


@pytest.mark.slow("two more whole drills, for a fault of the clients alone")
def test_clients_that_keep_an_answer_beyond_its_ttl_fail_a_failover_and_lose_nothing_in_a_switchover() -> None:
    away = drilled(Kind.FAILOVER, faults=("stale-dns",))
    assert (Verdict.FAILED, (RECOVERY_DB,)) == (away.verdict, away.writers)
    assert any(line.startswith("step users-arrive") for line in away.reasons)
    planned = drilled(Kind.SWITCHOVER, faults=("stale-dns",))
    assert planned.verdict is Verdict.FAILED, "users did not arrive"
    assert planned.acknowledged <= planned.rows[RECOVERY_DB], "and the fence refused what they wrote meanwhile"


def test_what_is_deleted_at_one_side_is_deleted_at_the_other() -> None:
    with bench() as made:
        buckets = {side: made.small.manifest.side(side).buckets["uploads"] for side in ("home", "recovery")}
        home, recovery = made.small.client("s3", HOME), made.small.client("s3", RECOVERY)
        home.put_object(Bucket=buckets["home"], Key="scan", Body=b"scan")
        made.world.advance(600)
        assert ["scan"] == [item["Key"] for item in recovery.list_objects_v2(Bucket=buckets["recovery"])["Contents"]]
        home.delete_object(Bucket=buckets["home"], Key="scan")
        made.world.advance(600)
        assert "Contents" not in recovery.list_objects_v2(Bucket=buckets["recovery"])


def after(found: Drilled, second: float) -> tuple[float, ...]:
    """The seconds with two writers after `second` and the time that a fence takes to be seen."""
    return tuple(at for at in found.overlaps if at > second + 1)
