"""What sets the buckets of a side apart: roles, the parts of each, and policies. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pulumi

from components import policy
from domain.residency import Dataset

UPLOADS: Final = "uploads"  # what patients and staff send in
DERIVED: Final = "derived"  # what is made from it: extracted text, converted images
RELEASES: Final = "releases"  # what the instances run
LOGS: Final = "logs"
BACKUPS: Final = "backups"
AUDIT: Final = "audit"  # who did what, and when: locked, so that it is evidence
ROLES: Final = (UPLOADS, DERIVED, RELEASES, LOGS, BACKUPS, AUDIT)


@dataclass(frozen=True, kw_only=True)
class Part:
    """What lies in a bucket under `prefix`: a dataset with a retention, a replication and readers of its own.

    Noncurrent versions are kept for `noncurrent_days` at most, if it is not None, whatever is asked for. With `returns`
    what is changed of a replica, its tags and holds, is replicated back.
    """

    name: str
    prefix: str
    dataset: Dataset
    noncurrent_days: int | None = None
    returns: bool = True


TEXTS: Final = Part(name="texts", prefix="texts/", dataset=Dataset.TEXTS)
# What has become of each upload: where its texts and images are, or why there are none.
STATUS: Final = Part(name="status", prefix="status/", dataset=Dataset.TEXTS)
# Pictures can be made again from their original, which is kept for longer, and at no price but time.
IMAGES: Final = Part(name="images", prefix="images/", dataset=Dataset.IMAGES, noncurrent_days=30)
PARTS: Final[Mapping[str, tuple[Part, ...]]] = {
    # Each side's scanner tags its own. Did the replica's tag return, S3 would not call the replica one meanwhile, and
    # both sides would convert it. Source: S3's API reference, HeadObject, "no replica modification replication in
    # progress".
    UPLOADS: (Part(name=UPLOADS, prefix="", dataset=Dataset.UPLOADS, returns=False),),
    DERIVED: (TEXTS, STATUS, IMAGES),
    RELEASES: (Part(name=RELEASES, prefix="", dataset=Dataset.RELEASES),),
    LOGS: (Part(name=LOGS, prefix="", dataset=Dataset.LOGS),),
    BACKUPS: (Part(name=BACKUPS, prefix="", dataset=Dataset.BACKUPS),),
    AUDIT: (Part(name=AUDIT, prefix="", dataset=Dataset.AUDIT),),
}

# Originals, texts and images can each be held, version by version, for as long as a court or an authority asks: by a
# legal hold, which a person puts and takes off. None is locked for a time: within one, what a patient has a right to
# have erased could not be, and nobody's mistake may bring that about. Against loss there are versions, the other side
# and locked backups.
HOLDS: Final = frozenset({UPLOADS, DERIVED})

# ELB delivers access logs, and S3 delivers server access logs, only to buckets that S3 encrypts with its own keys
# (SSE-S3): with a KMS key the logs would silently stay away. Source: both services' guides, "Enable access logs" of
# Elastic Load Balancing and "Enabling server access logging" of S3.
WITHOUT_KMS: Final = frozenset({LOGS})

# CloudTrail asks for KMS with its logs; whether with its digests too, which hold hashes and no events, AWS's guides
# have told both ways. Were digests to come encrypted by S3's own keys and be refused, no log could be proven any more.
TRAIL_SERVICE: Final = "cloudtrail.amazonaws.com"
OWN_ENCRYPTION: Final[Mapping[str, str]] = {AUDIT: TRAIL_SERVICE}

ALB_PREFIX: Final = "alb"  # the prefix to give to the load balancer's access logs
_LEAST_TLS: Final = "1.2"

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


def require_key(bucket_arn: str, key_arn: pulumi.Input[str], *, but: str | None = None) -> list[policy.Statement]:
    """Deny uploads that ask for any encryption but that with `key_arn`; those that ask for none get it by default.

    A condition that negates also holds for a header that is absent, hence each `Null` beside it. Asking for KMS without
    naming a key is denied too, because S3 would then take the account's own `aws/s3` key and not the bucket's. The
    service `but` may have S3 encrypt with its own keys.
    """
    others = {"StringNotEqualsIfExists": {"aws:PrincipalServiceName": but}} if but else {}
    return [
        _deny_upload(
            "DenyOtherAlgorithm",
            bucket_arn,
            {"Null": {_ALGORITHM: "false"}, "StringNotEquals": {_ALGORITHM: "aws:kms"}, **others},
        ),
        _deny_upload(
            "DenyOtherKey",
            bucket_arn,
            {"Null": {_KEY: "false"}, "ArnNotEquals": {_KEY: key_arn}},
        ),
        _deny_upload(
            "DenyUnnamedKey",
            bucket_arn,
            {"Null": {_ALGORITHM: "false", _KEY: "true"}, **others},
        ),
    ]


def refuse_retention(bucket_arn: str) -> list[policy.Statement]:
    """Deny everybody to lock an object, or all that are to come, until a date; legal holds stay possible.

    With an upload too: S3 asks for the same right when a retention comes along with one.
    """
    return [
        {
            "Sid": "DenyRetention",
            "Effect": "Deny",
            "Principal": _EVERYBODY,
            "Action": ["s3:PutBucketObjectLockConfiguration", "s3:PutObjectRetention"],
            "Resource": [bucket_arn, f"{bucket_arn}/*"],
        },
    ]


def _deny_upload(
    sid: str, bucket_arn: str, condition: Mapping[str, Mapping[str, pulumi.Input[str]]]
) -> policy.Statement:
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
