"""The way back: home gets a new replica of recovery, and a planned switch leads users home. Pure.

The old home is fenced before anything else, for it may still take itself for the writer. Nothing of it is deleted.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from domain.budget import OBJECTS_SECONDS
from ops.drill.model import Condition, Kind, Phase, Plan, Step
from ops.drill.plans import arithmetic, journeys, parts, steps
from ops.drill.plans.parts import Recipe, act, probe
from ops.drill.stops import AFTER

FENCED: Final = "fence-old-home"
BACK: Final = "home-back"
_BACK_SECONDS: Final = 24 * 3600


def build(recipe: Recipe) -> Plan:
    """The plan.

    Raises:
        PlanError: recovery does not write, home is being rebuilt already, or the targets cannot be kept.
    """
    state = recipe.state
    if state.writer != "recovery" or state.home_generation != state.recovery_generation:
        raise arithmetic.PlanError(
            f"the manifest says {state}, which is '{state.phase.value}': a failback begins when a cell has failed over "
            f"and the stack's file says so; see docs/runbooks/failback.md for what is left to do from there"
        )
    # Until the old home is fenced there may be two, which is what fencing it ends.
    stops = (
        Condition(probe="at-most-one-writer", arguments={AFTER: FENCED}),
        *(stop for stop in parts.STOPS if stop.probe != "at-most-one-writer"),
        Condition(probe=parts.HOME_ANSWERS.probe, arguments={AFTER: BACK}),
    )
    return recipe.plan(Kind.FAILBACK, tuple(_steps(recipe)), stops=stops)


def _steps(recipe: Recipe) -> Iterator[Step]:
    rebuilt = recipe.state.next
    home = rebuilt.next
    yield _back(recipe)
    yield steps.fence(FENCED, "home").model_copy(
        update={"reversal": None, "undo": "never: the old home has missed what was written since"}
    )
    yield steps.baseline("outage-markers")
    yield steps.rebuild("rebuild-home", "home", rebuilt)
    yield steps.standing("home-standing", "home")
    yield steps.decide(recipe)
    yield steps.fence("fence-recovery", "recovery")
    yield steps.drain("recovery")
    yield steps.lag_zero("home", after="drain")
    yield steps.promote("promote-home", "home")
    # Not before: a home that restarts fails its health check, and users would be sent to and fro.
    yield steps.turn("lead-home", on=False, title="the switch leads users home")
    yield steps.ready("home-ready", "home")
    yield steps.users_write("home", since="lead-home", timeout=parts.LEAD_SECONDS)
    yield steps.markers("home", of="all", most_seconds=0, timeout=OBJECTS_SECONDS)
    yield _agree("stores-agree", "of this run")
    for run in recipe.outage:
        yield _agree(f"outage-{run}", f"of {run}", run)
    yield steps.one_writer()
    yield steps.declare(home)
    yield steps.rebuild("rebuild-recovery", "recovery", home.next)
    # Last, for a home without a replica waits for nothing; its canaries have long walked by then.
    yield from journeys.back(recipe, "home", since="fence-recovery")


def _back(recipe: Recipe) -> Step:
    lifted = act("lift", fault="region-dark", side="home") if recipe.simulated else None
    return Step(
        id=BACK,
        phase=Phase.DETECT,
        title="home is back: its region answers",
        side="home",
        action=lifted,
        postcondition=probe("home-answers"),
        timeout_seconds=_BACK_SECONDS,
        undo="a region that is back is not taken away again" if lifted else "",
    )


def _agree(name: str, whose: str, run: str = "") -> Step:
    """Rows and objects are the same on both sides: nothing of the outage is missing at home."""
    return Step(
        id=name,
        phase=Phase.VERIFY,
        title=f"rows and objects {whose} agree on both sides by count and checksum",
        side="home",
        postcondition=probe("stores-agree", run=run) if run else probe("stores-agree"),
        timeout_seconds=OBJECTS_SECONDS,
        poll_seconds=15,
    )
