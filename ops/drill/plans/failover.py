"""An unplanned failover: home is gone, and recovery takes over. Pure.

No step needs home. The one that speaks to it, the fence, is given up after its time, and that is recorded. No step
edits a record of Route 53: the switch is a metric in recovery.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from domain.budget import STEP_SECONDS
from ops.drill.model import Kind, Phase, Plan, Step
from ops.drill.plans import arithmetic, faults, journeys, parts, steps
from ops.drill.plans.parts import Recipe, probe

LED: Final = "lead-away"
# The switch, the capacity and the fence share the fence's part of the budget.
_GROW_SECONDS: Final = 2 * parts.CALL_SECONDS
_UNFENCED: Final = "home does not answer: it is not fenced, and must be before anything else when it is back"


def build(recipe: Recipe) -> Plan:
    """The plan.

    Raises:
        PlanError: home does not write, a fault is not known, or the targets cannot be kept.
    """
    if recipe.manifest.writer != "home":
        raise arithmetic.PlanError(
            f"the manifest says that {recipe.manifest.writer} writes: cell {recipe.manifest.cell} has failed over "
            f"before; plan a failback"
        )
    return recipe.plan(Kind.FAILOVER, tuple(_steps(recipe)))


def _steps(recipe: Recipe) -> Iterator[Step]:
    targets = recipe.manifest.targets
    yield steps.baseline()
    yield from faults.circumstances(recipe)
    yield _lose(recipe)
    yield _detect()
    yield steps.decide(recipe)
    yield steps.turn(LED, on=True, title="the switch leads users to recovery, whatever home looks like")
    yield steps.grow(recipe, since=LED, timeout=_GROW_SECONDS)
    yield steps.fence("home-fence", "home").model_copy(
        update={"id": "fence-home", "since": LED, "on_unreachable": "proceed", "override": _UNFENCED}
    )
    yield _catch_up()
    yield steps.promote("promote", "recovery")
    yield _reads_back(targets.reads_seconds)
    yield steps.in_service(recipe)
    yield _arrive()
    yield steps.ready("writes-ready", "recovery")
    yield steps.users_write("recovery", since="writes-ready", timeout=STEP_SECONDS["verify"])
    yield steps.markers("recovery", of="before", most_seconds=targets.data_loss_seconds, timeout=parts.LOOK_SECONDS)
    yield steps.one_writer()
    yield steps.declare(recipe.state.next)
    yield from journeys.back(recipe, "recovery", since="detect-loss")


def _lose(recipe: Recipe) -> Step:
    if recipe.simulated:
        return faults.inject("lose-home", "region-dark", "home", "home is lost: its region answers nobody")
    return Step(
        id="lose-home",
        phase=Phase.DETECT,
        title="home is lost: whoever runs the drill takes it away, or it is so already",
        side="people",
        postcondition=probe("home-lost", failures=1),
        timeout_seconds=parts.DECLARE_SECONDS,
        on_timeout="inconclusive",
    )


def _detect() -> Step:
    return Step(
        id="detect-loss",
        phase=Phase.DETECT,
        title=f"users notice: {parts.LOST_TRIES} tries at home in a row have failed",
        side="users",
        postcondition=probe("home-lost", failures=parts.LOST_TRIES),
        timeout_seconds=parts.DETECT_SECONDS,
        on_timeout="inconclusive",
    )


def _catch_up() -> Step:
    return Step(
        id="catch-up",
        phase=Phase.FENCE,
        title="the replica has applied what it received: nothing more will come",
        side="recovery",
        postcondition=probe("received-applied", side="recovery"),
        timeout_seconds=STEP_SECONDS["catch up"],
        # To wait for what may never come would cost more than what is lost; the markers tell how much that is.
        on_timeout="note",
    )


def _reads_back(seconds: int) -> Step:
    return Step(
        id="reads-back",
        phase=Phase.ROUTE,
        title="users read from recovery",
        side="users",
        postcondition=probe("users-read", side="recovery"),
        timeout_seconds=seconds,
        since="detect-loss",
        on_timeout="note",
    )


def _arrive() -> Step:
    return Step(
        id="users-arrive",
        phase=Phase.ROUTE,
        title="users have arrived in recovery",
        side="users",
        postcondition=probe("users-read", side="recovery"),
        timeout_seconds=parts.LEAD_SECONDS,
        since=LED,
    )
