"""What the function may do: read and rotate its side's secrets, read what the other side rotates, and reach the two.

It has no right in the database by IAM: there it is the master, whose password it alone reads.
"""

from __future__ import annotations

from typing import Final

import pulumi

from components import policy
from components.rotation.args import RotationArgs

_LOOK: Final = ("ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets")
_NETWORK: Final = (
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:UnassignPrivateIpAddresses",
)
_MADE_OF: Final = ("network-interface", "security-group", "subnet")
_ROTATE: Final = (
    "secretsmanager:DescribeSecret",
    "secretsmanager:GetSecretValue",
    "secretsmanager:PutSecretValue",
    "secretsmanager:UpdateSecretVersionStage",
)


def statements(args: RotationArgs, log_group_arn: pulumi.Input[str]) -> list[policy.Statement]:
    """The statements of the function's policy."""
    here = {"StringEquals": {"aws:RequestedRegion": args.region}}
    own = [*args.shared.arns.values(), args.token.secret_arn]
    through = [f"{service}.{args.region}.amazonaws.com" for service in ("lambda", "secretsmanager")]
    return [
        policy.allow("Log", ["logs:CreateLogStream", "logs:PutLogEvents"], [pulumi.Output.concat(log_group_arn, ":*")]),
        # Lambda puts the function into the VPC with its role. An interface has no name before it stands, and looking
        # has no resources. The third statement keeps all of it from the function's own code.
        policy.allow("Network", _NETWORK, [args.arn("ec2", f"{kind}/*") for kind in _MADE_OF]),
        policy.allow("NetworkLook", _LOOK, ["*"], condition=here),
        {
            "Sid": "NetworkOnlyForLambda",
            "Effect": "Deny",
            "Action": [*_NETWORK, *_LOOK],
            "Resource": "*",
            "Condition": {"ArnEquals": {"lambda:SourceFunctionArn": args.function_arn}},
        },
        policy.allow("Rotate", _ROTATE, own),
        policy.allow(
            "Token",
            ["elasticache:DescribeReplicationGroups", "elasticache:ModifyReplicationGroup"],
            [args.arn("elasticache", f"replicationgroup:{args.token.group_id}")],
        ),
        policy.allow(
            "KeyThroughServices",
            ["kms:Decrypt", "kms:GenerateDataKey"],
            [args.key_arn],
            condition={"StringEquals": {"kms:ViaService": through}},
        ),
        *_other_side(args),
    ]


def _other_side(args: RotationArgs) -> list[policy.Statement]:
    """What it may ask of the other side's function, and read of what that one rotates."""
    other = args.other
    if other is None:
        return []
    return [
        policy.allow("AskOtherSide", ["lambda:InvokeFunction"], [args.other_function_arn]),
        policy.allow(
            "ReadOtherSide",
            ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"],
            list(other.arns.values()),
        ),
        # To read there; and a version that is written here is copied there under that key, in the writer's name.
        policy.allow(
            "OtherKeyThroughSecrets",
            ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"],
            [other.key_arn],
            condition={"StringEquals": {"kms:ViaService": f"secretsmanager.{other.region}.amazonaws.com"}},
        ),
    ]
