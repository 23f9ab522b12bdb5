"""An upload to a cell that stands in the local cloud, and what becomes of it, as an application would follow it.

Owns: where a side's uploads go, the waiting, and what is told in the end. Talks to the cell by S3 alone and looks into
nothing else: the status object says how it ended, and that objects stand in the other side's buckets says that they
were copied. Does not own: what is done with an upload (`functions/`), and what is printed of it.
"""

from __future__ import annotations

import json
import re
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import boto3
from botocore.exceptions import ClientError

from domain.documents import TAG
from domain.naming import Names
from domain.regions import region as find_region
from functions.documents import lineage
from ops.refusal import RefusalError
from ops.sandbox.cells.state import Standing
from ops.sandbox.physics.functions.textract import MODEL

UPLOADS: Final = "uploads"
DERIVED: Final = "derived"
PENDING: Final = "pending"
CONVERTED: Final = "converted"
_POLL_SECONDS: Final = 0.5
_MOST_MIB: Final = 512
_NAME: Final = re.compile(r"[^A-Za-z0-9._-]+")  # of a key: what needs no quoting anywhere


@dataclass(frozen=True, kw_only=True)
class Side:
    """One side of a cell: its region, and its buckets by role."""

    name: str
    region: str
    buckets: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Object:
    """An object, and whether the other side has it; None where there is no other side."""

    bucket: str
    key: str
    size: int
    media_type: str
    copied: bool | None


@dataclass(kw_only=True)
class Upload:
    """An upload, and how far it has come. `status` is the status object, empty until there is one."""

    cell: str
    side: Side
    other: Side | None
    key: str
    version: str
    size: int
    scan: str = ""
    status: dict[str, Any] = field(default_factory=dict)
    objects: list[Object] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def state(self) -> str:
        """How it ended: converted, refused or failed; pending, or empty, if it has not."""
        return str(self.status.get("state", ""))

    @property
    def ended(self) -> bool:
        """Whether it has a final status."""
        return self.state not in ("", PENDING)

    @property
    def copied(self) -> bool:
        """Whether all that there is has arrived on the other side, if there is one."""
        return bool(self.objects) and all(item.copied is not False for item in self.objects)

    @property
    def has_text(self) -> bool:
        """Whether text is among the outputs."""
        return any(item.key.startswith("texts/") for item in self.objects)

    def as_json(self) -> dict[str, Any]:
        """All of it for machines."""
        return {
            "cell": self.cell,
            "side": self.side.name,
            "region": self.side.region,
            "bucket": self.side.buckets[UPLOADS],
            "key": self.key,
            "version": self.version,
            "bytes": self.size,
            "scan": self.scan or None,
            "state": self.state or None,
            "kind": self.status.get("kind"),
            "pages": self.status.get("pages"),
            "reason_code": self.status.get("reason_code"),
            "reason": self.status.get("reason"),
            "flags": self.status.get("flags", []),
            "text": MODEL if self.has_text else None,
            "copied_to": self.other.region if self.other else None,
            "copied": self.copied,
            "objects": [vars(item) for item in self.objects],
            "seconds": round(self.seconds, 1),
        }


