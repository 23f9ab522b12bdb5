"""Whether recovery could take over now: every parity check, and nothing is changed. Pure."""

from __future__ import annotations

from ops.drill.model import Kind, Plan
from ops.drill.plans import steps
from ops.drill.plans.arithmetic import PlanError
from ops.drill.plans.parts import Recipe


def build(recipe: Recipe) -> Plan:
    """The plan. Nothing is changed, so nothing is watched that would stop it.

    Raises:
        PlanError: there is nothing to check.
    """
    if not recipe.checks:
        raise PlanError("a plan of readiness without checks shows nothing; give the names of the parity checks")
    return recipe.plan(Kind.READINESS, steps.checks(recipe), stops=())
