"""Alarms on what the trail records.

Owns: a metric filter and an alarm for each watch in `cis`, and an alarm on the trail's own silence. They stand where
the account's management events are recorded, beside the log group, and go to that side's topic. Does not own: the log
group, nor the topic.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pulumi
from pulumi_aws import cloudwatch

from components.audit import cis
from domain.naming import ALARM, SYSTEM, Names

SILENT_SECONDS: Final = 3600  # the account's own services are never idle for as long as that


@dataclass(frozen=True, kw_only=True)
class TrailAlarmsArgs:
    """The log group with the management events of the account, and the topic that its alarms go to."""

    names: Names
    log_group: pulumi.Input[str]
    operations_topic: pulumi.Input[str]


class TrailAlarms(pulumi.ComponentResource):
    """The alarms on a trail with management events."""

    def __init__(self, name: str, args: TrailAlarmsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Make a filter and an alarm for each watch."""
        super().__init__("medical:audit:TrailAlarms", name, None, opts)
        for watch in cis.WATCHES:
            _build(f"{name}-{watch.name}", watch, args, pulumi.ResourceOptions(parent=self))
        _build_silence(f"{name}-silent", args, pulumi.ResourceOptions(parent=self))
        self.register_outputs({})


def namespace(names: Names) -> str:
    """The namespace of the metrics that are counted from the trail."""
    return f"{SYSTEM}/{names.cell}/trail"


def _build(name: str, watch: cis.Watch, args: TrailAlarmsArgs, opts: pulumi.ResourceOptions) -> None:
    counted = cloudwatch.LogMetricFilter(
        name,
        name=args.names.of(f"trail-{watch.name}", ALARM),
        log_group_name=args.log_group,
        pattern=watch.pattern,
        metric_transformation=cloudwatch.LogMetricFilterMetricTransformationArgs(
            name=watch.name, namespace=namespace(args.names), value="1"
        ),
        opts=opts,
    )
    cloudwatch.MetricAlarm(
        name,
        name=args.names.of(f"trail-{watch.name}", ALARM),
        alarm_description=f"CIS {watch.control}: {watch.why}. Who did it is in the trail.",
        namespace=namespace(args.names),
        metric_name=counted.metric_transformation.name,
        statistic="Sum",
        period=cis.PERIOD_SECONDS,
        evaluation_periods=1,
        comparison_operator="GreaterThanOrEqualToThreshold",
        threshold=watch.threshold,
        # An event is an event: where none is counted, none was.
        treat_missing_data="notBreaching",
        alarm_actions=[args.operations_topic],
        opts=opts,
    )


def _build_silence(name: str, args: TrailAlarmsArgs, opts: pulumi.ResourceOptions) -> None:
    """Tell when nothing arrives: logging was stopped, or CloudTrail may no longer deliver, and no pattern can match."""
    cloudwatch.MetricAlarm(
        name,
        name=args.names.of("trail-silent", ALARM),
        alarm_description=f"Nothing of the trail has arrived in its log group for {SILENT_SECONDS // 60} minutes: "
        "logging was stopped, or the role, the log group or its key fails. GetTrailStatus says which.",
        namespace="AWS/Logs",
        metric_name="IncomingLogEvents",
        dimensions={"LogGroupName": args.log_group},
        statistic="Sum",
        period=SILENT_SECONDS,
        evaluation_periods=1,
        datapoints_to_alarm=1,
        comparison_operator="LessThanThreshold",
        threshold=1,
        treat_missing_data="breaching",  # a group that takes nothing reports nothing
        alarm_actions=[args.operations_topic],
        ok_actions=[args.operations_topic],
        opts=opts,
    )
