"""Where a moment, or a value, stands on a chart. Pure.

All charts of a report share one time line, so that they can be read under each other. Rebuilding a side takes so much
longer than moving the writer that, where it would leave no room, it is drawn shorter than it is and marked as such.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ops.drill.model import Phase
from ops.drill.report.model import Report

SHORT: Final = 0.07
"""The part of the time line that a shortened span gets."""

TICK_ROOM: Final = 64
_STEPS: Final = (5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400)


@dataclass(frozen=True, kw_only=True)
class TimeLine:
    """Offsets in seconds from `began` to `ended`, on `left` to `right`; `short` are spans that are drawn shorter."""

    began: float
    ended: float
    left: float
    right: float
    short: tuple[tuple[float, float], ...] = ()

    def at(self, offset: float) -> float:
        """Where `offset` stands, kept between left and right."""
        offset = min(max(offset, self.began), self.ended)
        place, reached = self.left, self.began
        for began, ended in self.short:
            if offset <= began:
                break
            place += (began - reached) * self._scale
            part = (min(offset, ended) - began) / (ended - began)
            place += part * SHORT * (self.right - self.left)
            reached = ended
        return place + max(offset - reached, 0) * self._scale

    def ticks(self) -> list[float]:
        """Offsets to be labelled: round ones, none within a shortened span, none too close to another."""
        step = next((size for size in _STEPS if size * self._scale >= TICK_ROOM), _STEPS[-1])
        found: list[float] = []
        for place in range(math.ceil(self.began / step), math.floor(self.ended / step) + 1):
            offset = float(place * step)
            hidden = any(began < offset < ended for began, ended in self.short)
            if not hidden and (not found or self.at(offset) - self.at(found[-1]) >= TICK_ROOM):
                found.append(offset)
        return found

    @property
    def _scale(self) -> float:
        """Units a second, outside of what is shortened."""
        hidden = sum(ended - began for began, ended in self.short)
        room = (self.right - self.left) * (1 - SHORT * len(self.short))
        return room / max(self.ended - self.began - hidden, 1)


def time_line(report: Report, left: float, right: float) -> TimeLine:
    """The line that holds the whole run and, counted from its zero, the target for writes."""
    measures = report.measures
    began, ended = 0.0, 1.0
    if measures.origin and measures.began and measures.ended:
        began = (measures.began - measures.origin).total_seconds()
        ended = max((measures.ended - measures.origin).total_seconds(), began + 1)
    if measures.writes.began:
        ended = max(ended, report.targets.writes_seconds)
    slow = [
        (step.began, step.ended)
        for step in report.steps
        if step.phase is Phase.REBUILD and step.began is not None and step.ended is not None
    ]
    short = tuple(span for span in slow if span[1] - span[0] > 2 * SHORT * (ended - began))
    return TimeLine(began=began, ended=ended, left=left, right=right, short=short)


@dataclass(frozen=True, kw_only=True)
class Values:
    """Values from 0 to `most` on `low` up to `high`, by their logarithm: 1 and 1000 are both seen."""

    most: float
    low: float
    high: float

    def at(self, value: float) -> float:
        """Where `value` stands."""
        share = math.log10(1 + max(value, 0)) / math.log10(1 + self.most)
        return self.low + min(share, 1) * (self.high - self.low)

    def ticks(self) -> list[int]:
        """0 and the powers of ten that there is room for."""
        return [0, *(10**power for power in range(int(math.log10(self.most)) + 1))]


def values(found: Sequence[float], low: float, high: float) -> Values:
    """A scale that holds all of `found`, and 10 at least."""
    return Values(most=max((*found, 10)) * 1.3, low=low, high=high)
