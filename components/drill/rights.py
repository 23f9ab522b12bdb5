"""What a drill may do, statement by statement. Pure.

Whatever can be named is named by ARN, and so bound to the cell and its two regions. What IAM knows no resource for is
bound to the two regions by condition. Nothing here changes a DNS record, a replica's source, a password or a key, and
nothing is deleted but the drill's own lock: a drill that went wrong, or was made to, can do no more than a failover.
Approvals are read here and never written: whoever runs a drill would approve it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import pulumi

from components import policy
from domain import drills, manifest, switch
from domain.naming import Names

MARKERS: Final = "continuity/*"  # the markers' objects: `domain.markers.PREFIX`
_IMAGES: Final = "parameter/aws/service/ami-amazon-linux-latest/*"  # AWS's own public parameters
# What a bucket is set to, which tells nothing of what lies in it. The audit buckets' too are compared.
_SETTINGS: Final = ("s3:GetBucketVersioning", "s3:GetEncryptionConfiguration", "s3:GetReplicationConfiguration")
# What IAM knows no resources for, or what is asked of all: every writer of the cell is found among all instances.
VIEWS: Final = (
    "autoscaling:DescribeAutoScalingGroups",
    "autoscaling:DescribeScalingActivities",
    "cloudwatch:DescribeAlarmHistory",
    "cloudwatch:DescribeAlarms",
    "cloudwatch:GetMetricData",
    "cloudwatch:GetMetricStatistics",
    "cloudwatch:ListMetrics",
    "ec2:DescribeImages",
    "ec2:DescribeInstanceTypeOfferings",
    "ec2:DescribeInstances",
    "ec2:DescribeLaunchTemplateVersions",
    "ec2:DescribeLaunchTemplates",
    "ec2:DescribeSecurityGroupRules",
    "ec2:DescribeSecurityGroups",
    "elasticloadbalancing:DescribeLoadBalancers",
    "elasticloadbalancing:DescribeTargetGroups",
    "elasticloadbalancing:DescribeTargetHealth",
    "kms:ListAliases",
    "rds:DescribeDBInstances",
    "rds:DescribeDBParameterGroups",
    "rds:DescribeDBParameters",
    "servicequotas:GetServiceQuota",
    "servicequotas:ListAWSDefaultServiceQuotas",
)
_DELETIONS: Final = (
    "autoscaling:Delete*",
    "cloudwatch:Delete*",
    "ec2:Delete*",
    "ec2:TerminateInstances",
    "elasticloadbalancing:Delete*",
    "kms:Delete*",
    "kms:Disable*",
    "kms:ScheduleKeyDeletion",
    "rds:Delete*",
    "route53:ChangeResourceRecordSets",
    "route53:Delete*",
    "s3:Delete*",
    "s3:PutLifecycleConfiguration",
    "secretsmanager:DeleteSecret",
)


@dataclass(frozen=True, kw_only=True)
class DrillSide:
    """What drills touch of a side. `replicated_arns` are the buckets with copies whose settings are compared."""

    names: Names
    region: str
    key_arn: pulumi.Input[str]
    replicated_arns: Sequence[pulumi.Input[str]]
    uploads_arn: pulumi.Input[str]
    releases_arn: pulumi.Input[str]
    release_key: str
    audit_arn: pulumi.Input[str]
    secret_arns: Sequence[pulumi.Input[str]]


Sides: TypeAlias = tuple[DrillSide, DrillSide]


def changes(account_id: str, sides: Sides, switch_region: str) -> list[policy.Statement]:
    """What a failover changes: promote, fence, grow and shrink, and turn the switch."""
    return [
        # Not ModifyDBInstance, which no step needs and which could lift the protection or change the password.
        policy.allow("Promote", ["rds:PromoteReadReplica"], _rds(account_id, sides, "db"), condition=_within(sides)),
        policy.allow(
            "Fence",
            ["rds:ModifyDBParameterGroup", "rds:ResetDBParameterGroup"],
            _rds(account_id, sides, "pg"),
            condition=_within(sides),
        ),
        policy.allow(
            "Grow",
            ["autoscaling:UpdateAutoScalingGroup"],
            [_group(account_id, side) for side in sides],
            # Never to none: an empty target group never receives a failover.
            condition={**_within(sides), "NumericGreaterThanEqualsIfExists": {"autoscaling:MinSize": "1"}},
        ),
        policy.allow(
            "Switch",
            ["cloudwatch:PutMetricData"],
            ["*"],
            condition={
                "StringEquals": {"aws:RequestedRegion": switch_region, "cloudwatch:namespace": switch.NAMESPACE}
            },
        ),
    ]


def notes(cell: str, account_id: str, sides: Sides) -> list[policy.Statement]:
    """What drills keep in Parameter Store, the lock; and what they read there: manifest, images, approvals."""
    manifests = [_parameter(account_id, side, manifest.parameter_name(cell)) for side in sides]
    read = [
        *manifests,
        *(f"arn:aws:ssm:{side.region}::{_IMAGES}" for side in sides),
    ]
    path = drills.approvals_path(cell)
    approvals = [_parameter(account_id, side, name) for side in sides for name in (path, f"{path}/*")]
    return [
        policy.allow("Read", ["ssm:GetParameter"], read, condition=_within(sides)),
        policy.allow(
            "Lock",
            ["ssm:DeleteParameter", "ssm:GetParameter", "ssm:PutParameter"],
            _locks(cell, account_id, sides),
            condition=_within(sides),
        ),
        # A second person writes them with rights of their own.
        policy.allow(
            "Approvals",
            ["ssm:GetParameterHistory", "ssm:GetParametersByPath"],
            approvals,
            condition=_within(sides),
        ),
        _key_through(sides, "ssm", "PARAMETER_ARN", [*manifests, *_locks(cell, account_id, sides), *approvals]),
    ]


def markers(sides: Sides) -> list[policy.Statement]:
    """What shows whether objects have arrived: the buckets' settings, the release, and the markers themselves."""
    buckets = [arn for side in sides for arn in (side.uploads_arn, side.releases_arn)]
    return [
        # Only releases are listed: the keys of patients' documents are nobody's business in a drill.
        policy.allow("Releases", ["s3:ListBucket"], [side.releases_arn for side in sides]),
        policy.allow("BucketSettings", _SETTINGS, _compared(sides)),
        policy.allow(
            "Objects",
            ["s3:GetObject"],
            [
                found
                for side in sides
                for found in (
                    pulumi.Output.concat(side.uploads_arn, "/", MARKERS),
                    pulumi.Output.concat(side.releases_arn, "/", side.release_key),
                )
            ],
        ),
        # The context of an object is its bucket's ARN where the bucket has a key of its own, else the object's.
        _key_through(sides, "s3", "aws:s3:arn", [*buckets, *(pulumi.Output.concat(arn, "/*") for arn in buckets)]),
    ]


