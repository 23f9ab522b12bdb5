"""The AWS services that an interface endpoint may be made for. Pure.

Each is a name that stands in `com.amazonaws.<region>.<name>`, and is offered in every region of the platform's table.
"""

from __future__ import annotations

from typing import Final

INTERFACE: Final = (
    "autoscaling",
    "ec2",
    "ec2messages",
    "elasticloadbalancing",
    "events",
    "kms",
    "lambda",
    "logs",
    "monitoring",
    "rds",
    "secretsmanager",
    "sns",
    "sqs",
    "ssm",
    "ssmmessages",
    "sts",
    "xray",
)
