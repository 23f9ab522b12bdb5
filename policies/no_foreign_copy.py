"""No copy, and no reference, leads out of the jurisdiction."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from policies.model import Breach, Resource, Rule, Severity, View, hipaa
from policies.names import BUCKET, SECRET
from policies.places import jurisdiction_of
from policies.values import UNKNOWN, every, texts

_REGIONS: Final = (
    (SECRET, "replicas.region"),
    ("aws:dynamodb/table:Table", "replicas.regionName"),
    ("aws:ssm/resourceDataSync:ResourceDataSync", "s3Destination.region"),
)
_REPLICATION: Final = "aws:s3/bucketReplicationConfig:BucketReplicationConfig"
_ARN: Final = re.compile(r"arn:aws[\w-]*:[\w-]+:([a-z]{2}(?:-[a-z]+)+-\d):")


def _check(view: View) -> Iterator[Breach]:
    for type_, path in _REGIONS:
        for item in view.of(type_):
            for region in every(item.inputs, path):
                yield from _judge(view, item, region)
    for item in view.of(_REPLICATION):
        yield from _replicates(view, item)
    for item in view.resources:
        if item.type.startswith("aws:"):
            plain = [value for key, value in item.inputs.items() if key not in item.documents]
            for region in sorted({region for text in texts(plain) for region in _ARN.findall(text)}):
                yield from _judge(view, item, region)


def _judge(view: View, item: Resource, region: object) -> Iterator[Breach]:
    home = jurisdiction_of(view, item.provider)
    if home is not None and isinstance(region, str) and not home.holds(region):
        yield Breach(item.urn, f"it leads to {region}, outside jurisdiction {home.code}")


def _replicates(view: View, item: Resource) -> Iterator[Breach]:
    buckets = {bucket.at("bucket"): bucket for bucket in view.of(BUCKET)}
    if UNKNOWN in buckets:
        return
    for arn in every(item.inputs, "rules.destination.bucket"):
        if isinstance(arn, str) and arn.rpartition(":")[2] not in buckets:
            yield Breach(item.urn, "it copies to a bucket of which nothing here says where it lies")


RULE: Final = Rule(
    name="no-foreign-copy",
    title="No copy leads out of the jurisdiction",
    severity=Severity.CRITICAL,
    controls=hipaa("310(d)(2)(iii)", "308(a)(1)(ii)(B)"),
    types=(*(type_ for type_, _ in _REGIONS), _REPLICATION, "aws:*"),
    way_out="copy to a region of the jurisdiction, to what this stack makes there",
    check=_check,
)
