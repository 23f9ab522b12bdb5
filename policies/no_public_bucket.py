"""Every bucket blocks public access in all four ways, and has no public ACL."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policies.model import Breach, Rule, Severity, View, cis, fsbp, hipaa
from policies.names import BUCKET
from policies.values import off

_BLOCK: Final = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
_ACL: Final = "aws:s3/bucketAcl:BucketAcl"
_WAYS: Final = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")


def _check(view: View) -> Iterator[Breach]:
    for bucket in view.of(BUCKET):
        parts = view.parts(bucket, _BLOCK, "bucket")
        if not parts:
            yield Breach(bucket.urn, "nothing blocks public access")
        for part in parts:
            lacking = [way for way in _WAYS if off(part.at(way))]
            if lacking:
                yield Breach(part.urn, f"public access is not blocked by {', '.join(lacking)}")
    for item in view.of(_ACL, BUCKET):
        if str(item.at("acl")).startswith(("public-", "authenticated-")):
            yield Breach(item.urn, "an ACL lets people in from other accounts")


RULE: Final = Rule(
    name="no-public-bucket",
    title="Buckets block public access",
    severity=Severity.CRITICAL,
    controls=(*hipaa("312(a)(1)"), *cis("2.1.4"), *fsbp("S3.2", "S3.3", "S3.8")),
    types=(BUCKET, _BLOCK, _ACL),
    way_out="give the bucket a BucketPublicAccessBlock with all four set, and no ACL",
    check=_check,
)
