"""One bucket with all its settings, the same on either side of a cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import s3

from components import policy
from components.storage import rules


@dataclass(frozen=True, kw_only=True)
class Lock:
    """For how many days no version can be deleted; `mode` is "governance", which can be lifted, or "compliance"."""

    mode: str
    days: int


@dataclass(frozen=True, kw_only=True)
class BucketArgs:
    """What a bucket is made from.

    Without `key_arn` S3 encrypts with its own keys; without `logs_bucket` requests are not logged; without `lock`
    versions can be deleted, unless they are held (`rules.HOLDS`). `statements` go into its policy beside those that
    every bucket has.
    """

    role: str
    name: str
    key_arn: pulumi.Input[str] | None
    logs_bucket: pulumi.Input[str] | None
    lifecycle: Sequence[s3.BucketLifecycleConfigurationRuleArgs]
    statements: Sequence[policy.Statement]
    lock: Lock | None
    throw_away: bool


@dataclass(frozen=True, kw_only=True)
class StoredBucket:
    """A bucket that stands. Whoever takes `name` waits until it is closed, encrypted, versioned and has its policy.

    `physical_name` is what it is called, known before it stands. `ready` is what replication must wait for.
    """

    role: str
    physical_name: str
    name: pulumi.Output[str]
    arn: pulumi.Output[str]
    ready: tuple[pulumi.Resource, ...]


def build_bucket(name: str, args: BucketArgs, parent: pulumi.Resource) -> StoredBucket:
    """Make the bucket.

    Each setting takes the bucket's name from the one before: S3 refuses some that arrive at the same time, and nothing
    can be written between the bucket and what protects it.
    """
    child = pulumi.ResourceOptions(parent=parent)
    bucket = s3.Bucket(
        name,
        bucket=args.name,
        object_lock_enabled=True if args.lock or args.role in rules.HOLDS else None,
        force_destroy=args.throw_away,
        tags=_tags(args.role),
        opts=pulumi.ResourceOptions(parent=parent, protect=not args.throw_away),
    )
    encryption = _encrypt(name, args, _close(name, bucket.bucket, child), child)
    versioning = s3.BucketVersioning(
        name,
        bucket=encryption.bucket,
        versioning_configuration=s3.BucketVersioningVersioningConfigurationArgs(status="Enabled"),
        opts=child,
    )
    lock = _lock(name, args.lock, versioning.bucket, child) if args.lock else None
    bucket_policy = s3.BucketPolicy(
        name,
        bucket=lock.bucket if lock else versioning.bucket,
        policy=policy.document(*_statements(args)),
        opts=child,
    )
    s3.BucketLifecycleConfiguration(name, bucket=versioning.bucket, rules=list(args.lifecycle), opts=child)
    if args.logs_bucket is not None:
        _log(name, args.role, bucket_policy.bucket, args.logs_bucket, child)
    return StoredBucket(
        role=args.role,
        physical_name=args.name,
        name=bucket_policy.bucket,
        arn=bucket.arn,
        ready=(versioning, lock) if lock else (versioning,),
    )


def _tags(role: str) -> dict[str, str]:
    """Which data the bucket holds; all of one bucket are of one class."""
    datasets = dict.fromkeys(part.dataset for part in rules.PARTS[role])
    return {
        "Dataset": " and ".join(item.title for item in datasets),
        "DataClass": next(iter(datasets)).data_class.value,
    }


def _statements(args: BucketArgs) -> list[policy.Statement]:
    arn = rules.arn(args.name)
    but = rules.OWN_ENCRYPTION.get(args.role)
    keyed = rules.require_key(arn, args.key_arn, but=but) if args.key_arn is not None else []
    held = rules.refuse_retention(arn) if args.role in rules.HOLDS else []
    return [*rules.require_tls(arn), *keyed, *held, *args.statements]


def _close(name: str, bucket: pulumi.Output[str], opts: pulumi.ResourceOptions) -> pulumi.Output[str]:
    """Shut out the public and access lists; give the bucket's name on."""
    block = s3.BucketPublicAccessBlock(
        name,
        bucket=bucket,
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
        opts=opts,
    )
    ownership = s3.BucketOwnershipControls(
        name,
        bucket=block.bucket,
        rule=s3.BucketOwnershipControlsRuleArgs(object_ownership="BucketOwnerEnforced"),
        opts=opts,
    )
    return ownership.bucket


def _encrypt(
    name: str, args: BucketArgs, bucket: pulumi.Output[str], opts: pulumi.ResourceOptions
) -> s3.BucketServerSideEncryptionConfiguration:
    """Encrypt with the given key and a bucket key, which spares a KMS call an object, or else with S3's own keys."""
    keyed = args.key_arn is not None
    return s3.BucketServerSideEncryptionConfiguration(
        name,
        bucket=bucket,
        rules=[
            s3.BucketServerSideEncryptionConfigurationRuleArgs(
                apply_server_side_encryption_by_default=s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
                    sse_algorithm="aws:kms" if keyed else "AES256",
                    kms_master_key_id=args.key_arn,
                ),
                bucket_key_enabled=True if keyed else None,
                # What is encrypted with a key that the sender keeps, nobody here can read.
                blocked_encryption_types=["SSE-C"],
            ),
        ],
        opts=opts,
    )


def _lock(
    name: str, lock: Lock, bucket: pulumi.Output[str], opts: pulumi.ResourceOptions
) -> s3.BucketObjectLockConfiguration:
    """Lock each version from its first moment on, whether its sender asks for it or not."""
    retention = s3.BucketObjectLockConfigurationRuleDefaultRetentionArgs(mode=lock.mode.upper(), days=lock.days)
    return s3.BucketObjectLockConfiguration(
        name,
        bucket=bucket,
        rule=s3.BucketObjectLockConfigurationRuleArgs(default_retention=retention),
        opts=opts,
    )


def _log(
    name: str,
    role: str,
    bucket: pulumi.Output[str],
    logs_bucket: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
) -> None:
    """Log requests into the logs bucket, in folders by the day of the request."""
    by_day = s3.BucketLoggingTargetObjectKeyFormatPartitionedPrefixArgs(partition_date_source="EventTime")
    s3.BucketLogging(
        name,
        bucket=bucket,
        target_bucket=logs_bucket,
        target_prefix=rules.log_prefix(role),
        target_object_key_format=s3.BucketLoggingTargetObjectKeyFormatArgs(partitioned_prefix=by_day),
        opts=opts,
    )
