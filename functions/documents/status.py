"""The status object of one version of an upload: what applications read, and what makes work idempotent. Pure.

It is written last, so where it is, all of its outputs are. No patient content: names, hashes, sizes, reasons.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from functions.documents.kinds import Kind
from functions.documents.lineage import Source
from functions.documents.refusals import Refusal

SCHEMA: Final = 1
"""Raised whenever a field changes its meaning or goes."""


class State(StrEnum):
    """How it ended. `failed`: not the file's fault, and given up."""

    CONVERTED = "converted"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class Output:
    """One derived object; `size` in bytes; width and height in pixels and pages None where they mean nothing."""

    key: str
    sha256: str
    size: int
    media_type: str
    width: int | None = None
    height: int | None = None
    pages: int | None = None


@dataclass(frozen=True, kw_only=True)
class Status:
    """The status object.

    `reason_code` and `reason` are set if and only if the state is not `converted`: a Refusal for `refused`, any other
    word of the shell's own for `failed`. `pages`: of the source. `flags`: as burned-in-annotation-yes. `scan_result`:
    the scanner's word. Raises ValueError if they contradict the state, if a time has no zone, or if the end precedes
    the start.
    """

    state: State
    source: Source
    started: datetime
    ended: datetime
    kind: Kind | None = None
    reason_code: str | None = None
    reason: str | None = None
    outputs: tuple[Output, ...] = ()
    pages: int | None = None
    flags: tuple[str, ...] = ()
    scan_result: str | None = None
    tools: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a status that contradicts itself: it is kept for as long as the document."""
        for name, value in (("started", self.started), ("ended", self.ended)):
            if value.tzinfo is None:
                raise ValueError(f"{name} is {value.isoformat()}: give it with its zone, as datetime.now(UTC) does")
        if self.ended < self.started:
            raise ValueError(f"ended {self.ended.isoformat()} before it started {self.started.isoformat()}")
        if (self.reason_code is None) != (self.reason is None):
            raise ValueError(f"reason code {self.reason_code!r} with reason {self.reason!r}: give both or none")
        if (self.state is State.CONVERTED) != (self.reason_code is None):
            raise ValueError(f"state {self.state} with reason code {self.reason_code!r}: exactly the others have one")
        if (self.state is State.REFUSED) != (self.reason_code in set(Refusal)):
            raise ValueError(
                f"state {self.state} with reason code {self.reason_code!r}: refusals, and only they, have one"
            )

    def to_json(self) -> bytes:
        """UTF-8 JSON with sorted keys and times in UTC: equal statuses give equal bytes."""
        content = asdict(self) | {
            "schema": SCHEMA,
            "started": self.started.astimezone(UTC).isoformat(),
            "ended": self.ended.astimezone(UTC).isoformat(),
        }
        return json.dumps(content, sort_keys=True, indent=2, ensure_ascii=False).encode() + b"\n"

    @classmethod
    def from_json(cls, data: bytes) -> Status:
        """The reverse. Raises ValueError if it is no status object of this schema."""
        content = json.loads(data)
        if not isinstance(content, dict) or content.pop("schema", None) != SCHEMA:
            raise ValueError(f"this is no status object of schema {SCHEMA}: read it with the version that wrote it")
        try:
            return cls(**content | _typed(content))
        except (AttributeError, KeyError, TypeError, ValueError) as problem:
            raise ValueError(f"this is no status object: {problem}") from problem


def _typed(content: dict[str, Any]) -> dict[str, Any]:
    """The fields that JSON has no type for. Raises KeyError, TypeError, ValueError."""
    kind = content["kind"]
    return {
        "state": State(_word(content["state"])),
        "source": Source(**_fields(content["source"])),
        "started": datetime.fromisoformat(_word(content["started"])),
        "ended": datetime.fromisoformat(_word(content["ended"])),
        "kind": None if kind is None else Kind(_word(kind)),
        "outputs": tuple(Output(**_fields(item)) for item in _items(content["outputs"])),
        "flags": tuple(_word(item) for item in _items(content["flags"])),
    }


def _word(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value


def _items(value: object) -> list[object]:
    if not isinstance(value, list):
        raise TypeError(f"{value!r} is no list")
    return value


def _fields(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError(f"{value!r} is no object")
    return value
