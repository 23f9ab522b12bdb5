"""The alarms on what ties a cell's sides together: replication of buckets, and the switch. Pure.

S3 reports delay and backlog in the region of the *destination*, and what it gave up in that of the source: so each is
an alarm of the side where it is reported, and delay is told of where the source's loss cannot silence it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from components.observability.model import (
    MINUTE,
    Alarm,
    Comparison,
    Metric,
    Severity,
    Silence,
    Threshold,
    Treatment,
    Unit,
)
from components.observability.watched import Arriving, Leaving, Switch
from domain import switch as figures
from domain.alarms import Profile

_S3: Final = "AWS/S3"
# What replication time control moves: at most one gigabit a second, unless a quota was raised. A longer queue than it
# moves in its time is behind whatever happens. Source: S3 guide, "Using S3 Replication Time Control", read November
# 2026.
BYTES_A_SECOND: Final = 1_000_000_000 // 8
# Three of five minutes: one slow object is no alarm, and metrics are delivered as best S3 can.
_BREACHES, _PERIODS = 3, 5


def leaving(it: Leaving, _: Profile) -> Iterator[Alarm]:
    """Whether S3 gave an object up: a wrong key or right shows nowhere else."""
    failed = Metric(
        namespace=_S3,
        name="OperationsFailedReplication",
        dimensions=it.dimensions,
        statistic="Sum",
        period=5 * MINUTE,
    )
    yield Alarm(
        owner=it.key,
        key="failed",
        metrics={"failed": failed},
        comparison=Comparison.ABOVE,
        threshold=Threshold(0, Unit.COUNT),
        breaches=1,
        of=1,
        silence=Silence(Treatment.FINE, "a failure is an event: where none is told of, none was"),
        meaning=f"S3 could not replicate objects of {it.part} to {it.to}, and does not try again.",
        section="replication",
    )


def arriving(it: Arriving, _: Profile) -> Iterator[Alarm]:
    """Whether replicas arrive within the time that S3 is to keep."""
    minutes = it.within // MINUTE
    for key, name, threshold, meaning in (
        (
            "late",
            "ReplicationLatency",
            Threshold(it.within.total_seconds(), Unit.SECONDS),
            f"replicas are more than {minutes} minutes behind: a failover now would lose that much",
        ),
        (
            "pending",
            "BytesPendingReplication",
            Threshold(BYTES_A_SECOND * it.within.total_seconds(), Unit.BYTES),
            f"more waits to be replicated than S3 moves in {minutes} minutes",
        ),
    ):
        # The maximum is the only statistic that S3 gives a meaning to.
        measured = Metric(namespace=_S3, name=name, dimensions=it.dimensions, statistic="Maximum")
        yield Alarm(
            owner=it.key,
            key=key,
            metrics={"measured": measured},
            comparison=Comparison.ABOVE,
            threshold=threshold,
            breaches=_BREACHES,
            of=_PERIODS,
            silence=Silence(Treatment.UNCHANGED, "an idle bucket may report nothing, as a lost source does"),
            meaning=f"Of {it.part} from {it.source}, {meaning}.",
            section="replication",
        )


def turned(it: Switch) -> Alarm:
    """Whether a cell is failed over on purpose. A health check of Route 53 follows it.

    One long period, which CloudWatch looks at anew every minute: the first 1 in it turns the switch on, and a period
    without any has to pass before it is off. "1 of 5 short periods" would say the same, but Route 53 reads the metric
    by itself and does not support alarms of that kind, nor those of high resolution.
    """
    set_to = Metric(
        namespace=figures.NAMESPACE,
        name=figures.METRIC,
        dimensions={figures.DIMENSION: it.cell},
        statistic="Maximum",
        period=timedelta(seconds=figures.HOLD_SECONDS),
    )
    return Alarm(
        owner=it.key,
        key="switch",
        metrics={"set": set_to},
        comparison=Comparison.REACHED,
        threshold=Threshold(figures.ON, Unit.COUNT),
        breaches=1,
        of=1,
        silence=Silence(Treatment.UNCHANGED, "missing data is no word from anybody: the switch stays as it was"),
        severity=Severity.PAGE,
        meaning=f"Cell {it.cell} is failed over: its users are led to recovery.",
        section="switch",
    )


def switch(it: Switch, _: Profile) -> Iterator[Alarm]:
    """The switch, which is the same in every profile."""
    yield turned(it)
