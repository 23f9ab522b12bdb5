"""The outermost limits of the role that deploys: what a deployment by machine can never do. Pure.

It makes roles, so the boundary of the platform's other roles would not let it work; this one keeps it to the cell's
regions, to roles that carry that boundary, and away from evidence, locks and whatever holds patients' data. What it is
denied is done by a person, with rights of their own, who made the first deployment too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from components import policy
from components.access.limits import WITHOUT_REGION, WITHOUT_TLS

# Ending or unlocking evidence. Making and changing it is a deployment's work, so the list is shorter than for others.
EVIDENCE: Final = (
    "access-analyzer:DeleteAnalyzer",
    "backup:DeleteBackupVault*",
    "backup:DeleteRecoveryPoint",
    "backup:DisassociateRecoveryPoint*",
    "backup:PutBackupVaultLockConfiguration",
    "backup:UpdateRecoveryPointLifecycle",
    "cloudtrail:DeleteTrail",
    "cloudtrail:StopLogging",
    "config:Delete*",
    "config:StopConfigurationRecorder",
    "guardduty:Delete*",
    "guardduty:Disassociate*",
    "inspector2:Disable",
    "logs:DeleteLogGroup",
    "logs:DeleteLogStream",
    "s3:BypassGovernanceRetention",
    "s3:PutBucketObjectLockConfiguration",
    "s3:PutObjectLegalHold",
    "s3:PutObjectRetention",
    "securityhub:DisableSecurityHub",
)
_WITHOUT_REGION: Final = (*WITHOUT_REGION, "budgets:*", "ce:*")  # what the account is billed lies in none either
# Losing what holds data, or the key without which it is lost.
_DATA: Final = (
    "elasticache:DeleteReplicationGroup",
    "kms:DisableKey*",
    "kms:ScheduleKeyDeletion",
    "rds:DeleteDBInstance*",
    "rds:DeleteDBSnapshot",
    "s3:DeleteBucket",
    "s3:DeleteObjectVersion*",
    "secretsmanager:DeleteSecret",
)
_PEOPLE: Final = (
    "account:*",
    "iam:*AccessKey*",
    "iam:*Group*",
    "iam:*LoginProfile*",
    "iam:*MFADevice*",
    "iam:*OpenIDConnectProvider*",
    "iam:*SAMLProvider*",
    "iam:*User*",
    "organizations:*",
    "sts:AssumeRole*",
)
_ROLE_RIGHTS: Final = (
    "iam:AttachRolePolicy",
    "iam:CreateRole",
    "iam:PutRolePermissionsBoundary",
    "iam:PutRolePolicy",
)
_POLICIES: Final = (
    "iam:CreatePolicy*",
    "iam:DeletePolicy*",
    "iam:DeleteRolePermissionsBoundary",
    "iam:SetDefaultPolicyVersion",
)
_ROLE_CHANGES: Final = (
    "iam:AttachRolePolicy",
    "iam:DeleteRole*",
    "iam:DetachRolePolicy",
    "iam:PassRole",
    "iam:PutRole*",
    "iam:TagRole",
    "iam:UntagRole",
    "iam:UpdateAssumeRolePolicy",
    "iam:UpdateRole*",
)


_OBJECTS: Final = ("s3:DeleteObject*", "s3:GetObject*", "s3:PutObject*")


def statements(
    ci_roles: Sequence[str], boundary_arn: str, regions: Sequence[str], objects: Sequence[str]
) -> list[policy.Statement]:
    """The boundary of the deploying role.

    `ci_roles` are the ARNs of the roles for CI, itself among them; `objects` are all that it may ever read or write: it
    can put a bucket's policy, and so could let itself in.
    """
    everything = ["*"]
    return [
        # A boundary gives nothing: the role's own policies name services and resources.
        policy.allow("Services", ["*"], everything),
        {
            "Sid": "OnlyInThePair",
            "Effect": "Deny",
            "NotAction": list(_WITHOUT_REGION),
            "Resource": everything,
            "Condition": {"StringNotEquals": {"aws:RequestedRegion": sorted(regions)}},
        },
        policy.deny("OnlyOverTls", everything, everything, condition=WITHOUT_TLS),
        policy.deny("NoEndOfEvidence", EVIDENCE, everything),
        policy.deny("NoLossOfData", _DATA, everything),
        {"Sid": "NoDocuments", "Effect": "Deny", "Action": list(_OBJECTS), "NotResource": list(objects)},
        policy.deny("NoPeople", _PEOPLE, everything),
        policy.deny("NoPolicies", _POLICIES, everything),
        policy.deny(
            "OnlyWithinTheBoundary",
            _ROLE_RIGHTS,
            everything,
            condition={"StringNotEquals": {"iam:PermissionsBoundary": boundary_arn}},
        ),
        policy.deny("NotItself", _ROLE_CHANGES, ci_roles),
    ]
