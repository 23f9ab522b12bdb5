"""What sets the buckets of a side apart: roles, policies and lifecycles. Pure.

No lifecycle here ends the current version of anything but a log: patient data goes only when somebody deletes it, and
even then stays for as long as noncurrent versions do. In the audit bucket that is never less than its lock lasts.
"""

from __future__ import annotations

from typing import Final

import pulumi
from pulumi_aws import s3

from components import policy
from domain.residency import Dataset

UPLOADS: Final = "uploads"  # what patients and staff send in
DERIVED: Final = "derived"  # what is made from it: extracted text, converted images
RELEASES: Final = "releases"  # what the instances run
LOGS: Final = "logs"
BACKUPS: Final = "backups"
AUDIT: Final = "audit"  # who did what, and when: locked, so that it is evidence
ROLES: Final = (UPLOADS, DERIVED, RELEASES, LOGS, BACKUPS, AUDIT)
DATASETS: Final = {
    UPLOADS: Dataset.UPLOADS,
    DERIVED: Dataset.DERIVED,
    RELEASES: Dataset.RELEASES,
    LOGS: Dataset.LOGS,
    BACKUPS: Dataset.BACKUPS,
    AUDIT: Dataset.AUDIT,
}

# ELB delivers access logs, and S3 delivers server access logs, only to buckets that S3 encrypts with its own keys
# (SSE-S3): with a KMS key the logs would silently stay away. Source: both services' guides, "Enable access logs" of
# Elastic Load Balancing and "Enabling server access logging" of S3.
WITHOUT_KMS: Final = frozenset({LOGS})

ALB_PREFIX: Final = "alb"  # the prefix to give to the load balancer's access logs
_LEAST_TLS: Final = "1.2"
_ABORT_DAYS: Final = 7
# Most reads of a document come in its first month, and what is replaced within it pays for no move. Also the least that
# S3 asks for before STANDARD_IA.
_TRANSITION_DAYS: Final = 30
# Both classes answer in milliseconds, so that neither a patient nor a recovery waits: documents that nobody can tell
# when they are read again find their own tier, backups and evidence are hardly ever read.
_TRANSITIONS: Final = {
    UPLOADS: "INTELLIGENT_TIERING",
    DERIVED: "INTELLIGENT_TIERING",
    BACKUPS: "STANDARD_IA",
    AUDIT: "STANDARD_IA",
}

_EVERYBODY: Final = {"AWS": "*"}
_ALGORITHM: Final = "s3:x-amz-server-side-encryption"
_KEY: Final = "s3:x-amz-server-side-encryption-aws-kms-key-id"


def log_prefix(role: str) -> str:
    """Where the logs bucket keeps the access logs of the bucket called `role`."""
    return f"s3/{role}/"


def arn(bucket: str) -> str:
    """The ARN of the bucket with this physical name."""
    return f"arn:aws:s3:::{bucket}"


def require_tls(bucket_arn: str) -> list[policy.Statement]:
    """Deny every request that is not made over TLS, or over an old one."""
    everything = [bucket_arn, f"{bucket_arn}/*"]
    return [
        policy.deny_plaintext(["s3:*"], everything),
        {
            "Sid": "DenyOldTls",
            "Effect": "Deny",
            "Principal": _EVERYBODY,
            "Action": ["s3:*"],
            "Resource": everything,
            "Condition": {"NumericLessThan": {"s3:TlsVersion": _LEAST_TLS}},
        },
    ]


def require_key(bucket_arn: str, key_arn: pulumi.Input[str]) -> list[policy.Statement]:
    """Deny uploads that ask for any encryption but that with `key_arn`; those that ask for none get it by default.

    A condition that negates also holds for a header that is absent, hence each `Null` beside it. Asking for KMS without
    naming a key is denied too, because S3 would then take the account's own `aws/s3` key and not the bucket's.
    """
    return [
        _deny_upload(
            "DenyOtherAlgorithm",
            bucket_arn,
            {"Null": {_ALGORITHM: "false"}, "StringNotEquals": {_ALGORITHM: "aws:kms"}},
        ),
        _deny_upload(
            "DenyOtherKey",
            bucket_arn,
            {"Null": {_KEY: "false"}, "ArnNotEquals": {_KEY: key_arn}},
        ),
        _deny_upload(
            "DenyUnnamedKey",
            bucket_arn,
            {"Null": {_ALGORITHM: "false", _KEY: "true"}},
        ),
    ]


