"""Buckets keep what is overwritten or deleted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policies.model import Breach, Rule, Severity, View, fsbp, hipaa
from policies.names import BUCKET
from policies.values import differs

_VERSIONING: Final = "aws:s3/bucketVersioning:BucketVersioning"


def _check(view: View) -> Iterator[Breach]:
    for bucket in view.of(BUCKET):
        parts = view.parts(bucket, _VERSIONING, "bucket")
        if all(differs(part.at("versioningConfiguration.status"), "Enabled") for part in parts):
            yield Breach(bucket.urn, "what is overwritten is lost")


RULE: Final = Rule(
    name="no-unversioned-bucket",
    title="Buckets are versioned",
    severity=Severity.MEDIUM,
    controls=(*hipaa("312(c)(1)", "308(a)(7)(ii)(A)"), *fsbp("S3.14")),
    types=(BUCKET, _VERSIONING),
    way_out="give the bucket a BucketVersioning that is Enabled",
    check=_check,
)