class Uploads:
    """One cell's uploads, over S3 at the address where it stands."""

    def __init__(
        self,
        standing: Standing,
        *,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Wait by `sleep` and `monotonic`."""
        session: Any = boto3.Session(
            standing.environment()["AWS_ACCESS_KEY_ID"],
            standing.environment()["AWS_SECRET_ACCESS_KEY"],
            region_name=standing.home_region,
        )
        self._standing = standing
        self._s3 = session.client("s3", endpoint_url=standing.endpoint_url)
        self._sleep = sleep
        self._monotonic = monotonic

    def put(self, file: Path, *, side: str, journey: str) -> Upload:
        """Upload `file` to a side, under a key of its own.

        Raises:
            RefusalError: the cell has no such side, or the file is larger than anything that is opened.
        """
        size = file.stat().st_size
        if size > _MOST_MIB * 1024 * 1024:
            raise RefusalError(
                f"{str(file)!a} has {size} bytes; the local cloud takes uploads of up to {_MOST_MIB} MiB"
            )
        sides = self._sides()
        if side not in sides:
            raise RefusalError(f"cell {self._standing.cell} has no recovery side; upload to --side home")
        name = _NAME.sub("-", file.name)[-100:]
        key = f"{journey}/{secrets.token_hex(6)}/{name}"
        mine = sides.pop(side)
        answer = self._s3.put_object(Bucket=mine.buckets[UPLOADS], Key=key, Body=file.read_bytes())
        return Upload(
            cell=self._standing.cell,
            side=mine,
            other=next(iter(sides.values()), None),
            key=key,
            version=answer["VersionId"],
            size=size,
        )

    def follow(self, upload: Upload, *, patience: float, say: Callable[[str], None]) -> bool:
        """Wait until an upload has ended and been copied; whether that was so within `patience`, in seconds."""
        start = self._monotonic()
        told = self._steps(upload)
        while True:
            for step in told:
                upload.seconds = self._monotonic() - start
                if step is None:
                    break
                say(f"{upload.seconds:6.1f} s  {step}")
            else:
                return True
            if upload.seconds >= patience:
                return False
            self._sleep(_POLL_SECONDS)

    def _steps(self, upload: Upload) -> Iterator[str | None]:
        """What has come to pass, one after the other; None for each look that finds nothing new."""
        while not upload.scan:
            tags = self._s3.get_object_tagging(
                Bucket=upload.side.buckets[UPLOADS], Key=upload.key, VersionId=upload.version
            )["TagSet"]
            upload.scan = next((tag["Value"] for tag in tags if tag["Key"] == TAG), "")
            yield f"scanned: {upload.scan}" if upload.scan else None
        yield from self._status(upload)
        missing = -1
        while missing:
            self._look(upload)
            left = len([item for item in upload.objects if item.copied is False])
            known, missing = missing, left
            yield f"{left} of {len(upload.objects)} objects still to be copied" if left not in (0, known) else None
        if upload.other:
            yield f"all {len(upload.objects)} objects are in {upload.other.region} too"

    def _status(self, upload: Upload) -> Iterator[str | None]:
        key = lineage.status_key(upload.key, upload.version)
        while not upload.ended:
            before = upload.state
            found = self._get(upload.side.buckets[DERIVED], key)
            upload.status = json.loads(found) if found else {}
            if upload.state == before:
                yield None
            elif upload.ended:
                yield f"ended: {upload.state}"
            else:
                yield "converted so far; its text is being read"

    def _look(self, upload: Upload) -> None:
        """See what stands on this side, and whether it does on the other."""
        key = lineage.status_key(upload.key, upload.version)
        outputs = [(DERIVED, item["key"]) for item in upload.status["outputs"]]
        upload.objects = [
            found
            for role, name in ((UPLOADS, upload.key), *outputs, (DERIVED, key))
            if (found := self._object(upload, role, name))
        ]

    def _object(self, upload: Upload, role: str, key: str) -> Object | None:
        bucket = upload.side.buckets[role]
        here = self._head(bucket, key)
        if here is None:
            return None
        # The status object is written several times: what was copied counts if it is the same as here.
        there = self._head(upload.other.buckets[role], key) if upload.other else None
        copied = (there is not None and there["ETag"] == here["ETag"]) if upload.other else None
        return Object(bucket=bucket, key=key, size=here["ContentLength"], media_type=here["ContentType"], copied=copied)

    def _sides(self) -> dict[str, Side]:
        """The cell's sides: home by its names, and recovery by where home's buckets are replicated to."""
        region = self._standing.home_region
        names = Names(cell=self._standing.cell, place=find_region(region).abbreviation)
        mine = {role: names.bucket(role, self._standing.account) for role in (UPLOADS, DERIVED)}
        sides = {"home": Side(name="home", region=region, buckets=mine)}
        theirs = {role: self._destination(bucket) for role, bucket in mine.items()}
        if theirs[UPLOADS]:
            place = self._s3.get_bucket_location(Bucket=theirs[UPLOADS])["LocationConstraint"] or "us-east-1"
            sides["recovery"] = Side(name="recovery", region=place, buckets=theirs)
        return sides

    def _destination(self, bucket: str) -> str:
        try:
            kept = self._s3.get_bucket_replication(Bucket=bucket)["ReplicationConfiguration"]
        except ClientError as error:
            if error.response["Error"]["Code"] == "ReplicationConfigurationNotFoundError":
                return ""
            raise
        return str(kept["Rules"][0]["Destination"]["Bucket"]).rpartition(":")[2]

    def _head(self, bucket: str, key: str) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = self._s3.head_object(Bucket=bucket, Key=key)
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:  # noqa: PLR2004 - HTTP's own
                return None
            raise
        return found

    def _get(self, bucket: str, key: str) -> bytes | None:
        try:
            body: bytes = self._s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        except self._s3.exceptions.NoSuchKey:
            return None
        return body
