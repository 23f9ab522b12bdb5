"""What S3 must be allowed to replicate one bucket: exactly that, and nothing on any other bucket. Pure.

Source: S3 guide, "Setting up permissions for live replication", "Replicating encrypted objects" and "Object Lock
considerations", read November 2026.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import pulumi

from components import policy

_CONFIGURATION: Final = ("s3:GetReplicationConfiguration", "s3:ListBucket")
# All that is replicated lies in buckets with Object Lock, for holds at least.
_VERSIONS: Final = (
    "s3:GetObjectLegalHold",
    "s3:GetObjectRetention",
    "s3:GetObjectVersionAcl",
    "s3:GetObjectVersionForReplication",
    "s3:GetObjectVersionTagging",
)
_REPLICAS: Final = ("s3:ReplicateDelete", "s3:ReplicateObject", "s3:ReplicateTags")
# Encrypt is what S3 documents; a bucket key is made with GenerateDataKey, and neither lets anything be read.
_ENCRYPT: Final = ("kms:Encrypt", "kms:GenerateDataKey")


@dataclass(frozen=True, kw_only=True)
class End:
    """A bucket at one end of a replication, the prefixes of what is replicated, and the key that encrypts it."""

    region: str
    bucket_arn: pulumi.Input[str]
    prefixes: Sequence[str]
    key_arn: pulumi.Input[str]

    @property
    def objects(self) -> list[pulumi.Output[str]]:
        """The ARNs of everything that is replicated."""
        return [pulumi.Output.concat(self.bucket_arn, "/", prefix, "*") for prefix in self.prefixes]


def replication(role: str, source: End, destination: End) -> list[policy.Statement]:
    """The rights to replicate the bucket called `role`."""
    sid = role.title()
    return [
        policy.allow(f"{sid}Configuration", _CONFIGURATION, [source.bucket_arn]),
        policy.allow(f"{sid}Read", _VERSIONS, source.objects),
        policy.allow(f"{sid}Write", _REPLICAS, destination.objects),
        policy.allow(f"{sid}Decrypt", ["kms:Decrypt"], [source.key_arn], condition=_through_s3(source)),
        policy.allow(f"{sid}Encrypt", _ENCRYPT, [destination.key_arn], condition=_through_s3(destination)),
    ]


def _through_s3(end: End) -> dict[str, Any]:
    """Only when S3 asks, and for this bucket: the context of a bucket key is its ARN, else it is an object's."""
    return {
        "StringEquals": {"kms:ViaService": f"s3.{end.region}.amazonaws.com"},
        "StringLike": {"kms:EncryptionContext:aws:s3:arn": [end.bucket_arn, *end.objects]},
    }
