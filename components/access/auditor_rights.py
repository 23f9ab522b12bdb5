"""What an auditor may read, statement by statement. Pure.

Evidence is what the trail, the logs, the recorder, the detectors and the backups' reports say of who did what. Whatever
else the role may be given one day, everything that is not in this list stays denied to it, so it can change nothing;
and of objects it can read the evidence alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import pulumi

from components import policy
from components.storage import rules
from domain import drills
from domain.continuity import SIDES
from domain.naming import SYSTEM, Names
from domain.regions import GLOBAL_REGION

_OBJECTS: Final = (
    "s3:GetObject",
    "s3:GetObjectLegalHold",
    "s3:GetObjectRetention",
    "s3:GetObjectVersion",
)
_BUCKETS: Final = (
    "s3:GetBucketLogging",
    "s3:GetBucketObjectLockConfiguration",
    "s3:GetBucketPolicy",
    "s3:GetBucketPublicAccessBlock",
    "s3:GetBucketVersioning",
    "s3:GetEncryptionConfiguration",
    "s3:GetLifecycleConfiguration",
    "s3:GetReplicationConfiguration",
    "s3:ListBucket",
    "s3:ListBucketVersions",
)
_LOG_EVENTS: Final = (
    "logs:DescribeLogStreams",
    "logs:FilterLogEvents",
    "logs:GetLogEvents",
    "logs:StartQuery",
)
# Whose log groups they are is in their paths: the platform's own, and those that services name after a resource.
_LOG_GROUPS: Final = (f"/{SYSTEM}/{{cell}}/*", f"/aws/*/{SYSTEM}-{{cell}}-*", f"aws-waf-logs-{SYSTEM}-{{cell}}-*")
_PARAMETERS: Final = ("ssm:GetParameter", "ssm:GetParameterHistory", "ssm:GetParametersByPath")
# What IAM knows no resources for, or what an auditor asks of the whole account, in the cell's regions.
VIEWS: Final = (
    "access-analyzer:GetFinding",
    "access-analyzer:ListAnalyzers",
    "access-analyzer:ListFindings",
    "backup:DescribeBackupVault",
    "backup:DescribeReportJob",
    "backup:ListBackupJobs",
    "backup:ListBackupVaults",
    "backup:ListCopyJobs",
    "backup:ListRecoveryPointsByBackupVault",
    "backup:ListReportJobs",
    "backup:ListRestoreJobs",
    "cloudtrail:DescribeTrails",
    "cloudtrail:GetEventSelectors",
    "cloudtrail:GetTrailStatus",
    "cloudtrail:LookupEvents",
    "cloudwatch:DescribeAlarmHistory",
    "cloudwatch:DescribeAlarms",
    "config:DescribeComplianceByConfigRule",
    "config:DescribeConfigRules",
    "config:DescribeConfigurationRecorderStatus",
    "config:DescribeConfigurationRecorders",
    "config:DescribeConformancePackCompliance",
    "config:DescribeConformancePacks",
    "config:GetComplianceDetailsByConfigRule",
    "config:GetResourceConfigHistory",
    "config:ListDiscoveredResources",
    "config:SelectResourceConfig",
    "guardduty:GetDetector",
    "guardduty:GetFindings",
    "guardduty:ListDetectors",
    "guardduty:ListFindings",
    "inspector2:ListFindings",
    "logs:DescribeLogGroups",
    "logs:DescribeQueries",
    "logs:GetQueryResults",
    "logs:StopQuery",
    "securityhub:DescribeHub",
    "securityhub:GetEnabledStandards",
    "securityhub:GetFindings",
)
# IAM lies in no region.
_IAM: Final = (
    "iam:GetAccountAuthorizationDetails",
    "iam:GetAccountPasswordPolicy",
    "iam:GetAccountSummary",
    "iam:GetCredentialReport",
    "iam:GetPolicy",
    "iam:GetPolicyVersion",
    "iam:GetRole",
    "iam:GetRolePolicy",
    "iam:ListAttachedRolePolicies",
    "iam:ListRolePolicies",
    "iam:ListRoles",
    "iam:ListUsers",
)
_REGION: Final = "aws:RequestedRegion"
_DECRYPT: Final = "kms:Decrypt"


@dataclass(frozen=True, kw_only=True)
class AuditedSide:
    """What is read of a side: its buckets by their names, and its key."""

    names: Names
    region: str
    key_arn: pulumi.Input[str]

    def evidence(self, account_id: str) -> list[str]:
        """The ARNs of the buckets that hold evidence: what is locked, and who asked for what."""
        return [rules.arn(self.names.bucket(role, account_id)) for role in (rules.AUDIT, rules.LOGS)]


def statements(cell: str, account_id: str, sides: Sequence[AuditedSide]) -> list[policy.Statement]:
    """The statements of the auditors' policy: what they may read, and that this is all."""
    regions = {"StringEquals": {_REGION: [side.region for side in sides]}}
    buckets = [arn for side in sides for arn in side.evidence(account_id)]
    objects = [f"{arn}/*" for arn in buckets]
    return [
        policy.allow("Evidence", _OBJECTS, objects),
        policy.allow("EvidenceBuckets", _BUCKETS, buckets),
        *(_decrypt(name, account_id, side) for name, side in zip(SIDES, sides, strict=False)),
        policy.allow("LogEvents", _LOG_EVENTS, _log_groups(cell, account_id, sides)),
        policy.allow("Approvals", _PARAMETERS, _approvals(cell, account_id, sides)),
        policy.allow("Look", VIEWS, ["*"], condition=regions),
        # What IAM and STS were asked is in event history there, minutes before the trail delivers it.
        policy.allow(
            "GlobalEvents", ["cloudtrail:LookupEvents"], ["*"], condition={"StringEquals": {_REGION: GLOBAL_REGION}}
        ),
        policy.allow("Rights", _IAM, ["*"]),  # an auditor asks of every role and user there is
        {"Sid": "NothingElse", "Effect": "Deny", "NotAction": _everything(), "Resource": ["*"]},
        {"Sid": "NoDocuments", "Effect": "Deny", "Action": ["s3:GetObject*"], "NotResource": objects},
    ]


def _decrypt(name: str, account_id: str, side: AuditedSide) -> policy.Statement:
    """Only what S3 reads of the audit bucket, whose ARN is the context of its bucket key; its logs have S3's own."""
    audit = side.evidence(account_id)[0]
    condition: dict[str, Any] = {
        "StringEquals": {"kms:ViaService": f"s3.{side.region}.amazonaws.com"},
        "StringLike": {"kms:EncryptionContext:aws:s3:arn": [audit, f"{audit}/*"]},
    }
    return policy.allow(f"Decrypt{name.title()}", [_DECRYPT], [side.key_arn], condition=condition)


def _log_groups(cell: str, account_id: str, sides: Sequence[AuditedSide]) -> list[str]:
    return [
        f"arn:aws:logs:{side.region}:{account_id}:log-group:{path.format(cell=cell)}"
        for side in sides
        for path in _LOG_GROUPS
    ]


def _approvals(cell: str, account_id: str, sides: Sequence[AuditedSide]) -> list[str]:
    path = drills.approvals_path(cell)
    return [f"arn:aws:ssm:{side.region}:{account_id}:parameter{name}" for side in sides for name in (path, f"{path}/*")]


def _everything() -> list[str]:
    """All that is allowed anywhere above."""
    return sorted({*_OBJECTS, *_BUCKETS, *_LOG_EVENTS, *_PARAMETERS, *VIEWS, *_IAM, _DECRYPT})
