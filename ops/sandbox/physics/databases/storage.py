"""How full an instance's storage is, and when RDS grows it by itself. Pure.

Source: "Managing capacity automatically with Amazon RDS storage autoscaling" and "Amazon RDS event messages" in its
user guide, read November 2026. RDS grows storage of which at most ten percent have been free for five minutes, once in
six hours: by 10 GiB, by ten percent, or by what seven hours more of the last hour's growth would lack, whichever is
most; and not at all where that would reach the maximum. An assumption is how full an instance is at first. Full storage
stops no instance here; in RDS it does.
"""

from __future__ import annotations

import math
from collections import deque
from typing import Final, NamedTuple

LOW_PERCENT: Final = 10
LOW_SECONDS: Final = 300
PAUSE_SECONDS: Final = 6 * 3600
LEAST_GIB: Final = 10
AHEAD_HOURS: Final = 7
USED_PERCENT: Final = 40.0
_MINUTES: Final = 60


class Told(NamedTuple):
    """An event of RDS: its number, category and message."""

    event: str
    category: str
    message: str


LOW: Final = Told("RDS-EVENT-0089", "low storage", "The free storage capacity for the DB instance is low")
FULL: Final = Told("RDS-EVENT-0007", "low storage", "Allocated storage has been exhausted")
GROWS: Final = Told("RDS-EVENT-0217", "configuration change", "Applying autoscaling-initiated modification of storage")
GROWN: Final = Told("RDS-EVENT-0218", "configuration change", "Finished applying autoscaling-initiated modification")
AT_MOST: Final = Told(
    "RDS-EVENT-0224", "failure", "Storage autoscaling would reach or exceed the maximum storage threshold"
)


class Growth(NamedTuple):
    """What a minute brings: the size to grow to in GiB, 0 for none, and what RDS tells."""

    to: int
    told: tuple[Told, ...]


class Storage:
    """The storage of an instance, in GiB."""

    def __init__(self, allocated: int) -> None:
        """So much of what is `allocated` is used as is assumed."""
        self.used = allocated * USED_PERCENT / 100
        self._hour: deque[float] = deque(maxlen=_MINUTES)
        self._low_since: float | None = None
        self._grown: float | None = None
        self._told: set[Told] = set()

    def fill(self, used: float) -> None:
        """Be as full as that now, as if it had long been so; never emptier than it is."""
        if used > self.used:
            self.used = used
            self._hour.clear()

    def minute(self, now: float, *, allocated: int, maximum: int, added: float, may: bool) -> Growth:
        """Let a minute pass, ending `now`, in which so much was `added`; it is grown only if it `may` be."""
        self._hour.append(self.used)
        self.used = min(float(allocated), self.used + added)
        free = allocated - self.used
        if free * 100 > allocated * LOW_PERCENT:
            self._low_since = None
            self._told.clear()
            return Growth(0, ())
        if self._low_since is None:
            self._low_since = now
        told = [event for event, holds in ((LOW, True), (FULL, free <= 0)) if holds]
        to = self._to(now, allocated) if may else 0
        if to >= maximum:
            told += [AT_MOST] if to else []
            to = 0
        if to:
            self._grown = now
            told.append(GROWS)
        new = tuple(event for event in told if event not in self._told or event is GROWS)
        self._told |= set(new)
        return Growth(to, new)

    def _to(self, now: float, allocated: int) -> int:
        """To which size RDS would grow it now, without a maximum; 0 if it is not time."""
        if self._low_since is None or now - self._low_since < LOW_SECONDS:
            return 0
        if self._grown is not None and now - self._grown < PAUSE_SECONDS:
            return 0
        hourly = (self.used - self._hour[0]) * _MINUTES / len(self._hour)
        lacking = self.used + AHEAD_HOURS * hourly - allocated
        return allocated + max(LEAST_GIB, math.ceil(allocated / 10), math.ceil(lacking))
