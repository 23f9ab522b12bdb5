"""The alarms on what each patient journey promises, as a canary walks it. Pure.

A journey that fails turns users away whatever the rest of the side says, so it counts alone; one that is slow is felt.
Both sides have the same alarms. The canary knows what its side owes: the one that writes must take writes, the other
must read, and refuse writes as read-only (`functions/canaries/walk.py`). So after a failover of which the stack has not
been told, the side that took over is well, and the fenced one is impaired until `writer` says what is true.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from components.observability.model import (
    Alarm,
    Comparison,
    Metric,
    Silence,
    Threshold,
    Treatment,
    Unit,
    Weight,
)
from components.observability.watched import Journey
from domain import canaries
from domain.alarms import Profile

# Two of three runs: one lost run is no alarm, and a run may slip from its own period into the next.
_BREACHES, _OF = 2, 3
_SILENCE = Silence(
    Treatment.BREACHING, "a canary that does not run has shown nothing, and a region that is gone sends no data"
)
_SECTION = "journeys"


def journey(it: Journey, _: Profile) -> Iterator[Alarm]:
    """Whether the journey works, and as fast as it promises."""

    def run(name: str, statistic: str) -> Metric:
        return Metric(
            namespace=canaries.NAMESPACE,
            name=name,
            dimensions={canaries.DIMENSION: it.canary},
            statistic=statistic,
            period=timedelta(minutes=it.minutes),
        )

    promised = it.objective
    yield Alarm(
        owner=it.key,
        key=canaries.SUCCESS_ALARM,
        metrics={"succeeded": run(canaries.SUCCESS, "Average")},
        comparison=Comparison.BELOW,
        threshold=Threshold(promised.availability_percent, Unit.PERCENT),
        breaches=_BREACHES,
        of=_OF,
        silence=_SILENCE,
        weight=Weight.ALONE,
        meaning=f"The journey {it.key} fails or is not walked: users do not get through it.",
        section=_SECTION,
    )
    yield Alarm(
        owner=it.key,
        key=canaries.DURATION_ALARM,
        metrics={"longest": run(canaries.DURATION, "p95")},
        comparison=Comparison.ABOVE,
        threshold=Threshold(promised.latency_ms, Unit.MILLISECONDS),
        breaches=_BREACHES,
        of=_OF,
        silence=_SILENCE,
        weight=Weight.SYMPTOM,
        meaning=f"A walk through the journey {it.key} takes longer than it promises.",
        section=_SECTION,
    )
