"""What patient journeys promise, held against what a drill has measured. Pure: a part of `ops.drill.verdict`."""

from __future__ import annotations

from collections.abc import Iterator

from ops.drill.measure import JOURNEYS_PROBE
from ops.drill.measures import Measures
from ops.drill.model import Kind, Plan, Verdict
from ops.drill.reason import Reason


def awaited(plan: Plan) -> tuple[str, ...]:
    """The journeys that the run of `plan` was to see back."""
    waits = any(step.postcondition.probe == JOURNEYS_PROBE for step in plan.steps)
    return tuple(plan.targets.journeys) if waits else ()


def kept(plan: Plan, measures: Measures) -> Iterator[Reason]:
    """What each journey promises: the time in which it works again, and of its writing what a marker stands for."""
    lost = measures.rows.seconds
    for name in awaited(plan):
        promised, walk = plan.targets.journeys[name], measures.journeys.walks.get(name)
        if walk is not None and walk.seconds > promised.rto_seconds:
            yield Reason(
                verdict=Verdict.FAILED,
                about=f"RTO of the journey {name}",
                value=f"walked with success after {walk.seconds:g} s",
                rule=f"at most {promised.rto_seconds} s",
                remedy="Bring writes back sooner, lower canaryMinutes, or change rtoSeconds and tell those concerned",
            )
        if plan.kind is Kind.FAILOVER and lost is not None and lost > promised.rpo_seconds:
            yield Reason(
                verdict=Verdict.FAILED,
                about=f"RPO of the journey {name}",
                value=f"{lost:g} s of writing lost",
                rule=f"at most {promised.rpo_seconds} s",
                remedy="See what kept the replica behind, or change rpoSeconds and tell those whom it was promised to",
            )
