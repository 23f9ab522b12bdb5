"""Creators for the audit trail and its filters. What a trail records is a law of `ops.sandbox.physics.trail`."""

from __future__ import annotations

from typing import Final

from ops.sandbox.creator import Call, Creator, Values


def _selectors(values: Values) -> list[dict[str, object]]:
    """The selectors with each operator as CloudTrail spells it, in the singular."""
    return [
        {
            "Name": selector["name"],
            "FieldSelectors": [
                {_OPERATORS[key]: item for key, item in field.items()} for field in selector["fieldSelectors"]
            ],
        }
        for selector in values["advancedEventSelectors"]
    ]


def _transformation(values: Values) -> dict[str, object]:
    """What is counted, as logs call it; the function's names are the template's."""
    what = values["metricTransformation"]
    named = {"metricName": what["name"], "metricNamespace": what["namespace"], "metricValue": what["value"]}
    return {**{key: item for key, item in values.items() if key != "metricTransformation"}, **named}


_OPERATORS: Final = {
    "field": "Field",
    "equals": "Equals",
    "notEquals": "NotEquals",
    "startsWiths": "StartsWith",
    "notStartsWiths": "NotStartsWith",
}

CREATORS: Final = {
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": Creator(
        service="logs",
        operation="put_metric_filter",
        id="{name}",
        params={
            "filterName": "{name}",
            "filterPattern": "{pattern}",
            "metricTransformations": [
                {
                    "metricName": "{metricName}",
                    "metricNamespace": "{metricNamespace}",
                    "metricValue": "{metricValue}",
                }
            ],
        },
        prepare=_transformation,
    ),
    "aws:cloudtrail/trail:Trail": Creator(
        service="cloudtrail",
        operation="create_trail",
        id="TrailARN",
        params={
            "Name": "{name}",
            "CloudWatchLogsLogGroupArn": "{cloudWatchLogsGroupArn}",
            "EnableLogFileValidation": "{enableLogFileValidation}",
        },
        outputs={"arn": "TrailARN", "homeRegion": "{region}"},
        then=(
            Call(
                operation="put_event_selectors",
                params={"TrailName": "{name}", "AdvancedEventSelectors": _selectors},
            ),
            Call(operation="start_logging", params={"Name": "{name}"}, when="enableLogging"),
        ),
        # Taken by the function above.
        prepare=lambda values: {key: item for key, item in values.items() if key != "advancedEventSelectors"},
    ),
}
