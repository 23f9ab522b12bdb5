"""What an instance passes through before it is available again, and when a daily window is open. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

AVAILABLE: Final = "available"
BACKING_UP: Final = "backing-up"
CREATING: Final = "creating"
MODIFYING: Final = "modifying"
REBOOTING: Final = "rebooting"
RENAMING: Final = "renaming"

ANSWERING: Final = frozenset({AVAILABLE, BACKING_UP, MODIFYING})
"""The statuses, in the words of RDS, in which a client can connect."""

PASSING: Final = frozenset({BACKING_UP, CREATING, MODIFYING, REBOOTING, RENAMING})
"""Those that an instance leaves by itself."""


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A status, and until when it lasts, in seconds since the beginning."""

    status: str
    until: float


@dataclass(frozen=True, kw_only=True)
class Course:
    """Stages in order. When the last is over, the instance is available."""

    stages: tuple[Stage, ...]

    def status(self, now: float) -> str | None:
        """The status at `now`, None when it is over."""
        return next((stage.status for stage in self.stages if now < stage.until), None)


def course(now: float, *stages: tuple[str, float]) -> Course:
    """The course that begins `now` and keeps each status for so many seconds."""
    made: list[Stage] = []
    until = now
    for status, seconds in stages:
        until += seconds
        made.append(Stage(status=status, until=until))
    return Course(stages=tuple(made))


def within(window: str, moment: datetime) -> bool:
    """Whether `moment` (UTC) is in the daily `window`, such as `23:30-00:30`."""
    opens, _, closes = window.partition("-")
    now = f"{moment:%H:%M}"
    if opens <= closes:
        return opens <= now < closes
    return now >= opens or now < closes
