"""Whatever holds data is encrypted with a key of its own region that the platform controls."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policies.model import Breach, Resource, Rule, Severity, View, cis, fsbp, hipaa
from policies.names import (
    CACHE,
    DATABASE,
    FUNCTION,
    INSTANCE,
    KEY,
    LOG_GROUP,
    QUEUE,
    SECRET,
    TEMPLATE,
    TOPIC,
    TRAIL,
    VAULT,
)
from policies.values import at, each, every, is_unknown

# Where each type names the key. Absent means a key that AWS controls.
_NAMED: Final = (
    (VAULT, "kmsKeyArn"),
    (LOG_GROUP, "kmsKeyId"),
    (TEMPLATE, "blockDeviceMappings.ebs.kmsKeyId"),
    (INSTANCE, "rootBlockDevice.kmsKeyId"),
    (CACHE, "kmsKeyId"),
    (FUNCTION, "kmsKeyArn"),
    (DATABASE, "kmsKeyId"),
    (DATABASE, "performanceInsightsKmsKeyId"),
    ("aws:s3/bucketObjectv2:BucketObjectv2", "kmsKeyId"),
    (SECRET, "kmsKeyId"),
    (TOPIC, "kmsMasterKeyId"),
    (QUEUE, "kmsMasterKeyId"),
    (TRAIL, "kmsKeyId"),
    ("aws:ebs/volume:Volume", "kmsKeyId"),
    ("aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream", "serverSideEncryption.keyArn"),
)
_PARAMETER: Final = "aws:ssm/parameter:Parameter"
_ENCRYPTION: Final = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
_DEFAULT: Final = "rules.applyServerSideEncryptionByDefault"


def _check(view: View) -> Iterator[Breach]:
    for type_, path in _NAMED:
        for item in view.of(type_):
            yield from _judge(view, item, path, item.region)
    for item in view.of(_PARAMETER):
        if item.at("type") == "SecureString":
            yield from _judge(view, item, "keyId", item.region)
    for item in view.of(_ENCRYPTION):
        if "aws:kms" in list(every(item.inputs, f"{_DEFAULT}.sseAlgorithm")):
            yield from _judge(view, item, f"{_DEFAULT}.kmsMasterKeyId", item.region)
    for item in view.of(SECRET):
        for copy in each(item.at("replicas")):
            yield from _judge_value(item, at(copy, "kmsKeyId"), str(at(copy, "region") or ""))


def _judge(view: View, item: Resource, path: str, region: str) -> Iterator[Breach]:
    for value in every(item.inputs, path):
        yield from _judge_value(item, value, region)
        edges = item.property_dependencies.get(path.partition(".")[0], ())
        keys = [view.by_urn[urn].region for urn in edges if urn in view.by_urn and view.by_urn[urn].type == KEY]
        if is_unknown(value) and keys and region and region not in keys:
            yield Breach(item.urn, f"the key is of {keys[0]}, and this is in {region}")


def _judge_value(item: Resource, value: object, region: str) -> Iterator[Breach]:
    if value is None:
        yield Breach(item.urn, "no key is named, so AWS encrypts with one of its own")
    elif isinstance(value, str) and "alias/aws/" in value:
        yield Breach(item.urn, "the key is one that AWS controls")
    elif isinstance(value, str) and value.startswith("arn:") and region and region != value.split(":")[3]:
        yield Breach(item.urn, f"the key is of {value.split(':')[3]}, and this is in {region}")


RULE: Final = Rule(
    name="no-foreign-key",
    title="Whatever holds data is encrypted with its own side's key",
    severity=Severity.HIGH,
    controls=(*hipaa("312(a)(2)(iv)"), *cis("3.5"), *fsbp("S3.17", "CloudTrail.2")),
    types=(*dict.fromkeys(type_ for type_, _ in _NAMED), _PARAMETER, _ENCRYPTION),
    way_out="name the key of the side that this lies in",
    check=_check,
)
