"""Alarms on replication that falls behind.

Owns: two alarms for each replicated part of a bucket, on delay and on backlog. S3 reports both in the region of the
*destination*, so they are made there and go to that side's topic, and speak when the source's region cannot.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pulumi
from pulumi_aws import cloudwatch

from components.storage.replication import MINUTES, ReplicationArgs
from domain.naming import ALARM

LATENCY_SECONDS: Final = MINUTES * 60  # what replication time control is designed to keep, for 99.99 % of objects
# What replication time control moves within that time: at most one gigabit a second, unless a quota was raised. A
# longer queue is behind whatever happens. Source: S3 guide, "Using S3 Replication Time Control", read November 2026.
PENDING_BYTES: Final = 1_000_000_000 // 8 * LATENCY_SECONDS

_PERIOD_SECONDS: Final = 60
# Three of five minutes: one slow object is no alarm, and metrics are delivered as best S3 can.
_PERIODS, _BREACHES = 5, 3


@dataclass(frozen=True, kw_only=True)
class _Watch:
    """A metric and the value above which somebody must look."""

    suffix: str
    metric: str
    threshold: int
    meaning: str


_WATCHES: Final = (
    _Watch(
        suffix="late",
        metric="ReplicationLatency",
        threshold=LATENCY_SECONDS,
        meaning=f"replicas are more than {MINUTES} minutes behind: a failover now would lose that much",
    ),
    _Watch(
        suffix="pending",
        metric="BytesPendingReplication",
        threshold=PENDING_BYTES,
        meaning=f"more waits to be replicated than S3 moves in {MINUTES} minutes",
    ),
)


class ReplicationAlarms(pulumi.ComponentResource):
    """The alarms of a replication. Give it the provider of the destination."""

    def __init__(self, name: str, args: ReplicationArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Make the alarms."""
        super().__init__("medical:storage:ReplicationAlarms", name, None, opts)
        for part in args.copies:
            for watch in _WATCHES:
                _build_alarm(name, part, watch, args, pulumi.ResourceOptions(parent=self))
        self.register_outputs({})


def _build_alarm(name: str, part: str, watch: _Watch, args: ReplicationArgs, opts: pulumi.ResourceOptions) -> None:
    destination = args.destination
    cloudwatch.MetricAlarm(
        f"{name}-{part}-{watch.suffix}",
        name=destination.names.of(f"replication-{part}-{watch.suffix}", ALARM),
        alarm_description=f"{part} from {args.source.region}: {watch.meaning}.",
        namespace="AWS/S3",
        metric_name=watch.metric,
        dimensions=args.dimensions(part),
        statistic="Maximum",  # the only one that S3 gives a meaning to
        period=_PERIOD_SECONDS,
        evaluation_periods=_PERIODS,
        datapoints_to_alarm=_BREACHES,
        comparison_operator="GreaterThanThreshold",
        threshold=watch.threshold,
        # A bucket in which nothing happens may report nothing, so silence is no alarm. Nor does it end one: a source
        # that fell silent with objects waiting is still behind.
        treat_missing_data="ignore",
        alarm_actions=[destination.operations_topic],
        ok_actions=[destination.operations_topic],
        opts=opts,
    )
