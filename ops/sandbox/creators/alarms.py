"""Creators for alarms. moto stores an alarm and never evaluates it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ops.sandbox.creator import Call, Creator, Missing, Values

_STATISTIC: Final = ("period", "stat", "unit")  # of a query's metric; what is left of it names the metric


def _dimensions(values: Values) -> Any:  # noqa: ANN401 - a template's value is any JSON
    given = values.get("dimensions")
    return _pairs(given) if given else Missing


def _pairs(dimensions: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in dimensions.items()]


def _metrics(values: Values) -> Any:  # noqa: ANN401 - a template's value is any JSON
    queries = values.get("metricQueries")
    return [_query(item) for item in queries] if queries else Missing


def _query(query: Mapping[str, Any]) -> dict[str, Any]:
    """A query as CloudWatch takes it: with the metric apart from its statistic."""
    plain = {key: item for key, item in query.items() if key != "metric"}
    if "metric" not in query:
        return plain
    metric = {key: item for key, item in query["metric"].items() if key not in _STATISTIC}
    if "dimensions" in metric:
        metric["dimensions"] = _pairs(metric["dimensions"])
    statistic = {key: item for key, item in query["metric"].items() if key in _STATISTIC}
    return {**plain, "metricStat": {"metric": metric, **statistic}}


CREATORS: Final = {
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": Creator(
        service="cloudwatch",
        operation="put_composite_alarm",
        id="{alarmName}",
        params={"AlarmName": "{alarmName}"},
        then=(
            Call(
                operation="describe_alarms",
                params={"AlarmNames": ["{alarmName}"], "AlarmTypes": ["CompositeAlarm"]},
                outputs={"arn": "CompositeAlarms[0].AlarmArn"},
            ),
        ),
    ),
    "aws:cloudwatch/dashboard:Dashboard": Creator(
        service="cloudwatch",
        operation="put_dashboard",
        id="{dashboardName}",
        outputs={"dashboardArn": "arn:aws:cloudwatch::{account}:dashboard/{dashboardName}"},
    ),
    "aws:cloudwatch/metricAlarm:MetricAlarm": Creator(
        service="cloudwatch",
        operation="put_metric_alarm",
        id="{name}",
        params={"AlarmName": "{name}", "Dimensions": _dimensions, "Metrics": _metrics},
        then=(
            Call(
                operation="describe_alarms",
                params={"AlarmNames": ["{name}"]},
                outputs={"arn": "MetricAlarms[0].AlarmArn"},
            ),
        ),
        # Taken by the functions above.
        prepare=lambda values: {
            key: item for key, item in values.items() if key not in ("dimensions", "metricQueries")
        },
    ),
}
