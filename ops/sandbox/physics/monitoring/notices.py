"""The message that CloudWatch sends to a topic when an alarm changes its state. Pure, but for moto's alarm.

Source: the messages that CloudWatch sends, as its user guide and the SNS developer guide show them, November 2026.
"""

from __future__ import annotations

import json
from datetime import datetime
from functools import cache
from typing import Any, Final

from botocore.loaders import Loader

from ops.sandbox.physics.monitoring.alarms import State

MOST_SUBJECT: Final = 99  # moto refuses a hundred


def subject(alarm: Any, state: State) -> str:  # noqa: ANN401 - moto's own
    """The subject of the mail."""
    return f'{state}: "{alarm.name}" in {_title(alarm.region_name)}'[:MOST_SUBJECT]


def message(account: str, alarm: Any, *, before: State, at: datetime) -> str:  # noqa: ANN401 - moto's own
    """The message on `alarm`, which was in the state `before` until `at` (UTC)."""
    content = {
        "AlarmName": alarm.name,
        "AlarmDescription": alarm.description,
        "AWSAccountId": account,
        "AlarmConfigurationUpdatedTimestamp": _time(alarm.configuration_updated_timestamp),
        "NewStateValue": alarm.state_value,
        "NewStateReason": alarm.state_reason,
        "StateChangeTime": _time(at),
        "Region": _title(alarm.region_name),
        "AlarmArn": alarm.alarm_arn,
        "OldStateValue": before,
        "OKActions": alarm.ok_actions,
        "AlarmActions": alarm.alarm_actions,
        "InsufficientDataActions": alarm.insufficient_data_actions,
        **({"AlarmRule": alarm.rule} if alarm.rule is not None else {"Trigger": _trigger(alarm)}),
    }
    return json.dumps(content)


def _trigger(alarm: Any) -> dict[str, Any]:  # noqa: ANN401 - moto's own
    rule = {
        "EvaluationPeriods": int(alarm.evaluation_periods),
        "DatapointsToAlarm": int(alarm.datapoints_to_alarm or alarm.evaluation_periods),
        "ComparisonOperator": alarm.comparison_operator,
        "Threshold": float(alarm.threshold),
        "TreatMissingData": alarm.treat_missing_data or "",
        "EvaluateLowSampleCountPercentile": alarm.evaluate_low_sample_count_percentile or "",
    }
    if alarm.metric_data_queries:
        return {**rule, "Metrics": [_query(query) for query in alarm.metric_data_queries]}
    return {
        **_metric(alarm),
        **_statistic(alarm),
        "Unit": None,
        "Period": int(alarm.period),
        **rule,
    }


def _statistic(alarm: Any) -> dict[str, str]:  # noqa: ANN401 - moto's own
    if alarm.extended_statistic:
        return {"StatisticType": "ExtendedStatistic", "ExtendedStatistic": alarm.extended_statistic}
    return {"StatisticType": "Statistic", "Statistic": alarm.statistic.upper()}


def _query(query: Any) -> dict[str, Any]:  # noqa: ANN401 - moto's own
    told = {"Id": query.id, "ReturnData": query.return_data is not False}
    if query.label:
        told["Label"] = query.label
    if query.expression:
        return {**told, "Expression": query.expression}
    statistic = query.metric_stat
    return {
        **told,
        "MetricStat": {
            "Metric": _metric(statistic.metric),
            "Period": int(statistic.period),
            "Stat": statistic.stat,
        },
    }


def _metric(item: Any) -> dict[str, Any]:  # noqa: ANN401 - moto's own
    dimensions = [{"value": dimension.value, "name": dimension.name} for dimension in item.dimensions]
    return {"MetricName": item.metric_name, "Namespace": item.namespace, "Dimensions": dimensions}


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}+0000"


def _title(region: str) -> str:
    """What AWS calls `region` in messages, such as "US West (Oregon)"."""
    return _titles().get(region, region)


@cache
def _titles() -> dict[str, str]:
    partitions = Loader().load_data("partitions")["partitions"]
    return {name: region["description"] for partition in partitions for name, region in partition["regions"].items()}
