"""A bucket's replication rules, and a replica as S3 makes it, on moto's own objects.

Does not own: when that happens, and whether it can (`objects`). Not replicated here, though S3
does: later changes of tags, access lists and locks. Tells no subscriber of the destination's events.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

KMS: Final = "aws:kms"
_ON: Final = "Enabled"
_SEQUENCE: Final = itertools.count(1)


class UnsupportedRuleError(Exception):
    """A replication rule that the local cloud cannot follow; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What is copied to where. `replica_key` encrypts the replicas of objects that a KMS key encrypts."""

    id: str
    destination: str
    prefix: str
    priority: int
    encrypted: bool
    delete_markers: bool
    replica_key: str
    storage_class: str


def rules(bucket: Any) -> tuple[Rule, ...]:  # noqa: ANN401 - moto's own
    """The rules of moto's `bucket` that are in force, the one that prevails first.

    Raises:
        UnsupportedRuleError: one selects objects by their tags.
    """
    kept = getattr(bucket, "replication", None)
    in_force = (_rule(rule) for rule in (kept["Rule"] if kept else ()) if rule["Status"] == _ON)
    return tuple(sorted(in_force, key=lambda rule: -rule.priority))


def rule_for(bucket: Any, version: Any) -> Rule | None:  # noqa: ANN401 - moto's own
    """The rule by which a version of an object, or a delete marker, is copied out of `bucket`, if there is one.

    Raises:
        UnsupportedRuleError: a rule cannot be followed.
    """
    for rule in rules(bucket):
        if version.name.startswith(rule.prefix):
            if is_marker(version):
                return rule if rule.delete_markers else None
            return rule if rule.encrypted or version.encryption != KMS else None
    return None


def is_marker(version: Any) -> bool:  # noqa: ANN401 - moto's own
    """Whether it is a delete marker."""
    from moto.s3.models import FakeDeleteMarker  # noqa: PLC0415 - after moto's environment is set

    return isinstance(version, FakeDeleteMarker)


def written(version: Any) -> None:  # noqa: ANN401 - moto's own
    """Note the order in which versions came about, which a replica has in common with its original."""
    if not hasattr(version, "sequence"):
        version.sequence = next(_SEQUENCE)


def status(version: Any) -> str:  # noqa: ANN401 - moto's own
    """The replication status of a version; empty if it has none."""
    return str(getattr(version, "replication_status", ""))


def stands(bucket: Any, version: Any) -> bool:  # noqa: ANN401 - moto's own
    """Whether `bucket` still has this version: it may have been deleted for good."""
    return any(kept is version for kept in bucket.keys.getlist(version.name, []))


def copy(s3: Any, version: Any, destination: Any, rule: Rule) -> Any:  # noqa: ANN401 - moto's own
    """Put a replica of `version` into `destination`, and give it: the same version, with the rule's key.

    It takes its place in the order of writing: an old version that arrives late does not hide a newer one.
    """
    versions = list(destination.keys.getlist(version.name, []))
    replica = _marker(version) if is_marker(version) else _object(s3, version, destination, rule)
    replica._version_id = version.version_id  # noqa: SLF001 - moto has no other way
    replica.last_modified = version.last_modified
    replica.sequence = version.sequence
    replica.replication_status = "REPLICA"
    if not is_marker(version):
        s3.tagger.copy_tags(version.arn, replica.arn)
    place = len([kept for kept in versions if getattr(kept, "sequence", 0) < replica.sequence])
    destination.keys.setlist(version.name, [*versions[:place], replica, *versions[place:]])
    return replica


def _marker(version: Any) -> Any:  # noqa: ANN401 - moto's own
    from moto.s3.models import FakeDeleteMarker  # noqa: PLC0415 - after moto's environment is set

    return FakeDeleteMarker(key=version.key)


def _object(s3: Any, version: Any, destination: Any, rule: Rule) -> Any:  # noqa: ANN401 - moto's own
    from moto.s3.models import FakeKey  # noqa: PLC0415 - after moto's environment is set

    algorithm, key, bucket_key = _encryption(version, destination, rule)
    replica: Any = FakeKey(
        name=version.name,
        bucket_name=destination.name,
        value=version.value,
        account_id=s3.account_id,
        region_name=s3.region_name,
        storage=rule.storage_class or version.storage_class,
        etag=version.etag.strip('"'),
        is_versioned=True,
        encryption=algorithm,
        kms_key_id=key,
        bucket_key_enabled=bucket_key,
        lock_mode=version.lock_mode,
        lock_legal_status=version.lock_legal_status,
        lock_until=version.lock_until,
        checksum_value=version.checksum_value,
        checksum_type=version.checksum_type,
        checksum_parts=version.checksum_parts,
    )
    replica.checksum_algorithm = version.checksum_algorithm
    replica.website_redirect_location = version.website_redirect_location
    replica.set_metadata(dict(version.metadata))
    replica.set_acl(version.acl)
    return replica


def _encryption(version: Any, destination: Any, rule: Rule) -> tuple[str | None, str | None, Any]:  # noqa: ANN401
    """Algorithm, key, and whether a bucket key is used: by the rule, or else by the destination's default."""
    if version.encryption == KMS:
        return KMS, rule.replica_key, version.bucket_key_enabled
    if version.encryption or not destination.encryption:
        return version.encryption, None, None
    kept = destination.encryption["Rule"]
    default = kept["ApplyServerSideEncryptionByDefault"]
    return default["SSEAlgorithm"], default.get("KMSMasterKeyID"), kept.get("BucketKeyEnabled", False)


def _rule(rule: Mapping[str, Any]) -> Rule:
    filtered = rule.get("Filter") or {}
    both = filtered.get("And") or {}
    if filtered.get("Tag") or both.get("Tag"):
        raise UnsupportedRuleError(f"rule {rule['ID']} selects by tags: the local cloud selects by prefix only")
    destination = rule["Destination"]
    return Rule(
        id=rule["ID"],
        destination=destination["Bucket"].rpartition(":")[2],
        prefix=_first((both.get("Prefix"), filtered.get("Prefix"), rule.get("Prefix"))),
        priority=int(rule["Priority"]),
        encrypted=_is_on(rule, "SourceSelectionCriteria", "SseKmsEncryptedObjects"),
        delete_markers=_is_on(rule, "DeleteMarkerReplication"),
        replica_key=(destination.get("EncryptionConfiguration") or {}).get("ReplicaKmsKeyID") or "",
        storage_class=destination.get("StorageClass") or "",
    )


def _is_on(rule: Mapping[str, Any], *path: str) -> bool:
    for name in path:
        rule = rule.get(name) or {}
    return rule.get("Status") == _ON


def _first(values: Iterable[str | None]) -> str:
    return next((value for value in values if value), "")
