"""Whether a plan can keep its cell's targets: the sum of the time-outs on the way to writes. Pure.

A step is taken to last until its time-out. One that counts from an earlier step's beginning runs alongside what lies
between, and adds only what is left of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from ops.drill.model import Kind, Plan, Step

WAYS: Final = MappingProxyType(
    {
        Kind.FAILOVER: ("detect-loss", "users-write"),
        Kind.SWITCHOVER: ("fence-home", "users-write"),
        Kind.FAILBACK: ("fence-recovery", "users-write"),
    }
)
"""The first and the last step in whose time nobody can write, by the kind of plan."""


class PlanError(ValueError):
    """A plan that cannot be made, or that cannot keep the targets; the message says what to change."""


@dataclass(frozen=True, kw_only=True)
class Share:
    """The seconds that a step adds to the way, at most."""

    step: str
    seconds: int


def way(plan: Plan) -> tuple[Share, ...]:
    """What each step on the plan's way to writes adds; empty for a kind that takes writes from nobody."""
    if plan.kind not in WAYS:
        return ()
    first, last = WAYS[plan.kind]
    names = [step.id for step in plan.steps]
    return shares(plan.steps[names.index(first) : names.index(last) + 1])


def shares(steps: Sequence[Step]) -> tuple[Share, ...]:
    """What each of `steps` adds to their sum; what counts from a step before them counts from their beginning."""
    begins: dict[str, int] = {}
    now = 0
    found = []
    for step in steps:
        begins[step.id] = now
        ends = max(now, begins.get(step.since or step.id, 0) + step.timeout_seconds)
        found.append(Share(step=step.id, seconds=ends - now))
        now = ends
    return tuple(found)


def kept(plan: Plan) -> Plan:
    """`plan`, if its time-outs on the way to writes add up to no more than the target.

    Raises:
        PlanError: they add up to more.
    """
    found = way(plan)
    total = sum(share.seconds for share in found)
    if total <= plan.targets.writes_seconds:
        return plan
    largest = max(found, key=lambda share: share.seconds)
    raise PlanError(
        f"the time-outs until writes are back add up to {total} s, and cell {plan.cell} has a target of "
        f"{plan.targets.writes_seconds} s; the largest is {largest.step} with {largest.seconds} s: raise "
        f"writesTargetSeconds, or plan with fewer seconds for the decision (now {plan.decision_seconds})"
    )
