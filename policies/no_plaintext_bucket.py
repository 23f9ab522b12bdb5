"""Buckets refuse what comes without TLS."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policies.model import Breach, Rule, Severity, View, cis, fsbp, hipaa
from policies.names import BUCKET
from policies.transport import refuses_plaintext
from policies.values import is_unknown

_POLICY: Final = "aws:s3/bucketPolicy:BucketPolicy"


def _check(view: View) -> Iterator[Breach]:
    for bucket in view.of(BUCKET):
        parts = view.parts(bucket, _POLICY, "bucket")
        if not any(is_unknown(part.at("policy")) or refuses_plaintext(part, "s3:*") for part in parts):
            yield Breach(bucket.urn, "no policy refuses requests without TLS")


RULE: Final = Rule(
    name="no-plaintext-bucket",
    title="Buckets refuse what comes without TLS",
    severity=Severity.MEDIUM,
    controls=(*hipaa("312(e)(1)", "312(e)(2)(ii)"), *cis("2.1.1"), *fsbp("S3.5")),
    types=(BUCKET, _POLICY),
    way_out="deny s3:* to everybody where aws:SecureTransport is false",
    check=_check,
)
