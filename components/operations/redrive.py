"""Dead letters go back to their queues once the fault is mended.

A queue's redrive is a call that a person makes when the functions work again. Here the end of an alarm on the functions
starts an automation, which runs `functions/repairs/redrive.py`: that one looks for proof, holds the limits, and tells
operations of what it did or left. Does not own: the queues and functions, which are named here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pulumi

from components import policy
from components.operations.automation import Here, Repair
from domain.naming import ALARM

NAME: Final = "redrive"


@dataclass(frozen=True, kw_only=True)
class Letters:
    """Dead letters, the queues that they come from, and the functions, by name, that work those off.

    `alarms` say that the functions fail, and are named within their side. Messages that went back to their queue
    without a failed call are counted by `returned`, a metric of `namespace` with `dimensions`.
    """

    dead_letters_arn: pulumi.Input[str]
    queue_arns: Sequence[pulumi.Input[str]]
    functions: Sequence[str]
    alarms: Sequence[str]
    namespace: str
    returned: str
    dimensions: Mapping[str, str]


def redriving(letters: Letters, here: Here) -> Repair:
    """Dead letters are sent back when one of the alarms on their functions has ended."""
    return Repair(
        name=NAME,
        does="Sends dead letters back when the fault is mended",
        alarms=[here.names.of(alarm, ALARM) for alarm in letters.alarms],
        detail={"previousState": {"value": ["ALARM"]}, "state": {"value": ["OK"]}},
        script="redrive.py",
        told={
            "dead_letters": letters.dead_letters_arn,
            "functions": list(letters.functions),
            "returned": {
                "namespace": letters.namespace,
                "metric": letters.returned,
                "dimensions": dict(letters.dimensions),
            },
        },
        may=_rights(letters, here),
    )


def _rights(letters: Letters, here: Here) -> list[policy.Statement]:
    """What moving messages asks of whoever starts it, on these queues only, and looking at the functions.

    Source: "Learn how to configure a dead-letter queue redrive" in SQS's developer guide, read November 2026.
    """
    through = {
        "StringEquals": {
            "kms:ViaService": f"sqs.{here.region}.amazonaws.com",
            "kms:EncryptionContext:aws:sqs:arn": [letters.dead_letters_arn, *letters.queue_arns],
        }
    }
    return [
        # Figures have no resources; the region is what this can be held to.
        policy.allow(
            "Look",
            ["cloudwatch:GetMetricData"],
            ["*"],
            condition={"StringEquals": {"aws:RequestedRegion": here.region}},
        ),
        policy.allow(
            "Changes",
            ["lambda:GetFunctionConfiguration"],
            [here.arn("lambda", f"function:{name}") for name in letters.functions],
        ),
        policy.allow(
            "Take",
            [
                "sqs:DeleteMessage",
                "sqs:GetQueueAttributes",
                "sqs:GetQueueUrl",
                "sqs:ListMessageMoveTasks",
                "sqs:ReceiveMessage",
                "sqs:StartMessageMoveTask",
            ],
            [letters.dead_letters_arn],
        ),
        policy.allow("GiveBack", ["sqs:SendMessage"], letters.queue_arns),
        policy.allow("KeyThroughQueues", ["kms:Decrypt", "kms:GenerateDataKey"], [here.key_arn], condition=through),
    ]
