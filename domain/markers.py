"""Markers: rows and objects that a drill writes through the application and looks for afterwards. Pure.

A marker has a number in a run. The application keeps it twice: as a row of `TABLE` in the side's database, and as an
object in the side's bucket of uploads. What was acknowledged and is found nowhere afterwards has been lost.

    PUT /continuity/markers/<run>/<number>   201 {"side", "region", "row": true, "object": true, "sha256"}
                                             503 {"error": "read-only"} where the database takes no writes
    GET /continuity/markers/<run>            200 {"side", "region", "rows": {"1": sha256}, "objects": {"1": sha256}}
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Final

PATH: Final = "/continuity/markers"
TABLE: Final = "continuity_markers"
PREFIX: Final = "continuity/"
MOST_BYTES: Final = 1024
RUN: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
MOST_NUMBER: Final = 999_999


def path(run: str, number: int | None = None) -> str:
    """Where a run's markers, or one of them, are asked for.

    Raises:
        ValueError: the run's name or the number is not what the application takes.
    """
    if not RUN.fullmatch(run):
        raise ValueError(f"{run!a} is no name of a run: up to 63 lower-case letters, digits and hyphens")
    if number is None:
        return f"{PATH}/{run}"
    if not 1 <= number <= MOST_NUMBER:
        raise ValueError(f"marker {number} is out of range; give 1 to {MOST_NUMBER}")
    return f"{PATH}/{run}/{number}"


def object_key(run: str, number: int) -> str:
    """The key of a marker's object in the bucket of uploads."""
    return f"{PREFIX}{run}/{number}"


def content(run: str, number: int) -> str:
    """What a marker says: no patient, no secret, and nothing of chance."""
    return f"continuity marker {number} of {run}"


def checksum(text: str) -> str:
    """The SHA-256 of a marker's text, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def total(found: Mapping[str, str]) -> str:
    """One SHA-256 over all markers found, by number and checksum: equal sets have equal totals."""
    lines = "".join(f"{number} {found[str(number)]}\n" for number in sorted(map(int, found)))
    return hashlib.sha256(lines.encode()).hexdigest()
