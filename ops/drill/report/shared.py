"""What all charts of a report share: the time line, the moments that count, the grid and the legend. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias

from ops.drill.model import Kind
from ops.drill.report.axis import TimeLine, time_line
from ops.drill.report.model import Report
from ops.drill.report.words import clock
from ops.svg import SIZE, Canvas, Frame, lanes, wide

LABELS: Final = 336  # units for the labels at the left of a wide chart
FIGURES: Final = 176  # units for the figures at its right
LANE: Final = 17
AXIS: Final = 24
BOLD: Final = 1.1  # how much wider the names of moments are than other texts
Bands: TypeAlias = Sequence[tuple[float, float]]
"""Tops and bottoms between which the lines of moments may be drawn."""


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A moment with a name, drawn as a line through the whole chart."""

    offset: float
    words: str
    look: str


def line_of(report: Report, frame: Frame) -> TimeLine:
    """The time line on a frame."""
    left, right = (6, frame.width - 10) if frame.narrow else (LABELS, frame.width - FIGURES)
    return time_line(report, left, right)


def moments(report: Report) -> list[Mark]:
    """The loss and the returns first, then the targets."""
    measures, targets = report.measures, report.targets
    found = [Mark(offset=0, words=_zero(report), look="mark-loss" if measures.writes.began else "mark-back")]
    for name, recovery, target in (
        ("reads", measures.reads, targets.reads_seconds),
        ("writes", measures.writes, targets.writes_seconds),
    ):
        if recovery.back:
            back = offset_of(report, recovery.back)
            found.append(Mark(offset=back, words=f"{name} back {clock(back)}", look="mark-back"))
        if recovery.began:
            due = offset_of(report, recovery.began) + target
            found.append(Mark(offset=due, words=f"{name} target {clock(due)}", look="mark-target"))
    return sorted(found, key=lambda mark: mark.look == "mark-target")


def _zero(report: Report) -> str:
    if not report.measures.writes.began:
        return "start"
    return "loss" if report.scope.kind == Kind.FAILOVER else "writes stop"


def named(canvas: Canvas, line: TimeLine, marks: Iterable[Mark], top: float) -> float:
    """The names of the marks, in as many lanes as it takes; the height below them."""
    placed = []
    for mark in sorted(marks, key=lambda mark: mark.offset):
        room = wide(mark.words) * BOLD
        began = min(max(line.at(mark.offset) - room / 2, 0), canvas.frame.width - room)
        placed.append((began, began + room, mark))
    placed.sort(key=lambda item: item[0])
    rows = lanes([(began, ended) for began, ended, _ in placed])
    for (began, ended, mark), row in zip(placed, rows, strict=True):
        canvas.text(f"label {mark.look}", (began + ended) / 2, top + SIZE + LANE * row, mark.words, anchor="middle")
    return top + LANE * (max(rows, default=0) + 1) + 10


def lines(canvas: Canvas, line: TimeLine, marks: Iterable[Mark], free: Bands) -> None:
    """The moments as lines."""
    for mark in marks:
        place = line.at(mark.offset)
        for top, bottom in free:
            canvas.line(f"rule {mark.look}", place, top, place, bottom)


def grid(canvas: Canvas, line: TimeLine, free: Bands, axis: float) -> None:
    """The time line's grid, its labels, and what of it is drawn shorter."""
    for tick in line.ticks():
        place = line.at(tick)
        for top, bottom in free:
            canvas.line("grid", place, top, place, bottom)
    times(canvas, line, axis)
    for began, ended in line.short:
        for top, bottom in free:
            canvas.hatched("short", line.at(began), top, line.at(ended) - line.at(began), bottom - top)


def times(canvas: Canvas, line: TimeLine, axis: float) -> None:
    """The labels of the time line below `axis`."""
    for tick in line.ticks():
        words = clock(tick)
        room = wide(words) / 2
        place = min(max(line.at(tick), room), canvas.frame.width - room)
        canvas.text("tick", place, axis + 16, words, anchor="middle")


def legend(canvas: Canvas, rows: Iterable[tuple[str, str]], top: float) -> float:
    """What the looks mean, in as many lines as it takes; the height below them."""
    x, y = 4.0 if canvas.frame.narrow else float(LABELS), top
    start = x
    for look, words in rows:
        room = 16 + wide(words) + 14
        if x + room > canvas.frame.width and x > start:
            x, y = start, y + LANE
        canvas.box(look, x, y + 2, 11, 11)
        canvas.text("tick", x + 16, y + 12, words)
        x += room
    return y + LANE + 4


def offset_of(report: Report, moment: datetime) -> float:
    """Seconds from the time line's zero to `moment`."""
    return (moment - (report.measures.origin or moment)).total_seconds()


def end_of(report: Report) -> float:
    """The offset of the run's last entry."""
    measures = report.measures
    return offset_of(report, measures.ended) if measures.ended else 0
