"""Buckets keep the logs of who asked for what, for three months at least."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from domain.retention import ACCESS_LOG_DAYS
from policies.model import Breach, Resource, Rule, Severity, View, hipaa
from policies.names import BUCKET
from policies.values import below, each

_LOGGING: Final = "aws:s3/bucketLogging:BucketLogging"
_LIFECYCLE: Final = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"


def _check(view: View) -> Iterator[Breach]:
    for bucket in view.of(BUCKET):
        if view.parts(bucket, _LOGGING, "targetBucket"):
            for lifecycle in view.parts(bucket, _LIFECYCLE, "bucket"):
                yield from _ended_early(lifecycle)


def _ended_early(lifecycle: Resource) -> Iterator[Breach]:
    for rule in each(lifecycle.at("rules")):
        days = rule.get("expiration", {}).get("days")
        if days is not None and below(days, ACCESS_LOG_DAYS):
            yield Breach(lifecycle.urn, f"access logs are deleted after {days} days, not {ACCESS_LOG_DAYS}")


RULE: Final = Rule(
    name="no-short-access-logs",
    title="Access logs are kept for three months",
    severity=Severity.MEDIUM,
    controls=hipaa("312(b)"),
    types=(_LIFECYCLE,),
    way_out=f"let the logs bucket's lifecycle expire nothing before {ACCESS_LOG_DAYS} days",
    check=_check,
)
