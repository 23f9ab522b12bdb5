"""Creators for the functions, what feeds them, and the rules that lead events to their queues.

A function that stands here is not run by moto, which would start it in a container of its own: see
`ops.sandbox.aws.event_sources`.
"""

from __future__ import annotations

from typing import Any, Final

from ops.sandbox.creator import Call, Creator, Missing, Values


def _transformer(values: Values) -> Any:  # noqa: ANN401 - a template's value is any JSON
    given = values.get("inputTransformer")
    if not given:
        return Missing
    return {"InputPathsMap": given["inputPaths"], "InputTemplate": given["inputTemplate"]}


_NEVER = '{"source": ["medical.never"]}'


def _scheduled(values: Values) -> Values:
    """A rule that only a clock triggers: without a pattern moto would send it every event there is."""
    return {"eventPattern": _NEVER, **values} if "scheduleExpression" in values else values


CREATORS: Final = {
    "aws:cloudwatch/eventRule:EventRule": Creator(
        service="events",
        operation="put_rule",
        id="{name}",
        prepare=_scheduled,
        outputs={"arn": "RuleArn"},
    ),
    "aws:cloudwatch/eventTarget:EventTarget": Creator(
        service="events",
        operation="put_targets",
        id="{rule}-{targetId}",
        params={
            "Targets": [
                {
                    "Id": "{targetId}",
                    "Arn": "{arn}",
                    "RoleArn": "{roleArn}",
                    "DeadLetterConfig": "{deadLetterConfig}",
                    "Input": "{input}",
                    "InputTransformer": _transformer,
                }
            ]
        },
        prepare=lambda values: {key: item for key, item in values.items() if key != "inputTransformer"},
    ),
    "aws:lambda/eventSourceMapping:EventSourceMapping": Creator(
        service="lambda",
        operation="create_event_source_mapping",
        id="UUID",
        outputs={"uuid": "UUID", "functionArn": "FunctionArn"},
    ),
    "aws:lambda/permission:Permission": Creator(
        service="lambda",
        operation="add_permission",
        id="{logicalName}",
        params={"FunctionName": "{function}", "StatementId": "{logicalName}"},
    ),
    "aws:lambda/function:Function": Creator(
        service="lambda",
        operation="create_function",
        id="FunctionName",
        params={"FunctionName": "{name}", "Code": {"S3Bucket": "{s3Bucket}", "S3Key": "{s3Key}"}},
        outputs={"arn": "FunctionArn"},
        then=(
            Call(
                operation="put_function_concurrency",
                params={"FunctionName": "{id}", "ReservedConcurrentExecutions": "{reservedConcurrentExecutions}"},
                when="reservedConcurrentExecutions",
            ),
        ),
        dropped={"sourceCodeHash": "is kept by Pulumi alone, to see that the package has changed"},
    ),
}

RECORDED: Final = {
    "aws:guardduty/malwareProtectionPlan:MalwareProtectionPlan": (
        "moto's GuardDuty has detectors and filters, and does not answer the calls for malware protection plans"
    ),
}
