"""Access to every bucket is logged, but to the one that keeps the logs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policies.model import Breach, Rule, Severity, View, cis, fsbp, hipaa
from policies.names import BUCKET

_LOGGING: Final = "aws:s3/bucketLogging:BucketLogging"


def _check(view: View) -> Iterator[Breach]:
    parts = list(view.of(_LOGGING))
    targets = {part.at("targetBucket") for part in parts}
    edges = {urn for part in parts for urn in part.property_dependencies.get("targetBucket", ())}
    for bucket in view.of(BUCKET):
        keeps = bucket.urn in edges or bucket.at("bucket") in targets
        if not keeps and not view.parts(bucket, _LOGGING, "bucket"):
            yield Breach(bucket.urn, "access to the bucket is not logged")


RULE: Final = Rule(
    name="no-unlogged-bucket",
    title="Access to buckets is logged",
    severity=Severity.MEDIUM,
    controls=(*hipaa("312(b)"), *cis("3.4"), *fsbp("S3.9")),
    types=(BUCKET, _LOGGING),
    way_out="give the bucket a BucketLogging to the side's logs bucket",
    check=_check,
)
