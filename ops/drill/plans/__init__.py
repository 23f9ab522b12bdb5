"""Plans: what a drill of each kind will do, made before anything is done. Pure."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from ops.drill.model import Kind, Plan
from ops.drill.plans import failback, failover, gameday, readiness, switchover
from ops.drill.plans.arithmetic import PlanError
from ops.drill.plans.parts import Recipe, fingerprint

__all__ = ["PlanError", "Recipe", "build", "fingerprint"]

_BUILDERS: Final = MappingProxyType(
    {
        Kind.READINESS: readiness.build,
        Kind.FAILOVER: failover.build,
        Kind.SWITCHOVER: switchover.build,
        Kind.FAILBACK: failback.build,
        Kind.GAMEDAY: gameday.build,
    }
)


def build(kind: Kind, recipe: Recipe) -> Plan:
    """The plan of `kind` that is made by `recipe`.

    Raises:
        PlanError: there is none that could be carried out or that keeps the cell's targets; the message says why.
    """
    return _BUILDERS[kind](recipe)
