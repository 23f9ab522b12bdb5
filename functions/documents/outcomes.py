"""How the work on one message ended: what is counted and logged. Holds no key, and nothing of a file. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Ending(StrEnum):
    """The value is the name of the metric that counts it."""

    CONVERTED = "Converted"
    REFUSED = "Refused"
    FAILED = "Failed"
    PENDING = "Pending"
    REPEATED = "Repeated"
    REPLICA = "Replica"
    GONE = "Gone"
    ERASED = "Erased"
    NOT_ASKED = "ErasureNotAsked"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """`code`: why it was refused or failed. `overdue`: seconds since a text job began, if it should have ended."""

    ending: Ending
    digest: str = ""
    code: str | None = None
    kind: str | None = None
    overdue: float | None = None
