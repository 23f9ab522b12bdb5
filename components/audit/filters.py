"""What is counted of what the trail records.

Owns: a metric filter for each watch in `cis`, where the account's management events are recorded. Does not own: the log
group, nor the alarms on what is counted and on the trail's silence, which come of what is `watched` here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import pulumi
from pulumi_aws import cloudwatch

from components.audit import cis
from components.observability.watched import LogGroup, Recorded, Watched
from domain.naming import ALARM, SYSTEM, Names

SILENT: Final = timedelta(hours=1)  # the account's own services are never idle for as long as that
_KEY: Final = "trail"


@dataclass(frozen=True, kw_only=True)
class TrailFiltersArgs:
    """The log group with the management events of the account."""

    names: Names
    log_group: pulumi.Input[str]


class TrailFilters(pulumi.ComponentResource):
    """The counts of a trail with management events."""

    watched: tuple[Watched, ...]

    def __init__(self, name: str, args: TrailFiltersArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Make a filter for each watch."""
        super().__init__("medical:audit:TrailFilters", name, None, opts)
        for watch in cis.WATCHES:
            cloudwatch.LogMetricFilter(
                f"{name}-{watch.name}",
                name=args.names.of(f"{_KEY}-{watch.name}", ALARM),
                log_group_name=args.log_group,
                pattern=watch.pattern,
                metric_transformation=cloudwatch.LogMetricFilterMetricTransformationArgs(
                    name=watch.name, namespace=namespace(args.names), value="1"
                ),
                opts=pulumi.ResourceOptions(parent=self),
            )
        self.watched = watched(args.names, args.log_group)
        self.register_outputs({})


def namespace(names: Names) -> str:
    """The namespace of the metrics that are counted from the trail."""
    return f"{SYSTEM}/{names.cell}/trail"


def watched(names: Names, log_group: pulumi.Input[str]) -> tuple[Watched, ...]:
    """What is watched of a trail whose management events are counted."""
    return (
        *(_recorded(watch, names) for watch in cis.WATCHES),
        LogGroup(key=_KEY, group=log_group, of="the trail", silent=SILENT),
    )


def _recorded(watch: cis.Watch, names: Names) -> Recorded:
    return Recorded(
        key=_KEY,
        name=watch.name,
        namespace=namespace(names),
        control=watch.control,
        why=watch.why,
        threshold=watch.threshold,
        period=cis.PERIOD,
        grave=watch.grave,
    )
