"""How much waits to be copied between buckets, asked of CloudWatch in the region that receives.

S3 reports there, so the source's region need not answer. A bucket of which S3 reports nothing is one without data.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from ops.drill.calls import call, pages

NAMESPACE: Final = "AWS/S3"
OPERATIONS: Final = "OperationsPendingReplication"
BYTES: Final = "BytesPendingReplication"
SOURCE: Final = "SourceBucket"
_LOOK_BACK: Final = timedelta(minutes=15)
_MINUTE: Final = 60


@dataclass(frozen=True, kw_only=True)
class Backlog:
    """What waits to be copied: how many objects, and how many bytes."""

    objects: float
    size: float


def backlog(cloudwatch: Any, source_bucket: str, now: datetime) -> Backlog | None:  # noqa: ANN401 - boto3 has no types
    """What of `source_bucket` waits to be copied to the region of `cloudwatch`; None if S3 has not said lately."""
    objects = _latest(cloudwatch, OPERATIONS, source_bucket, now)
    size = _latest(cloudwatch, BYTES, source_bucket, now)
    return None if objects is None or size is None else Backlog(objects=objects, size=size)


def total(cloudwatch: Any, source_buckets: Iterable[str], now: datetime) -> Backlog | None:  # noqa: ANN401 - as above
    """What of all `source_buckets` waits, as far as S3 has said; None if it has said nothing of any."""
    found = [item for bucket in source_buckets if (item := backlog(cloudwatch, bucket, now))]
    if not found:
        return None
    return Backlog(objects=sum(item.objects for item in found), size=sum(item.size for item in found))


def _latest(cloudwatch: Any, metric: str, source_bucket: str, now: datetime) -> float | None:  # noqa: ANN401 - as above
    """The latest values of a metric of the bucket's rules, summed; None if there is none of any."""
    dimension = {"Name": SOURCE, "Value": source_bucket}
    rules = pages(cloudwatch, "list_metrics", "Metrics", Namespace=NAMESPACE, MetricName=metric, Dimensions=[dimension])
    # A list may name a metric more than once.
    distinct = {tuple(sorted((item["Name"], item["Value"]) for item in rule["Dimensions"])) for rule in rules}
    found = [
        _value(cloudwatch, metric, [{"Name": name, "Value": value} for name, value in pairs], now)
        for pairs in sorted(distinct)
    ]
    known = [value for value in found if value is not None]
    return sum(known) if known else None


def _value(cloudwatch: Any, metric: str, dimensions: list[dict[str, str]], now: datetime) -> float | None:  # noqa: ANN401
    found = call(
        cloudwatch,
        "get_metric_statistics",
        Namespace=NAMESPACE,
        MetricName=metric,
        Dimensions=dimensions,
        StartTime=now - _LOOK_BACK,
        EndTime=now + timedelta(seconds=_MINUTE),
        Period=_MINUTE,
        Statistics=["Maximum"],
    )["Datapoints"]
    latest = max(found, key=lambda item: item["Timestamp"], default=None)
    return None if latest is None else float(latest["Maximum"])