def views(
    cell: str, account_id: str, sides: Sides, health_check_ids: Sequence[pulumi.Input[str]]
) -> list[policy.Statement]:
    """What a drill looks at and cannot change."""
    checks = [pulumi.Output.concat("arn:aws:route53:::healthcheck/", id_) for id_ in health_check_ids]
    return [
        policy.allow("Secrets", ["secretsmanager:DescribeSecret"], [arn for side in sides for arn in side.secret_arns]),
        policy.allow(
            "Keys", ["kms:DescribeKey", "kms:GetKeyPolicy", "kms:ListGrants"], [side.key_arn for side in sides]
        ),
        policy.allow("HealthChecks", ["route53:GetHealthCheck", "route53:GetHealthCheckStatus"], checks),
        # Before its first change a drill asks what it itself may do.
        policy.allow("OwnRights", ["iam:GetRole", "iam:SimulatePrincipalPolicy"], [drills.role_arn(account_id, cell)]),
        policy.allow("Look", VIEWS, ["*"], condition=_within(sides)),
    ]


def refusals(cell: str, account_id: str, sides: Sides) -> list[policy.Statement]:
    """What stays refused whatever else the role may be given one day: evidence, backups, and every deletion."""
    audit = [arn for side in sides for arn in (side.audit_arn, pulumi.Output.concat(side.audit_arn, "/*"))]
    return [
        {"Sid": "NoEvidence", "Effect": "Deny", "NotAction": list(_SETTINGS), "Resource": audit},
        _deny("NoBackups", ["backup-storage:*", "backup:*"], ["*"]),
        _deny("NoDeletion", _DELETIONS, ["*"]),
        {
            "Sid": "NoOthersNotes",
            "Effect": "Deny",
            "Action": ["ssm:DeleteParameter", "ssm:DeleteParameters", "ssm:PutParameter"],
            "NotResource": _locks(cell, account_id, sides),
        },
    ]


def _deny(sid: str, actions: Sequence[str], resources: Sequence[pulumi.Input[str]]) -> policy.Statement:
    return {"Sid": sid, "Effect": "Deny", "Action": sorted(actions), "Resource": list(resources)}


def _key_through(sides: Sides, service: str, context: str, values: Sequence[pulumi.Input[str]]) -> policy.Statement:
    """Let a service decrypt with the sides' keys for a drill what has one of `values` as its context only."""
    return policy.allow(
        f"KeyThrough{service.title()}",
        ["kms:Decrypt"],
        [side.key_arn for side in sides],
        condition={
            "StringEquals": {"kms:ViaService": [f"{service}.{side.region}.amazonaws.com" for side in sides]},
            "StringLike": {f"kms:EncryptionContext:{context}": list(values)},
        },
    )


def _compared(sides: Sides) -> list[pulumi.Input[str]]:
    return [arn for side in sides for arn in (*side.replicated_arns, side.releases_arn, side.audit_arn)]


def _within(sides: Sides) -> dict[str, Any]:
    return {"StringEquals": {"aws:RequestedRegion": [side.region for side in sides]}}


def _rds(account_id: str, sides: Sides, kind: str) -> list[str]:
    """The sides' instances (`db`) or parameter groups (`pg`) of every generation: each rebuild makes a new one."""
    return [f"arn:aws:rds:{side.region}:{account_id}:{kind}:{side.names.of('db')}-*" for side in sides]


def _group(account_id: str, side: DrillSide) -> str:
    """The side's Auto Scaling group; AWS puts an id of its own before the name."""
    place = f"arn:aws:autoscaling:{side.region}:{account_id}:autoScalingGroup"
    return f"{place}:*:autoScalingGroupName/{side.names.of('web')}"


def _parameter(account_id: str, side: DrillSide, name: str) -> str:
    return f"arn:aws:ssm:{side.region}:{account_id}:parameter{name}"


def _locks(cell: str, account_id: str, sides: Sides) -> list[str]:
    return [_parameter(account_id, side, drills.lock_parameter(cell)) for side in sides]