def _deny_upload(sid: str, bucket_arn: str, condition: dict[str, dict[str, pulumi.Input[str]]]) -> policy.Statement:
    return {
        "Sid": sid,
        "Effect": "Deny",
        "Principal": _EVERYBODY,
        "Action": ["s3:PutObject"],
        "Resource": [f"{bucket_arn}/*"],
        "Condition": condition,
    }


def admit_logs(logs_arn: str, sources: dict[str, str], *, account_id: str, region: str) -> list[policy.Statement]:
    """Let load balancers and the buckets `sources` (role to ARN) write to the logs bucket, each to its own place."""
    load_balancers = f"arn:aws:elasticloadbalancing:{region}:{account_id}:loadbalancer/*"
    return [
        {
            "Sid": "LoadBalancerLogs",
            "Effect": "Allow",
            "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
            "Action": ["s3:PutObject"],
            "Resource": f"{logs_arn}/{ALB_PREFIX}/AWSLogs/{account_id}/*",
            "Condition": {
                "ArnLike": {"aws:SourceArn": load_balancers},
                # ELB documents the source's ARN, which holds the account too, but not this key: so only if it is there.
                "StringEqualsIfExists": {"aws:SourceAccount": account_id},
            },
        },
        *(_admit_bucket_logs(logs_arn, role, source, account_id) for role, source in sources.items()),
    ]


def _admit_bucket_logs(logs_arn: str, role: str, source: str, account_id: str) -> policy.Statement:
    return {
        "Sid": f"{role.title()}BucketLogs",
        "Effect": "Allow",
        "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": ["s3:PutObject"],
        "Resource": f"{logs_arn}/{log_prefix(role)}*",
        "Condition": {
            "ArnEquals": {"aws:SourceArn": source},
            "StringEquals": {"aws:SourceAccount": account_id},
        },
    }


def lifecycle(
    role: str, *, noncurrent_days: int, access_log_days: int, audit_days: int
) -> list[s3.BucketLifecycleConfigurationRuleArgs]:
    """The lifecycle of the bucket called `role`."""
    # An old version starts to count when it is replaced, so it outlives the lock, which counts from its beginning.
    kept_days = max(noncurrent_days, audit_days) if role == AUDIT else noncurrent_days
    rules = [
        _rule(
            "abort-incomplete-uploads",
            abort_incomplete_multipart_upload=s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
                days_after_initiation=_ABORT_DAYS,
            ),
        ),
        _rule(
            "expire-noncurrent-versions",
            noncurrent_version_expiration=s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
                noncurrent_days=kept_days,
            ),
            # Ends a delete marker once no version is left behind it; never an object. Of logs the rule below ends both,
            # and S3 may refuse two expirations for one set of objects.
            expiration=None
            if role == LOGS
            else s3.BucketLifecycleConfigurationRuleExpirationArgs(expired_object_delete_marker=True),
        ),
    ]
    if role in _TRANSITIONS:
        transition = s3.BucketLifecycleConfigurationRuleTransitionArgs(
            days=_TRANSITION_DAYS, storage_class=_TRANSITIONS[role]
        )
        rules.append(_rule("store-for-less", transitions=[transition]))
    if role == LOGS:
        expiration = s3.BucketLifecycleConfigurationRuleExpirationArgs(days=access_log_days)
        rules.append(_rule("expire-logs", expiration=expiration))
    return rules


def _rule(
    id_: str,
    *,
    abort_incomplete_multipart_upload: s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs
    | None = None,
    noncurrent_version_expiration: s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs | None = None,
    expiration: s3.BucketLifecycleConfigurationRuleExpirationArgs | None = None,
    transitions: list[s3.BucketLifecycleConfigurationRuleTransitionArgs] | None = None,
) -> s3.BucketLifecycleConfigurationRuleArgs:
    """A rule for everything in the bucket."""
    return s3.BucketLifecycleConfigurationRuleArgs(
        id=id_,
        status="Enabled",
        filter=s3.BucketLifecycleConfigurationRuleFilterArgs(),
        abort_incomplete_multipart_upload=abort_incomplete_multipart_upload,
        noncurrent_version_expiration=noncurrent_version_expiration,
        expiration=expiration,
        transitions=transitions,
    )
