"""Markers: what a drill writes through this service and looks for afterwards, as rows and as objects.

A marker has a number in a run. What it says is made here unless the drill says it, and its checksum tells later whether
what was found is what was acknowledged. The row comes first: where there is none, there is no object.
"""

import hashlib
import logging
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from service import logs
from service.bucket import Bucket
from service.failures import Failure
from service.rows import Rows

PATH: Final = "/continuity/markers"
PREFIX: Final = "continuity/"
MOST_BYTES: Final = 1024
RUN: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
MOST_NUMBER: Final = 999_999

MOST_MARKERS: Final = 10_000
"""Most markers of a run: with one every 5 seconds, those of 13 hours. Listing their objects takes ten calls."""

PAGE: Final = 250
"""Most markers that one answer tells of: those of 20 minutes, read in about a second."""

_NUMBER: Final = re.compile(r"[1-9][0-9]{0,5}")
_READERS: Final = 8  # objects read at a time; botocore keeps ten connections
_LOG: Final = logging.getLogger(__name__)


class RefusedError(Exception):
    """A marker that cannot be kept beside those that are; the text is for whoever asked."""


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What was kept of a marker. Without a row there is no answer at all, so only the object can be lacking."""

    object: bool
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Found:
    """Checksums of the markers found, by number, and the number that the next page starts with, if there is one."""

    rows: Mapping[int, str]
    objects: Mapping[int, str]
    following: int | None


def number_in(text: str) -> int | None:
    """Return the number that a text is, None if it is no marker's."""
    return int(text) if _NUMBER.fullmatch(text) else None


def content(run: str, number: int) -> str:
    """Return what a marker says: no patient, no secret, and nothing of chance."""
    return f"continuity marker {number} of {run}"


def checksum(text: bytes) -> str:
    """Return the SHA-256 of what a marker says, in hex."""
    return hashlib.sha256(text).hexdigest()


def object_key(run: str, number: int) -> str:
    """Return the key of a marker's object in the bucket of uploads."""
    return f"{PREFIX}{run}/{number}"


class Markers:
    """The markers of all runs. Safe to share between threads."""

    def __init__(self, rows: Rows, uploads: Bucket) -> None:
        """Keep the two stores; nothing is asked yet."""
        self._rows = rows
        self._uploads = uploads
        self._readers = ThreadPoolExecutor(max_workers=_READERS, thread_name_prefix="marker")

    def keep(self, run: str, number: int, body: bytes) -> Kept:
        """Keep a marker as a row, then as an object. The same one again changes nothing.

        Raises:
            RefusedError: another marker has that number, or the run has as many as it may.
            Failure: there is no row: the database is read-only or could not be used.

        """
        text = body or content(run, number).encode()
        sha256 = checksum(text)
        kept = self._rows.add(run, number, sha256, MOST_MARKERS)
        if kept is None:
            raise RefusedError(f"the run has {MOST_MARKERS} markers, which is the most; begin another run")
        if kept != sha256:
            raise RefusedError("another marker has this number; give the next one")
        return Kept(object=self._keep_object(object_key(run, number), text), sha256=sha256)

    def find(self, run: str, start: int) -> Found:
        """Return the markers of a run that are there, from the number ``start`` on.

        Objects are read, not only listed. A listing shows no checksum that means anything under a KMS key, and it would
        show objects that nobody can decrypt. So an answer tells of a bounded number, and where the next ones begin.

        Raises:
            Failure: a store could not be used. Half an answer would look like a loss.

        """
        rows = self._rows.all(run)
        prefix = object_key(run, 0).removesuffix("0")
        keys = self._uploads.names(prefix, MOST_MARKERS)
        listed = {number for key in keys if (number := number_in(key.removeprefix(prefix))) is not None}
        numbers = sorted(number for number in {*rows, *listed} if number >= start)
        page = numbers[:PAGE]
        there = [number for number in page if number in listed]

        def text(number: int) -> bytes:
            return self._uploads.read(object_key(run, number), MOST_BYTES)

        return Found(
            rows={number: rows[number] for number in page if number in rows},
            objects=dict(zip(there, map(checksum, self._readers.map(text, there)), strict=True)),
            following=numbers[PAGE] if len(numbers) > PAGE else None,
        )

    def close(self) -> None:
        """Let the threads go."""
        self._readers.shutdown(wait=False, cancel_futures=True)

    def _keep_object(self, key: str, text: bytes) -> bool:
        try:
            return self._uploads.add(key, text) or self._uploads.read(key, MOST_BYTES) == text
        except Failure as failure:
            logs.event(_LOG, "marker without object", reason=failure.reason, detail=failure.detail)
            return False
