"""From an alarm's value to the resource: the only place that makes one. Whom it tells is given here."""

from __future__ import annotations

import pulumi
from pulumi_aws import cloudwatch

from components.observability.model import Alarm, Metric
from domain import naming
from domain.naming import Names

_PERCENTILE = "p"
_RESULT = "result"


def build_alarm(
    name: str, alarm: Alarm, *, names: Names, topic: pulumi.Input[str], opts: pulumi.ResourceOptions
) -> cloudwatch.MetricAlarm:
    """Make `alarm`, which tells `topic` when it is raised and, unless it is an event, when it is over."""
    args = cloudwatch.MetricAlarmArgs(
        name=names.of(alarm.role, naming.ALARM),
        alarm_description=alarm.description,
        comparison_operator=alarm.comparison.value[0],
        threshold=alarm.threshold.value,
        evaluation_periods=alarm.of,
        datapoints_to_alarm=alarm.breaches,
        treat_missing_data=alarm.silence.treatment.value,
        alarm_actions=[topic],
        ok_actions=None if alarm.event else [topic],
    )
    if alarm.formula:
        args.metric_queries = [*(_query(id_, metric) for id_, metric in alarm.metrics.items()), _result(alarm)]
    else:
        _add_metric(args, next(iter(alarm.metrics.values())))
    return cloudwatch.MetricAlarm(name, args, opts)


def _add_metric(args: cloudwatch.MetricAlarmArgs, metric: Metric) -> None:
    args.namespace = metric.namespace
    args.metric_name = metric.name
    args.dimensions = metric.dimensions
    args.period = int(metric.period.total_seconds())
    if metric.statistic.startswith(_PERCENTILE):
        # However few the requests: to leave periods out that are not significant would mean, for a 99th percentile, all
        # with fewer than a thousand, which is every one of a cell of this size.
        args.extended_statistic = metric.statistic
    else:
        args.statistic = metric.statistic


def _query(id_: str, metric: Metric) -> cloudwatch.MetricAlarmMetricQueryArgs:
    measured = cloudwatch.MetricAlarmMetricQueryMetricArgs(
        namespace=metric.namespace,
        metric_name=metric.name,
        dimensions=metric.dimensions,
        period=int(metric.period.total_seconds()),
        stat=metric.statistic,
    )
    return cloudwatch.MetricAlarmMetricQueryArgs(id=id_, metric=measured, return_data=False)


def _result(alarm: Alarm) -> cloudwatch.MetricAlarmMetricQueryArgs:
    return cloudwatch.MetricAlarmMetricQueryArgs(
        id=_RESULT, expression=alarm.formula, label=alarm.role, return_data=True
    )
