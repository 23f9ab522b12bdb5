"""How Route 53 comes to a verdict on health, and when others hear of it. Pure: times are seconds since the start.

An endpoint's verdict turns when as many checks in a row as the threshold say otherwise. A metric's is that of its last
period, by the alarm that it was taken from. Either reaches the name servers' answers only a while later.
"""

from __future__ import annotations

import operator
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

COMPARISONS: Final[Mapping[str, Callable[[float, float], bool]]] = MappingProxyType(
    {
        "GreaterThanOrEqualToThreshold": operator.ge,
        "GreaterThanThreshold": operator.gt,
        "LessThanThreshold": operator.lt,
        "LessThanOrEqualToThreshold": operator.le,
    }
)
"""The comparisons of alarms that Route 53 can follow."""

STATISTICS: Final[Mapping[str, Callable[[Sequence[float]], float]]] = MappingProxyType(
    {
        "Average": lambda values: sum(values) / len(values),
        "Maximum": max,
        "Minimum": min,
        "SampleCount": len,
        "Sum": sum,
    }
)
"""The statistics of alarms that Route 53 can follow."""


class Streak:
    """A verdict that turns after `threshold` results in a row against it."""

    def __init__(self, *, healthy: bool, threshold: int) -> None:
        """Begin with the verdict `healthy`."""
        self.healthy = healthy
        self._threshold = threshold
        self._against = 0

    def take(self, *, passed: bool) -> bool:
        """Count a result; the verdict now."""
        self._against = 0 if passed == self.healthy else self._against + 1
        if self._against >= self._threshold:
            self.healthy = passed
            self._against = 0
        return self.healthy


class Delayed:
    """A verdict that others learn of later: every turn of it, in order."""

    def __init__(self, *, healthy: bool) -> None:
        """Begin with `healthy` known to everybody."""
        self._known = healthy
        self._latest = healthy
        self._coming: deque[tuple[float, bool]] = deque()

    def turn(self, *, healthy: bool, now: float, delay: Callable[[], float]) -> bool:
        """Take the verdict of `now`, and draw the `delay` in which it gets about if it has turned; whether it has."""
        if healthy == self._latest:
            return False
        self._latest = healthy
        due = now + delay()
        self._coming.append((max(due, self._coming[-1][0]) if self._coming else due, healthy))
        return True

    def known(self, now: float) -> bool:
        """What others know at `now`. Ask with times that do not go back."""
        while self._coming and self._coming[0][0] <= now:
            _, self._known = self._coming.popleft()
        return self._known


@dataclass(frozen=True, kw_only=True)
class Watch:
    """What Route 53 takes from an alarm: no metric math and no "M out of N", which it cannot follow."""

    statistic: str
    comparison: str
    threshold: float
    period_seconds: int
    periods: int

    @property
    def seconds(self) -> int:
        """How far back it looks."""
        return self.period_seconds * self.periods

    def breached(self, points: Sequence[tuple[float, float]], now: float) -> bool | None:
        """Whether every period up to `now` breaches the threshold by `points` (time, value); None without data."""
        found: list[bool] = []
        for number in range(self.periods):
            end = now - number * self.period_seconds
            values = [value for at, value in points if end - self.period_seconds < at <= end]
            if values:
                found.append(COMPARISONS[self.comparison](STATISTICS[self.statistic](values), self.threshold))
        return all(found) if len(found) == self.periods else None
