"""The scanner: GuardDuty's plan for the uploads bucket, and the role that it takes.

GuardDuty scans each new version, a replica too, tags it with what it has found, and says so on the event bus. Its own
rule there, which it makes and keeps through this role, is how it hears of uploads.
"""

from __future__ import annotations

import pulumi
from pulumi_aws import guardduty, iam, s3

from components import policy
from components.documents.args import DocumentsArgs
from components.documents.gate import scanner_name
from components.documents.rights import key_through
from components.storage import rules

_SERVICE = "malware-protection-plan.guardduty.amazonaws.com"
_MANAGED_RULE = "rule/DO-NOT-DELETE-AmazonGuardDutyMalwareProtectionS3*"
_TRIAL = "malware-protection-resource-validation-object"  # which GuardDuty writes, to see whether it may


def build_scan(name: str, args: DocumentsArgs, opts: pulumi.ResourceOptions) -> pulumi.Output[str]:
    """Have the uploads bucket scanned; give its name, which waits until it tells the event bus of its objects."""
    uploads = args.buckets[rules.UPLOADS]
    told = s3.BucketNotification(f"{name}-uploads", bucket=uploads.name, eventbridge=True, opts=opts)
    role = iam.Role(
        f"{name}-scan",
        name=scanner_name(args.names),
        description="Lets GuardDuty scan and tag what is uploaded",
        # GuardDuty does not document that it says for which plan it acts; if it could not take the role, nothing that
        # is uploaded could ever be read.
        assume_role_policy=policy.trust(_SERVICE, account_id=args.account_id, if_told=True),
        permissions_boundary=args.boundary_arn,
        opts=opts,
    )
    rights = iam.RolePolicy(
        f"{name}-scan", role=role.name, policy=policy.document(*statements(args, uploads.arn)), opts=opts
    )
    plan = guardduty.MalwareProtectionPlan(
        f"{name}-scan",
        role=role.arn,
        protected_resource=guardduty.MalwareProtectionPlanProtectedResourceArgs(
            s3_bucket=guardduty.MalwareProtectionPlanProtectedResourceS3BucketArgs(bucket_name=told.bucket)
        ),
        actions=[
            guardduty.MalwareProtectionPlanActionArgs(
                taggings=[guardduty.MalwareProtectionPlanActionTaggingArgs(status="ENABLED")]
            )
        ],
        # GuardDuty tries its role before it takes a plan, and no input leads to what the role may do.
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[rights])),
    )
    return pulumi.Output.all(told.bucket, plan.id).apply(lambda found: str(found[0]))


def statements(args: DocumentsArgs, bucket_arn: pulumi.Input[str]) -> list[policy.Statement]:
    """What GuardDuty must be allowed. Source: its guide, "Create or update IAM role policy", read November 2026."""
    objects = pulumi.Output.concat(bucket_arn, "/*")
    managed = args.arn("events", _MANAGED_RULE)
    return [
        policy.allow(
            "KeepItsRule",
            ["events:DeleteRule", "events:PutRule", "events:PutTargets", "events:RemoveTargets"],
            [managed],
            condition={"StringLike": {"events:ManagedBy": _SERVICE}},
        ),
        policy.allow("SeeItsRule", ["events:DescribeRule", "events:ListTargetsByRule"], [managed]),
        policy.allow(
            "Tag",
            [
                "s3:GetObjectTagging",
                "s3:GetObjectVersionTagging",
                "s3:PutObjectTagging",
                "s3:PutObjectVersionTagging",
            ],
            [objects],
        ),
        policy.allow("Events", ["s3:GetBucketNotification", "s3:PutBucketNotification"], [bucket_arn]),
        policy.allow("Try", ["s3:PutObject"], [pulumi.Output.concat(bucket_arn, "/", _TRIAL)]),
        policy.allow("Owner", ["s3:ListBucket"], [bucket_arn]),
        policy.allow("Scan", ["s3:GetObject", "s3:GetObjectVersion"], [objects]),
        key_through(args, "s3", "aws:s3:arn", [bucket_arn, objects]),
    ]
