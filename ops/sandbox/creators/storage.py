"""Creators for buckets and their settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ops.sandbox.creator import Call, Creator, Missing, Template, Values

_WITHOUT_CONSTRAINT: Final = "us-east-1"  # S3 takes every other region by name, and refuses this one


def _configuration(values: Values) -> Any:  # noqa: ANN401 - a template's value is any JSON
    region = values["region"]
    return Missing if region == _WITHOUT_CONSTRAINT else {"LocationConstraint": region}


def _without_blocked_types(values: Values) -> dict[str, Any]:
    kept = [{key: item for key, item in rule.items() if key != "blockedEncryptionTypes"} for rule in values["rules"]]
    return {**values, "rules": kept}


def _setting(
    operation: str, params: Mapping[str, Template] | None = None, dropped: Mapping[str, str] | None = None
) -> Creator:
    """A setting of a bucket, which has the bucket's name for its id."""
    return Creator(service="s3", operation=operation, id="{bucket}", params=params or {}, dropped=dropped or {})


CREATORS: Final = {
    "aws:s3/bucket:Bucket": Creator(
        service="s3",
        operation="create_bucket",
        id="{bucket}",
        params={
            "Bucket": "{bucket}",
            "CreateBucketConfiguration": _configuration,
            "ObjectLockEnabledForBucket": "{objectLockEnabled}",
        },
        outputs={
            "arn": "arn:aws:s3:::{bucket}",
            "bucketDomainName": "{bucket}.s3.amazonaws.com",
            "bucketRegionalDomainName": "{bucket}.s3.{region}.amazonaws.com",
        },
        dropped={"forceDestroy": "says what happens at deletion, which only the provider does"},
        then=(
            Call(
                operation="put_bucket_tagging",
                params={"Bucket": "{bucket}", "Tagging": {"TagSet": "{tagPairs}"}},
                when="tagPairs",
            ),
        ),
    ),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": _setting(
        "put_public_access_block",
        {
            "Bucket": "{bucket}",
            "PublicAccessBlockConfiguration": {
                "BlockPublicAcls": "{blockPublicAcls}",
                "BlockPublicPolicy": "{blockPublicPolicy}",
                "IgnorePublicAcls": "{ignorePublicAcls}",
                "RestrictPublicBuckets": "{restrictPublicBuckets}",
            },
        },
    ),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": _setting(
        "put_bucket_ownership_controls",
        {"Bucket": "{bucket}", "OwnershipControls": {"Rules": ["{rule}"]}},
    ),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": Creator(
        service="s3",
        operation="put_bucket_encryption",
        id="{bucket}",
        prepare=_without_blocked_types,
        params={"Bucket": "{bucket}", "ServerSideEncryptionConfiguration": {"Rules": "{rules}"}},
        dropped={"rules.blockedEncryptionTypes": "moto keeps a bucket's default encryption but no blocked types"},
    ),
    "aws:s3/bucketVersioning:BucketVersioning": _setting("put_bucket_versioning"),
    "aws:s3/bucketPolicy:BucketPolicy": _setting("put_bucket_policy"),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": _setting(
        "put_bucket_lifecycle_configuration",
        {"Bucket": "{bucket}", "LifecycleConfiguration": {"Rules": "{rules}"}},
    ),
    "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration": _setting(
        "put_object_lock_configuration",
        {
            "Bucket": "{bucket}",
            "ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled", "Rule": "{rule}"},
        },
    ),
    "aws:s3/bucketReplicationConfig:BucketReplicationConfig": _setting(
        "put_bucket_replication",
        {"Bucket": "{bucket}", "ReplicationConfiguration": {"Role": "{role}", "Rules": "{rules}"}},
    ),
    "aws:s3/bucketLogging:BucketLogging": _setting(
        "put_bucket_logging",
        {
            "Bucket": "{bucket}",
            "BucketLoggingStatus": {
                "LoggingEnabled": {"TargetBucket": "{targetBucket}", "TargetPrefix": "{targetPrefix}"}
            },
        },
        {"targetObjectKeyFormat": "moto delivers logs under plain names and does not answer with a format"},
    ),
}
