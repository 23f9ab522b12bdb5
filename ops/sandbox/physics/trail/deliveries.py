"""Where a trail's records go: gzipped JSON in its bucket, under the bucket's own lock, and lines in its log group.

Source of keys and form: CloudTrail user guide, "Finding your CloudTrail log files", as of November 2026. Through moto's
own S3, so that replication and all else that watches a bucket sees what arrives.
"""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from ops.sandbox.physics.world import World

MOST_LINES: Final = 10_000
"""Lines that a trail's log stream keeps here."""
_ARN_PARTS: Final = 7  # arn:aws:logs:region:account:log-group:name
_MILLISECONDS: Final = 1000
_DAYS_A_YEAR: Final = 365


def is_dark(world: World, region: str) -> bool:
    """Whether a region does not answer."""
    return world.faults.active("region-dark", region) is not None


def can_take(world: World, trail: Any) -> bool:  # noqa: ANN401 - moto's own
    """Whether a trail's bucket is there and answers."""
    bucket = world.backend("s3", "aws").buckets.get(trail.bucket_name)
    return bucket is not None and not is_dark(world, bucket.region_name)


def is_of(trail: Any, key: str) -> bool:  # noqa: ANN401 - moto's own
    """Whether a key is of a trail's own files."""
    return key.startswith(f"{trail.s3_key_prefix}/AWSLogs/" if trail.s3_key_prefix else "AWSLogs/")


def put(world: World, trail: Any, region: str, lines: Sequence[str], unique: str) -> None:  # noqa: ANN401 - as above
    """Deliver records of a region, as JSON texts, in one file that ends in `unique`."""
    content = gzip.compress(f'{{"Records":[{",".join(lines)}]}}'.encode(), mtime=0)
    s3 = world.backend("s3", "aws")
    bucket = s3.buckets[trail.bucket_name]
    how = {"encryption": "aws:kms", "kms_key_id": trail.kms_key_id} if trail.kms_key_id else {}
    if bucket.has_default_lock:
        days = (bucket.default_lock_days or 0) + (bucket.default_lock_years or 0) * _DAYS_A_YEAR
        until = world.now + timedelta(days=days)
        how |= {"lock_mode": bucket.default_lock_mode, "lock_until": f"{until:%Y-%m-%dT%H:%M:%SZ}"}
    s3.put_object(trail.bucket_name, _key(world, trail, region, unique), content, **how)
    _log(world, trail, region, lines)


def _key(world: World, trail: Any, region: str, unique: str) -> str:  # noqa: ANN401 - as above
    account, now = world.account, world.now
    folder = f"AWSLogs/{account}/CloudTrail/{region}/{now:%Y/%m/%d}"
    name = f"{folder}/{account}_CloudTrail_{region}_{now:%Y%m%dT%H%MZ}_{unique}.json.gz"
    return f"{trail.s3_key_prefix}/{name}" if trail.s3_key_prefix else name


def _log(world: World, trail: Any, region: str, lines: Sequence[str]) -> None:  # noqa: ANN401 - as above
    """Put records into the trail's log group, if it has one."""
    parts = (trail.cw_log_group_arn or "").split(":")
    if len(parts) < _ARN_PARTS or is_dark(world, parts[3]):
        return
    group = world.backend("logs", parts[3]).groups.get(parts[6])
    if group is None:
        return
    stream = f"{world.account}_CloudTrail_{region}"
    if stream not in group.streams:
        group.create_log_stream(stream)
    now = int(world.now.timestamp() * _MILLISECONDS)
    # Beside moto's check of the time, which it holds against the wall clock.
    group.put_log_events(stream, [{"timestamp": now, "message": line} for line in lines])
    del group.streams[stream].events[:-MOST_LINES]
