"""A planned switch from a home that is well to recovery: nothing is lost. Pure.

What takes long and harms nobody is done first: the parity checks and the instances. From the fence on nobody can write.
"""

from __future__ import annotations

from collections.abc import Iterator

from domain.budget import OBJECTS_SECONDS
from ops.drill.model import Kind, Plan, Step
from ops.drill.plans import arithmetic, faults, journeys, parts, steps
from ops.drill.plans.parts import Recipe


def build(recipe: Recipe) -> Plan:
    """The plan.

    Raises:
        PlanError: home does not write, a fault is not known, or the targets cannot be kept.
    """
    if recipe.manifest.writer != "home":
        raise arithmetic.PlanError(
            f"the manifest says that {recipe.manifest.writer} writes: cell {recipe.manifest.cell} has been switched "
            f"before; plan a failback"
        )
    return recipe.plan(Kind.SWITCHOVER, tuple(_steps(recipe)), stops=(*parts.STOPS, parts.HOME_ANSWERS))


def _steps(recipe: Recipe) -> Iterator[Step]:
    yield from faults.circumstances(recipe)
    yield from steps.checks(recipe)
    yield steps.standing("standing", "recovery")
    yield steps.baseline()
    yield steps.decide(recipe)
    yield steps.grow(recipe)
    yield steps.in_service(recipe)
    yield steps.fence("fence-home", "home")
    yield steps.drain("home")
    yield steps.lag_zero("recovery", after="drain")
    yield steps.promote("promote", "recovery")
    yield steps.turn("lead", on=True, title="the switch leads users to recovery")
    yield steps.users_write("recovery", since="lead", timeout=parts.LEAD_SECONDS)
    yield steps.markers("recovery", of="all", most_seconds=0, timeout=OBJECTS_SECONDS)
    yield steps.one_writer()
    yield steps.declare(recipe.state.next)
    yield from journeys.back(recipe, "recovery", since="fence-home")
