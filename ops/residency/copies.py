"""Reads copies off a recorded program: whatever moves data to another place, by what, to where, under which key. Pure.

A type that looks as if it copied, and that nobody has taught this module to read, is a copy to an unknown place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from domain.residency import Mechanism
from ops.engine.record import Program, Registration, reveal

UNKNOWN: Final = "unknown"

_REGION_OF_ARN: Final = re.compile(r"arn:[\w-]+:[\w-]+:([a-z]{2,}(?:-[a-z]+)+-\d+):")
_LOOKS_LIKE_A_COPY: Final = re.compile(r"replica|copy|copies|crossregion|globalcluster|globaltable", re.IGNORECASE)
_BUCKET: Final = "aws:s3/bucket:Bucket"
_INSTANCE: Final = "aws:rds/instance:Instance"
_PLAN: Final = "aws:backup/plan:Plan"


@dataclass(frozen=True, kw_only=True)
class Movement:
    """A copy: its source (an ARN, a name, or the URN of what holds the data), and where it goes.

    `prefix` is that of the objects which are copied; empty where all are.
    """

    source: str
    mechanism: str
    region: str
    key: str
    made_by: str
    prefix: str = ""


def movements(program: Program) -> Iterator[Movement]:
    """Every copy that `program` makes."""
    for item in program.registrations:
        reader = _READERS.get(item.type)
        if reader:
            yield from reader(program, item, reveal(item.inputs))
        elif item.custom and item.type not in _NO_COPIES and _LOOKS_LIKE_A_COPY.search(item.type):
            yield Movement(source="", mechanism=item.type, region=UNKNOWN, key="", made_by=item.name)


def region_in(arn: str) -> str:
    """The region that an ARN names, `unknown` if it names none."""
    found = _REGION_OF_ARN.match(arn)
    return found[1] if found else UNKNOWN


def _database_replica(program: Program, item: Registration, inputs: Mapping[str, Any]) -> Iterator[Movement]:
    if inputs.get("replicateSourceDb"):
        yield Movement(
            source=inputs["replicateSourceDb"],
            mechanism=Mechanism.DATABASE_REPLICA.value,
            region=program.region_of(item) or UNKNOWN,
            key=inputs.get("kmsKeyId", ""),
            made_by=item.name,
        )


def _secret_replicas(_program: Program, item: Registration, inputs: Mapping[str, Any]) -> Iterator[Movement]:
    for replica in inputs.get("replicas") or ():
        yield Movement(
            source=item.urn,
            mechanism=Mechanism.SECRET_REPLICA.value,
            region=replica.get("region", UNKNOWN),
            key=replica.get("kmsKeyId", ""),
            made_by=item.name,
        )


def _bucket_replication(program: Program, item: Registration, inputs: Mapping[str, Any]) -> Iterator[Movement]:
    buckets = {bucket.inputs.get("bucket"): bucket for bucket in program.of_type(_BUCKET)}
    for rule in inputs.get("rules") or ():
        destination = rule.get("destination") or {}
        twin = buckets.get(str(destination.get("bucket", "")).rpartition(":")[2])
        yield Movement(
            source=str(inputs["bucket"]),
            mechanism=Mechanism.BUCKET_REPLICATION.value,
            region=program.region_of(twin) if twin else UNKNOWN,
            key=(destination.get("encryptionConfiguration") or {}).get("replicaKmsKeyId", ""),
            made_by=item.name,
            prefix=(rule.get("filter") or {}).get("prefix", ""),
        )


def _deliveries(program: Program, item: Registration, inputs: Mapping[str, Any]) -> Iterator[Movement]:
    """What a trail records goes to its bucket."""
    buckets = {bucket.inputs.get("bucket"): bucket for bucket in program.of_type(_BUCKET)}
    bucket = buckets.get(inputs.get("s3BucketName"))
    yield Movement(
        source=item.urn,
        mechanism="CloudTrail delivery",
        region=program.region_of(bucket) if bucket else UNKNOWN,
        key=inputs.get("kmsKeyId", ""),
        made_by=item.name,
    )


def _backup_copies(_program: Program, item: Registration, inputs: Mapping[str, Any]) -> Iterator[Movement]:
    for rule in inputs.get("rules") or ():
        for action in rule.get("copyActions") or ():
            arn = str(action.get("destinationVaultArn", ""))
            yield Movement(
                source=str(rule.get("targetVaultName", "")),
                mechanism=Mechanism.BACKUP_COPY.value,
                region=region_in(arn),
                key=arn,  # a vault's copies are encrypted with the vault's own key
                made_by=item.name,
            )


def _backups(program: Program, item: Registration, inputs: Mapping[str, Any]) -> Iterator[Movement]:
    plans = {plan.id: plan for plan in program.of_type(_PLAN)}
    plan = plans.get(str(inputs.get("planId")))
    vaults = {str(rule.get("targetVaultName", "")) for rule in reveal(plan.inputs).get("rules", ())} if plan else {""}
    for arn in inputs.get("resources") or ():
        for vault in sorted(vaults):
            region = program.region_of(item) or UNKNOWN
            yield Movement(source=arn, mechanism="AWS Backup", region=region, key=vault, made_by=item.name)


def _snapshot_copy(program: Program, item: Registration, inputs: Mapping[str, Any]) -> Iterator[Movement]:
    sources = ("sourceDbInstanceArn", "sourceDbSnapshotIdentifier", "sourceSnapshotId", "sourceAmiId")
    yield Movement(
        source=next((str(inputs[name]) for name in sources if inputs.get(name)), ""),
        mechanism=Mechanism.SNAPSHOT_COPY.value,
        region=inputs.get("destinationRegion") or program.region_of(item) or UNKNOWN,
        key=str(inputs.get("kmsKeyId", "")),
        made_by=item.name,
    )


_READERS: Final[Mapping[str, Callable[[Program, Registration, Mapping[str, Any]], Iterator[Movement]]]] = {
    _INSTANCE: _database_replica,
    _PLAN: _backup_copies,
    "aws:backup/selection:Selection": _backups,
    "aws:cloudtrail/trail:Trail": _deliveries,
    "aws:ec2/amiCopy:AmiCopy": _snapshot_copy,
    "aws:ebs/snapshotCopy:SnapshotCopy": _snapshot_copy,
    "aws:rds/instanceAutomatedBackupsReplication:InstanceAutomatedBackupsReplication": _snapshot_copy,
    "aws:rds/snapshotCopy:SnapshotCopy": _snapshot_copy,
    "aws:s3/bucketReplicationConfig:BucketReplicationConfig": _bucket_replication,
    "aws:secretsmanager/secret:Secret": _secret_replicas,
}
# Its nodes are in one region; a second one would be a GlobalReplicationGroup.
_NO_COPIES: Final = frozenset({"aws:elasticache/replicationGroup:ReplicationGroup"})
