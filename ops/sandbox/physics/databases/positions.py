"""How far a replica has come along its source's writing, and what it reports of that. Pure.

A position is a point on the source's timeline, in seconds since the beginning of the world: all that the source wrote
up to there is meant. The source is taken to write all the time that it can be written, so that its own position is the
present until it is fenced or lost.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

BROKEN: Final = -1
"""What RDS reports as lag when replication is broken and nothing received is left to apply."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """A marker's row, and when it was written."""

    run: str
    number: int
    sha256: str
    at: float


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How a replica follows.

    `transit` is how long writing is on its way, in seconds, `delay` how old it is at least when it is applied, and
    `catch_up` how many seconds of writing are applied in a second.
    """

    transit: float
    delay: float
    catch_up: float


@dataclass(frozen=True, kw_only=True)
class Position:
    """What a replica has received of its source's writing, and what it has applied of that."""

    received: float
    applied: float

    def moved(self, *, now: float, written: float, connected: bool, pace: Pace, seconds: float) -> Position:
        """The position when `seconds` more have passed, and it is `now`.

        The source has come to `written`. Without a connection nothing is received; what was received is applied all
        the same. Neither part ever runs back.
        """
        received = max(self.received, min(written, now - pace.transit)) if connected else self.received
        reach = min(received, now - pace.delay, self.applied + pace.catch_up * seconds)
        return Position(received=received, applied=max(self.applied, reach))

    def lag(self, *, written: float, connected: bool) -> int:
        """The `ReplicaLag` that RDS reports, in whole seconds.

        With a connection, the seconds of writing that are not applied, rounded down as MySQL does. Without one, those
        that were received and wait, rounded up, so that it is not zero before all is done; then `BROKEN`.
        """
        if connected:
            return math.floor(written - self.applied)
        return math.ceil(self.received - self.applied) or BROKEN


def come(rows: Sequence[Row], begun: int, applied: float) -> int:
    """How many of a source's `rows`, in the order written, a replica at `applied` has, if it had the first `begun`."""
    count = begun
    while count < len(rows) and rows[count].at <= applied:
        count += 1
    return count
