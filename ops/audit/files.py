"""The trail's files in an audit bucket: found by region and day, and read one at a time.

Owns: which files may hold events of a period, and what becomes of one that cannot be read, that somebody has put a
version over, or that a delete marker hides: it is told of. Every version is read, so that the first one, as CloudTrail
delivered it, always is. Does not own: which of the events are asked for.

Whether a file is what CloudTrail wrote is not checked here: on AWS `aws cloudtrail validate-logs` does that by the
digest files, which AWS alone can sign.
"""

from __future__ import annotations

import json
import re
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from botocore.exceptions import BotoCoreError, HTTPClientError
from botocore.exceptions import ConnectionError as BotoConnectionError

from ops.audit import events
from ops.audit.events import Event
from ops.audit.times import Period
from ops.drill.calls import ActionError, DeniedError, call
from ops.drill.site import UnreachableError

LATE: Final = timedelta(days=1)
"""How long after an event its file is still looked for."""
MOST_BYTES: Final = 256 * 1024 * 1024
"""Of one file, unpacked; CloudTrail's have a few megabytes."""
_CHUNK: Final = 1024 * 1024
_DELIVERED: Final = re.compile(r"_([0-9]{8}T[0-9]{4})Z_[^/]*\.json\.gz")
_GZIP: Final = 16 + zlib.MAX_WBITS
_MINUTE: Final = timedelta(minutes=1)


class UnreadableError(Exception):
    """A file that cannot be read; the message says why."""


@dataclass(kw_only=True)
class Seen:
    """What was seen on the way: until when each region's files reach, how much was read, and what could not be."""

    newest: dict[str, datetime] = field(default_factory=dict)
    files: int = 0
    unreadable: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Folder:
    """Where a trail's files are."""

    client: Any
    bucket: str
    prefix: str
    account: str

    @property
    def root(self) -> str:
        """What all keys begin with."""
        return f"{self.prefix}/AWSLogs/{self.account}/CloudTrail/".removeprefix("/")

    def regions(self) -> list[str]:
        """The regions that anything was ever delivered of.

        Raises:
            UnreachableError, ActionError: S3 does not answer, or refuses.
        """
        found: list[str] = []
        more: dict[str, str] = {}
        while True:
            page = call(self.client, "list_objects_v2", Bucket=self.bucket, Prefix=self.root, Delimiter="/", **more)
            found += [item["Prefix"].removeprefix(self.root).rstrip("/") for item in page.get("CommonPrefixes", ())]
            if not page.get("IsTruncated"):
                return sorted(found)
            more = {"ContinuationToken": page["NextContinuationToken"]}

    def events(self, period: Period, seen: Seen) -> Iterator[Event]:
        """The events of a period, region by region and file by file.

        Raises:
            UnreachableError, ActionError: S3 does not answer, or refuses.
        """
        for region in self.regions():
            for day in period.days(LATE):
                for key, version in self._keys(f"{self.root}{region}/{day:%Y/%m/%d}/", seen):
                    at = _delivered(key)
                    if at:
                        seen.newest[region] = max(at, seen.newest.get(region, at))
                    if at is None or at >= period.since - _MINUTE:
                        yield from self._events(key, version, period, seen)

    def _keys(self, prefix: str, seen: Seen) -> Iterator[tuple[str, str]]:
        """Each version of each file under `prefix`; those that somebody has meddled with are told of."""
        more: dict[str, str] = {}
        versions: Counter[str] = Counter()
        while True:
            page = call(self.client, "list_object_versions", Bucket=self.bucket, Prefix=prefix, **more)
            for marker in page.get("DeleteMarkers", ()):
                seen.unreadable.append(f"{marker['Key']}: a delete marker was put over it; its versions are read")
            for item in page.get("Versions", ()):
                versions[item["Key"]] += 1
                yield item["Key"], item["VersionId"]
            if not page.get("IsTruncated"):
                break
            more = {"KeyMarker": page["NextKeyMarker"], "VersionIdMarker": page.get("NextVersionIdMarker", "")}
        for key, count in versions.items():
            if count > 1:
                seen.unreadable.append(f"{key}: has {count} versions, and CloudTrail writes one; all are read")

    def _events(self, key: str, version: str, period: Period, seen: Seen) -> Iterator[Event]:
        seen.files += 1
        try:
            records = self._records(key, version)
        except UnreadableError as error:
            seen.unreadable.append(f"{key}: {error}")
            return
        bad = 0
        for record in records:
            try:
                event = events.read(record)
            except (ValueError, KeyError, TypeError, AttributeError, IndexError):
                bad += 1
                continue
            if period.holds(event.at):
                yield event
        if bad:
            seen.unreadable.append(f"{key}: {bad} of {len(records)} records are none of CloudTrail's form")

    def _records(self, key: str, version: str) -> list[Mapping[str, Any]]:
        try:
            answer = call(self.client, "get_object", Bucket=self.bucket, Key=key, VersionId=version)
        except DeniedError:
            raise
        except ActionError as error:
            raise UnreadableError(error.code or "refused") from None
        try:
            found = json.loads(_unpacked(answer["Body"]))
            records = found["Records"]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise UnreadableError(f"is no file of CloudTrail's ({type(error).__name__})") from None
        if not isinstance(records, list):
            raise UnreadableError("is no file of CloudTrail's (its records are no list)")
        return records


def _unpacked(body: Any) -> bytes:  # noqa: ANN401 - botocore's stream
    """What a gzipped stream holds, and never more than `MOST_BYTES` of it."""
    unpack = zlib.decompressobj(_GZIP)
    found = bytearray()
    try:
        for chunk in body.iter_chunks(_CHUNK):
            found += unpack.decompress(chunk, MOST_BYTES + 1 - len(found))
            if len(found) > MOST_BYTES:
                raise UnreadableError(f"holds more than {MOST_BYTES} bytes")
    except zlib.error as error:
        raise UnreadableError(f"is no gzip ({error})") from None
    except (BotoConnectionError, HTTPClientError) as error:
        raise UnreachableError(f"s3:GetObject: broke off ({type(error).__name__})") from error
    except BotoCoreError as error:
        raise UnreadableError(f"broke off ({type(error).__name__})") from None
    if not unpack.eof:
        raise UnreadableError("ends too soon")
    return bytes(found)


def _delivered(key: str) -> datetime | None:
    """When a file was delivered, to the minute, by its name; None for what is none of CloudTrail's names."""
    matched = _DELIVERED.search(key)
    return datetime.strptime(matched[1], "%Y%m%dT%H%M").replace(tzinfo=UTC) if matched else None
