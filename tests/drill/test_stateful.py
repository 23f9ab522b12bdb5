"""Drills under faults and kills that nobody has thought of: what holds whatever happens, by what truly happened."""

from __future__ import annotations

from functools import cache
from typing import Final

import hypothesis
import pytest
from hypothesis import strategies as st

from ops.drill.model import Kind, Outcome, Verdict
from ops.drill.taken import WELL
from ops.sandbox.physics.faults import FAULTS
from tests.drill.inside import Drilled, Spell, bench
from tests.support import HOME, RECOVERY

pytestmark = pytest.mark.slow("dozens of whole drills under generated faults and kills; test_whole has one of each")

HOME_DB, RECOVERY_DB = "medical-us-use2-db-1", "medical-us-usw2-db-1"
_EXAMPLES: Final = 6
# An example is a whole drill: to make it smaller would take minutes, and it says what it is as it stands.
_RULES: Final = hypothesis.settings(
    max_examples=_EXAMPLES, phases=[hypothesis.Phase.explicit, hypothesis.Phase.reuse, hypothesis.Phase.generate]
)
_MOST_PLACES: Final = 900
"""More places where a kill could strike than there are in a drill; one beyond the last strikes nowhere."""
_SIDES: Final = {fault.name: ("home", "recovery") if fault.side else ("",) for fault in FAULTS.values()}

KILLS = st.lists(st.integers(min_value=1, max_value=_MOST_PLACES), max_size=3)
PAUSES = st.integers(min_value=0, max_value=300)
# A client that keeps an old answer writes wherever that leads: `test_whole` shows what a drill says of it.
FAULTY = st.sampled_from(sorted(set(_SIDES) - {"stale-dns"}))


@st.composite
def spells(draw: st.DrawFn) -> Spell:
    """A fault at any time of a drill, for any time."""
    fault = draw(FAULTY)
    return Spell(
        fault=fault,
        side=draw(st.sampled_from(_SIDES[fault])),
        at=draw(st.integers(min_value=1, max_value=700)),
        lasts=draw(st.integers(min_value=5, max_value=600)),
    )


SPELLS = st.lists(spells(), max_size=3, unique_by=lambda spell: (spell.fault, spell.side))


@cache
def unbroken(kind: Kind) -> Drilled:
    with bench() as made:
        return made.run(made.plan(kind))


def well(found: Drilled) -> dict[str, str]:
    return {step: "well" if outcome in WELL else str(outcome) for step, outcome in found.outcomes.items()}


def require_one_writer(found: Drilled) -> None:
    """Never two, but for the stated case: the lost home was not fenced, on record, and is lit again.

    Even then it takes no write of a user: the switch has led them away before anything was promoted.
    """
    promoted = [at for at, facts in found.happened("promoted") if facts["region"] == RECOVERY]
    if Outcome.OVERRIDDEN is not found.outcomes.get("fence-home"):
        assert () == found.overlaps
    if promoted:
        rows = [at for at, facts in found.happened("row") if facts["region"] == HOME and at > promoted[0]]
        assert [] == rows, "home has taken a user's write beside another writer"


@_RULES
@hypothesis.given(spells=SPELLS, kills=KILLS, pause=PAUSES)
def test_whatever_befalls_a_failover_there_is_one_writer_and_a_journal(
    spells: list[Spell], kills: list[int], pause: int
) -> None:
    with bench(kills=kills) as made:
        found = made.run(made.plan(Kind.FAILOVER), spells, pause)
    require_one_writer(found)
    assert found.complete
    assert len(found.happened("promoted")) <= 1


@_RULES
@hypothesis.given(spells=SPELLS, kills=KILLS, pause=PAUSES)
def test_whatever_befalls_a_switchover_no_acknowledged_marker_is_lost(
    spells: list[Spell], kills: list[int], pause: int
) -> None:
    with bench(kills=kills) as made:
        found = made.run(made.plan(Kind.SWITCHOVER), spells, pause)
    require_one_writer(found)
    assert found.complete
    leads = RECOVERY_DB if found.happened("promoted") else HOME_DB
    assert found.acknowledged <= found.rows[leads], "a planned switch loses nothing, wherever it was broken off"


@_RULES
@hypothesis.given(kind=st.sampled_from([Kind.FAILOVER, Kind.SWITCHOVER]), kills=KILLS)
def test_a_resumed_run_ends_like_an_unbroken_one(kind: Kind, kills: list[int]) -> None:
    with bench(kills=kills) as made:
        found = made.run(made.plan(kind))
    whole = unbroken(kind)
    assert Verdict.PASSED is whole.verdict
    assert (whole.verdict, well(whole), whole.writers) == (found.verdict, well(found), found.writers)
    assert found.complete
