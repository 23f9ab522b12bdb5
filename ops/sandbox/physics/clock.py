"""The virtual clock: time that passes only when somebody lets it pass."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

TICK_SECONDS: Final = 1
START: Final = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
"""Where a driven clock begins: a Monday morning, always the same, so that the same seed gives the same record."""


class Clock:
    """Time in whole ticks; what is less is kept until it makes one."""

    def __init__(self, start: datetime = START) -> None:
        """Begin at `start` (UTC)."""
        self.start = start
        self.now = start
        self._owed = 0.0

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return (self.now - self.start).total_seconds()

    def advance(self, seconds: float, step: Callable[[], None]) -> None:
        """Let `seconds` pass and call `step` after each tick.

        Raises:
            ValueError: time does not run backwards.
        """
        if seconds < 0:
            raise ValueError(f"{seconds} s: time runs forwards only")
        self._owed += seconds
        while self._owed >= TICK_SECONDS:
            self._owed -= TICK_SECONDS
            self.now += timedelta(seconds=TICK_SECONDS)
            step()
