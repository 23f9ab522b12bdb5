"""What a cell's process tells the command that started it: one JSON object a line. Pure."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any, Final, TypeAlias


@dataclass(frozen=True, kw_only=True)
class Made:
    """A resource was made; `count` of them by now."""

    count: int
    resource: str


@dataclass(frozen=True, kw_only=True)
class Ready:
    """The cell stands. `endpoint_url` is empty if it is not to be served."""

    report: dict[str, Any]
    endpoint_url: str
    until: str


@dataclass(frozen=True, kw_only=True)
class Failed:
    """The cell does not stand: which resource was refused, if one was, and why."""

    reason: str
    resource: str | None = None
    type: str | None = None
    problems: list[dict[str, str]] = field(default_factory=list)


Event: TypeAlias = Made | Ready | Failed
_KINDS: Final[dict[str, type[Made | Ready | Failed]]] = {"made": Made, "ready": Ready, "failed": Failed}
_NAMES: Final = {kind: name for name, kind in _KINDS.items()}


def encode(event: Event) -> bytes:
    """The line that stands for `event`."""
    return json.dumps({"event": _NAMES[type(event)], **asdict(event)}).encode() + b"\n"


def decode(line: bytes) -> Event:
    """The event that `line` stands for."""
    content = json.loads(line)
    return _KINDS[content.pop("event")](**content)
