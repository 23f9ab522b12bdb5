"""Evidence is locked for six years, as the law asks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from domain.retention import EVIDENCE_DAYS
from policies.model import Breach, Resource, Rule, Severity, View, fsbp, hipaa
from policies.names import BUCKET
from policies.values import is_unknown

_LOCK: Final = "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration"
_RETENTION: Final = "rule.defaultRetention"
_YEAR: Final = 365


def _check(view: View) -> Iterator[Breach]:
    for bucket in view.of(BUCKET):
        if bucket.at("tags.DataClass") != "evidence":
            continue
        locks = view.parts(bucket, _LOCK, "bucket")
        if all(_short(lock) for lock in locks):
            yield Breach(bucket.urn, f"it holds evidence, and nothing locks that for {EVIDENCE_DAYS} days")


def _short(lock: Resource) -> bool:
    days, years = lock.at(f"{_RETENTION}.days"), lock.at(f"{_RETENTION}.years")
    if is_unknown(days) or is_unknown(years) or lock.at(f"{_RETENTION}.mode") is None:
        return lock.at(f"{_RETENTION}.mode") is None
    return int(days or 0) < EVIDENCE_DAYS and int(years or 0) < EVIDENCE_DAYS // _YEAR


RULE: Final = Rule(
    name="no-unlocked-evidence",
    title="Evidence is locked for six years",
    severity=Severity.HIGH,
    controls=(*hipaa("316(b)(2)(i)", "312(c)(1)"), *fsbp("S3.15")),
    types=(BUCKET, _LOCK),
    way_out="give the bucket a BucketObjectLockConfiguration with a default retention of 2192 days",
    check=_check,
)
