"""The outermost limits of every role that the platform makes: what none of them can ever do. Pure.

A role may do what both its own policy and this boundary allow. So the boundary names whole services' verbs, and leaves
it to each role to name resources; what no role may do whatever its policy says is denied in so many words, because
only a denial also holds against what a resource's own policy allows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from components import policy
from domain.naming import SYSTEM

# What lies in no region: it is asked of an endpoint elsewhere.
WITHOUT_REGION: Final = ("iam:*", "route53:*", "sts:*")
WITHOUT_TLS: Final = {"Bool": {"aws:SecureTransport": "false"}}
# Services that roles look into, with those verbs of looking that each has.
_LOOKING: Final[Mapping[str, str]] = {
    "access-analyzer": "GL",
    "autoscaling": "DG",
    "backup": "DGL",
    "cloudtrail": "DGL",
    "cloudwatch": "DGL",
    "config": "DGL",
    "ec2": "DGL",
    "elasticache": "DL",
    "elasticloadbalancing": "DG",
    "events": "DL",
    "guardduty": "DGL",
    "inspector2": "DGL",
    "kms": "DGL",
    "lambda": "GL",
    "logs": "DGL",
    "rds": "DL",
    "s3": "DGL",
    "secretsmanager": "DGL",
    "securityhub": "DGL",
    "servicequotas": "GL",
    "sns": "GL",
    "sqs": "GL",
    "ssm": "DGL",
    "tag": "DG",
    "wafv2": "DGL",
}
_LOOKS: Final = {"D": "Describe*", "G": "Get*", "L": "List*"}
# Verbs that change something or use it, by what needs them.
_DOING: Final = (
    # instances and functions
    "ec2messages:*",
    "lambda:InvokeFunction",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "s3:AbortMultipartUpload",
    "s3:DeleteObject*",
    "s3:PutObject*",
    "sns:Publish",
    "sqs:ChangeMessageVisibility",
    "sqs:DeleteMessage",
    "sqs:ReceiveMessage",
    "sqs:SendMessage",
    "ssm:UpdateInstanceInformation",
    "ssmmessages:*",
    "textract:*",
    "xray:Put*",
    "kms:CreateGrant",
    "kms:Decrypt",
    "kms:Encrypt",
    "kms:GenerateDataKey*",
    "kms:ReEncrypt*",
    # rotation of credentials, from inside the VPC
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:UnassignPrivateIpAddresses",
    "elasticache:ModifyReplicationGroup",
    "secretsmanager:PutSecretValue",
    "secretsmanager:UpdateSecretVersionStage",
    # replication, backup and the weekly restore, which deletes what it made
    "s3:Replicate*",
    "backup:CopyFromBackupVault",
    "backup:CopyIntoBackupVault",
    "backup:StartRestoreJob",
    "backup:TagResource",
    "rds:AddTagsToResource",
    "rds:CopyDBSnapshot",
    "rds:CreateDBInstance",
    "rds:CreateDBSnapshot",
    "rds:DeleteDBInstance",
    "rds:DeleteDBSnapshot",
    "rds:ModifyDBSnapshotAttribute",
    "rds:RestoreDBInstance*",
    "s3:CreateBucket",
    "s3:PutBucketNotification",
    "s3:PutBucketOwnershipControls",
    "s3:PutBucketVersioning",
    "s3:PutInventoryConfiguration",
    # what repairs itself
    "autoscaling:SetInstanceHealth",
    "sqs:StartMessageMoveTask",
    "ssm:StartAutomationExecution",
    # drills
    "autoscaling:UpdateAutoScalingGroup",
    "cloudwatch:PutMetricData",
    "rds:ModifyDBParameterGroup",
    "rds:PromoteReadReplica",
    "rds:ResetDBParameterGroup",
    "ssm:DeleteParameter",
    "ssm:PutParameter",
    # the auditor's questions
    "cloudtrail:LookupEvents",
    "config:BatchGet*",
    "config:SelectResourceConfig",
    "logs:FilterLogEvents",
    "logs:StartQuery",
    "logs:StopQuery",
    "securityhub:BatchGet*",
    # global services, and what roles ask of themselves
    "iam:Get*",
    "iam:List*",
    "iam:SimulatePrincipalPolicy",
    "route53:Get*",
)
# The rules through which GuardDuty and AWS Backup hear of objects; they make them with the roles that they are given.
_MANAGED_RULES: Final = ("AwsBackupManagedRule*", "DO-NOT-DELETE-AmazonGuardDutyMalwareProtectionS3*")
_RULES: Final = (
    "events:DeleteRule",
    "events:DisableRule",
    "events:EnableRule",
    "events:PutRule",
    "events:PutTargets",
    "events:RemoveTargets",
)
# What would hand rights out or take the boundary off, or lead out of the account.
_RIGHTS: Final = (
    "account:*",
    "iam:Add*",
    "iam:Attach*",
    "iam:Create*",
    "iam:Delete*",
    "iam:Detach*",
    "iam:Put*",
    "iam:Remove*",
    "iam:Set*",
    "iam:Tag*",
    "iam:Untag*",
    "iam:Up*",
    "organizations:*",
    "sts:AssumeRole*",
)
# What would end, thin out or unlock the evidence, wherever it is kept.
EVIDENCE: Final = (
    "access-analyzer:Delete*",
    "backup:Delete*",
    "backup:DisassociateRecoveryPoint*",
    "backup:PutBackupVault*",
    "backup:UpdateRecoveryPointLifecycle",
    "cloudtrail:Delete*",
    "cloudtrail:Put*",
    "cloudtrail:Stop*",
    "cloudtrail:Update*",
    "config:Delete*",
    "config:Put*",
    "config:Stop*",
    "guardduty:Delete*",
    "guardduty:Disassociate*",
    "guardduty:Update*",
    "inspector2:Disable*",
    "kms:Disable*",
    "kms:PutKeyPolicy",
    "kms:ScheduleKeyDeletion",
    "logs:Delete*",
    "s3:BypassGovernanceRetention",
    "s3:PutBucketObjectLockConfiguration",
    "s3:PutObjectRetention",
    "securityhub:Delete*",
    "securityhub:Disable*",
    "securityhub:Update*",
)
_OF_AUDIT: Final = (
    "s3:Delete*",
    "s3:PutBucket*",
    "s3:PutEncryptionConfiguration",
    "s3:PutLifecycleConfiguration",
    "s3:PutObjectLegalHold",
    "s3:PutReplicationConfiguration",
)
RECORDER: Final = "config"  # the role that AWS Config records with
MOST_CHARACTERS: Final = 6144  # of a managed policy, white space aside; source: IAM guide, "IAM and STS quotas"


def statements(cell: str, account_id: str, regions: Sequence[str]) -> list[policy.Statement]:
    """The boundary of `cell`, whose sides lie in `regions`."""
    everything = ["*"]
    recorder = f"arn:aws:iam::{account_id}:role/{SYSTEM}-{cell}-*-{RECORDER}"
    audit = f"arn:aws:s3:::{SYSTEM}-{cell}-*-audit-{account_id}"
    looking = [f"{service}:{_LOOKS[verb]}" for service, verbs in _LOOKING.items() for verb in verbs]
    return [
        # A boundary gives nothing: each role's own policy names the resources.
        policy.allow("Services", [*looking, *_DOING], everything),
        policy.allow("OwnRoles", ["iam:PassRole"], [f"arn:aws:iam::{account_id}:role/{SYSTEM}-{cell}-*"]),
        policy.allow("ManagedRules", _RULES, [f"arn:aws:events:*:{account_id}:rule/{name}" for name in _MANAGED_RULES]),
        # AWS Config reads every kind of resource there is, by more verbs than a boundary can list: what its role may is
        # left to AWS's own policy for it, and to the denials below.
        policy.allow("Recorder", ["*"], everything, condition={"ArnLike": {"aws:PrincipalArn": recorder}}),
        # RDS makes the one group of enhanced monitoring itself.
        policy.allow(
            "Monitoring",
            ["logs:CreateLogGroup", "logs:PutRetentionPolicy"],
            [f"arn:aws:logs:*:{account_id}:log-group:RDS*"],
        ),
        {
            "Sid": "OnlyInThePair",
            "Effect": "Deny",
            # Event history of global services is in us-east-1: the auditors' own policy asks it nowhere else.
            "NotAction": [*WITHOUT_REGION, "cloudtrail:LookupEvents"],
            "Resource": everything,
            "Condition": {"StringNotEquals": {"aws:RequestedRegion": sorted(regions)}},
        },
        policy.deny("OnlyOverTls", everything, everything, condition=WITHOUT_TLS),
        policy.deny("NoRights", _RIGHTS, everything),
        policy.deny("NoEndOfEvidence", EVIDENCE, everything),
        policy.deny("NoChangeOfAudit", _OF_AUDIT, [audit, f"{audit}/*"]),
    ]
