"""AWS Config: what records each change of a resource, delivers the records, and judges them by the HIPAA pack.

Delivered to the logs bucket, under the side's key: AWS Config refuses a bucket with a default retention, which the one
for evidence has. Nothing is lost by that, because what counts as evidence stays inside AWS Config, for seven years by
its own default, and changes are in the trail besides. Source: "Managing the Delivery Channel" and "Deleting AWS Config
Data" in its developer guide, read November 2026.
"""

from __future__ import annotations

import pulumi
from pulumi_aws import cfg, iam

from components import policy
from components.access.limits import RECORDER
from components.detection.args import DetectionArgs
from domain import conformance, hipaa

_SERVICE = "config.amazonaws.com"
# What AWS Config reads to record it, as AWS keeps it up to date.
_READS = "arn:aws:iam::aws:policy/service-role/AWS_ConfigRole"
_PREFIX = "config"


def build_recorder(name: str, args: DetectionArgs, opts: pulumi.ResourceOptions) -> None:
    """Make the recorder, its channel and the pack. Each waits for the one before by its name."""
    recorder = cfg.Recorder(
        name,
        name=args.names.of("recorder"),
        role_arn=_build_role(f"{name}-config", args, opts),
        recording_group=cfg.RecorderRecordingGroupArgs(all_supported=True, include_global_resource_types=args.once),
        opts=opts,
    )
    channel = cfg.DeliveryChannel(
        name,
        name=recorder.name,
        s3_bucket_name=args.logs_bucket,
        s3_key_prefix=_PREFIX,
        s3_kms_key_arn=args.key_arn,
        opts=opts,
    )
    status = cfg.RecorderStatus(name, name=channel.name, is_enabled=True, opts=opts)
    rules = conformance.select(hipaa.RULES, args.region, once=args.once)
    cfg.ConformancePack(
        name,
        name=args.names.of("hipaa"),
        template_body=conformance.template(rules),
        # AWS Config takes a pack only where something is recorded, and no input of a pack leads there.
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[status])),
    )


def _build_role(name: str, args: DetectionArgs, opts: pulumi.ResourceOptions) -> pulumi.Output[str]:
    """Make the role; give its ARN, which waits until the role may do what it is for.

    AWS has a service-linked role for this, which may stand in the account or not: to make it where it stands fails, and
    so does to name it where it does not.
    """
    role = iam.Role(
        name,
        name=args.names.of(RECORDER),
        description="Lets AWS Config record the region's resources and deliver the records",
        assume_role_policy=policy.trust(_SERVICE, account_id=args.account_id),
        permissions_boundary=args.boundary_arn,
        opts=opts,
    )
    reads = iam.RolePolicyAttachment(name, role=role.name, policy_arn=_READS, opts=opts)
    delivers = iam.RolePolicy(name, role=role.name, policy=policy.document(*statements(args)), opts=opts)
    return pulumi.Output.all(role.arn, reads.id, delivers.id).apply(lambda found: str(found[0]))


def statements(args: DetectionArgs) -> list[policy.Statement]:
    """What delivery takes. Source: "Permissions for the IAM Role Assigned to AWS Config", read November 2026."""
    folder = pulumi.Output.concat(args.logs_arn, f"/{_PREFIX}/AWSLogs/{args.account_id}/*")
    return [
        policy.allow("Deliver", ["s3:PutObject"], [folder]),
        policy.allow("TryBucket", ["s3:GetBucketAcl", "s3:ListBucket"], [args.logs_arn]),
        policy.allow(
            "KeyThroughS3",
            ["kms:Decrypt", "kms:GenerateDataKey"],
            [args.key_arn],
            condition={
                "StringEquals": {"kms:ViaService": f"s3.{args.region}.amazonaws.com"},
                # An object's own ARN, or its bucket's if that has a key of its own one day.
                "StringLike": {"kms:EncryptionContext:aws:s3:arn": [args.logs_arn, folder]},
            },
        ),
    ]
