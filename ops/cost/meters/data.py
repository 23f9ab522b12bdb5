"""What databases, caches, buckets, their copies and backups cost. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from ops.cost import usage
from ops.cost.meters.item import Charge, Item, Meter, hourly, monthly

DATABASE: Final = "aws:rds/instance:Instance"
_UPLOADS: Final = "-uploads-"


def _database(item: Item) -> Iterator[Charge]:
    kind, copies = str(item.inputs["instanceClass"]), 2 if item.inputs.get("multiAz") else 1
    zones = "in two zones" if copies > 1 else "in one zone"
    yield hourly(f"{kind} {zones}", f"rds.{kind.removeprefix('db.')}", copies)
    size = _allocated(item)
    yield monthly(f"{size} GiB gp3 {zones}", "rds.gp3", size * copies)
    if item.inputs.get("replicateSourceDb"):
        sent = item.usage.kib_per_request(usage.DATABASE_WRITES)
        yield monthly("changes from the writer", "transfer.region", sent)


def _allocated(item: Item) -> int:
    """The storage of an instance in GiB; a replica, and what was one, does not state it, and is as large as set."""
    return int(item.inputs.get("allocatedStorage") or item.usage.database_gib)


def _cache(item: Item) -> Iterator[Charge]:
    kind, nodes = str(item.inputs["nodeType"]), int(item.inputs["numCacheClusters"])
    yield hourly(f"{nodes} x {kind}", kind, nodes)


def _bucket(item: Item) -> Iterator[Charge]:
    """Documents are counted with the bucket of originals; what the others hold is small beside it."""
    if _UPLOADS in str(item.inputs["bucket"]):
        yield monthly(f"{item.usage.stored_gib} GiB of documents", "s3.standard", item.usage.stored_gib)
        if item.busy:
            yield monthly("requests", "s3.put", item.usage.object_requests)


def _replication(item: Item) -> Iterator[Charge]:
    if not item.busy or _UPLOADS not in str(item.inputs["bucket"]):
        return
    yield monthly("copies to the other side", "transfer.region", item.usage.uploaded_gib)
    timed = any(
        rule["destination"].get("replicationTime", {}).get("status") == "Enabled" for rule in item.inputs["rules"]
    )
    if timed:
        yield monthly("replication time control", "s3.rtc", item.usage.uploaded_gib)


def _backup(item: Item) -> Iterator[Charge]:
    """A plan's recovery points, here and where they are copied to. The plan of audit data is small beside it."""
    copied = 1 + any(rule.get("copyActions") for rule in item.inputs["rules"])
    if "audit" in str(item.inputs["name"]):
        return
    database = sum(_allocated(found) for found in item.neighbours(DATABASE)) * usage.DATABASE_SHARE.value
    points = usage.BACKUP_COPIES.value
    yield monthly("the database's recovery points", "backup.rds", database * points * copied)
    yield monthly("the documents' recovery points", "backup.s3", item.usage.stored_gib * points * copied)
    if copied > 1:
        yield monthly("copies to the other side", "transfer.region", database * (points - 1) + item.usage.uploaded_gib)


def _key(_: Item) -> Iterator[Charge]:
    yield monthly("key", "kms.key")


def _secret(item: Item) -> Iterator[Charge]:
    copies = 1 + len(item.inputs.get("replicas") or ())
    yield monthly("secret" if copies == 1 else "secret and its copy", "secret.month", copies)


METERS: Final[Mapping[str, Meter]] = {
    DATABASE: _database,
    "aws:elasticache/replicationGroup:ReplicationGroup": _cache,
    "aws:s3/bucket:Bucket": _bucket,
    "aws:s3/bucketReplicationConfig:BucketReplicationConfig": _replication,
    "aws:backup/plan:Plan": _backup,
    "aws:kms/key:Key": _key,
    "aws:secretsmanager/secret:Secret": _secret,
}
