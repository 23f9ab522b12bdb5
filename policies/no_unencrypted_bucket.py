"""Buckets encrypt with the side's key; only those that AWS delivers access logs to may use S3's own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policies.model import Breach, Rule, Severity, View, fsbp, hipaa
from policies.names import BALANCER, BUCKET
from policies.values import UNKNOWN, differs, every

_ENCRYPTION: Final = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
_PATH: Final = "rules.applyServerSideEncryptionByDefault.sseAlgorithm"
_OWN: Final = ("aws:kms", "aws:kms:dsse")


def _check(view: View) -> Iterator[Breach]:
    # Load balancers and S3 deliver access logs to no bucket that is encrypted with a customer's key.
    logs = set(_named(view, BALANCER, "accessLogs.bucket")) | set(
        _named(view, "aws:s3/bucketLogging:BucketLogging", "targetBucket")
    )
    for bucket in view.of(BUCKET):
        parts = view.parts(bucket, _ENCRYPTION, "bucket")
        if not parts:
            yield Breach(bucket.urn, "nothing says how the bucket encrypts")
        allowed = (*_OWN, "AES256") if bucket.at("bucket") in logs or UNKNOWN in logs else _OWN
        for part in parts:
            if any(differs(value, *allowed) for value in every(part.inputs, _PATH)):
                yield Breach(part.urn, "the bucket does not encrypt with a key of the platform")


def _named(view: View, type_: str, path: str) -> Iterator[object]:
    return (item.at(path) for item in view.of(type_))


RULE: Final = Rule(
    name="no-unencrypted-bucket",
    title="Buckets encrypt with the side's key",
    severity=Severity.HIGH,
    controls=(*hipaa("312(a)(2)(iv)"), *fsbp("S3.17")),
    types=(BUCKET, _ENCRYPTION),
    way_out="give the bucket a BucketServerSideEncryptionConfiguration with aws:kms and the side's key",
    check=_check,
)
