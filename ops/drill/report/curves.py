"""The curves of a report: the replica's lag with its target, and the backlog of objects. Pure.

A curve is broken where there is no figure, and the gap is hatched: no data is not zero. The scale is logarithmic, so
that a lag of a second and a target of five minutes are both seen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from ops.drill.measures import Sample
from ops.drill.report.axis import TimeLine, Values, values
from ops.drill.report.model import Report
from ops.drill.report.shared import AXIS, LABELS, end_of, line_of, offset_of, times
from ops.drill.report.words import seconds
from ops.svg import Canvas, Frame, wide

HEIGHT: Final = 120
TOP: Final = 36
SAMPLE_SECONDS: Final = 30  # between samples, where they can be taken
LATE: Final = 3  # samples missing in a row that are a gap
DOTS: Final = 60  # samples beyond which single ones are not marked


@dataclass(frozen=True, kw_only=True)
class Point:
    """A sample: offset in seconds, and the value, below zero where replication has stopped, None without data."""

    offset: float
    value: float | None


def lag(report: Report, frame: Frame) -> str:
    """How far the replica was behind, in seconds."""
    points = _points(report, lambda sample: sample.lag_seconds)
    return _curve(report, frame, points, "Replica lag, seconds", float(report.targets.data_loss_seconds))


def backlog(report: Report, frame: Frame) -> str:
    """How many objects were waiting to be copied."""
    points = _points(report, lambda sample: sample.pending_objects)
    return _curve(report, frame, points, "Objects waiting to be copied", None)


def _points(report: Report, of: Callable[[Sample], float | None]) -> list[Point]:
    """The samples, and one without data where the next came too late: nobody could be asked meanwhile."""
    found: list[Point] = []
    for sample in report.measures.samples:
        offset = offset_of(report, sample.at)
        if found and offset - found[-1].offset > LATE * SAMPLE_SECONDS:
            found.append(Point(offset=found[-1].offset + SAMPLE_SECONDS, value=None))
        found.append(Point(offset=offset, value=of(sample)))
    return found


def _curve(report: Report, frame: Frame, points: Sequence[Point], name: str, target: float | None) -> str:
    canvas = Canvas(frame, name, _told(points, target))
    line = line_of(report, frame)
    bottom = TOP + HEIGHT
    known = [point.value for point in points if point.value is not None]
    scale = values([*known, *([target] if target else [])], bottom, TOP)
    canvas.text("label", 4, 14, name)
    _axes(canvas, line, scale, bottom)
    for began, ended, stopped in _blind(points, end_of(report)):
        left, right = line.at(began), line.at(ended)
        canvas.hatched("stopped" if stopped else "blind", left, TOP, right - left, HEIGHT)
    if target:
        canvas.line("rule mark-target", line.left, scale.at(target), line.right, scale.at(target))
        canvas.text(
            "label halo mark-target", line.right, scale.at(target) - 5, f"target {seconds(target)}", anchor="end"
        )
    for run in _runs(points):
        placed = [(line.at(point.offset), scale.at(point.value or 0)) for point in run]
        canvas.path("curve", placed)
        for x, y in placed if len(points) <= DOTS else ():
            canvas.dot("curve-dot", x, y)
    return canvas.done(_legend(canvas, points, bottom + AXIS))


def _axes(canvas: Canvas, line: TimeLine, scale: Values, bottom: float) -> None:
    for value in scale.ticks():
        height = scale.at(value)
        canvas.line("grid", line.left, height, line.right, height)
        if canvas.frame.narrow:
            canvas.text("tick halo", line.left + 2, height - 3, str(value))
        else:
            canvas.text("tick", line.left - 8, height + 4, str(value), anchor="end")
    for tick in line.ticks():
        canvas.line("grid", line.at(tick), TOP, line.at(tick), bottom)
    times(canvas, line, bottom)


def _legend(canvas: Canvas, points: Sequence[Point], top: float) -> float:
    blind = any(point.value is None for point in points) or not points
    stopped = any(point.value is not None and point.value < 0 for point in points)
    x = 4.0 if canvas.frame.narrow else float(LABELS)
    for look, words, there in (("blind", "no data", blind), ("stopped", "replication has stopped", stopped)):
        if there:
            canvas.hatched(look, x, top + 4, 11, 11)
            canvas.text("tick", x + 16, top + 14, words)
            x += 16 + wide(words) + 14
    return top + (22 if blind or stopped else 2)


def _runs(points: Sequence[Point]) -> list[list[Point]]:
    """The unbroken pieces of the curve."""
    found: list[list[Point]] = [[]]
    for point in points:
        if point.value is None or point.value < 0:
            found.append([])
        else:
            found[-1].append(point)
    return [run for run in found if run]


def _blind(points: Sequence[Point], end: float) -> list[tuple[float, float, bool]]:
    """The spans without a figure, each until the next sample, and whether that is because replication has stopped."""
    until = pairwise([*(point.offset for point in points), end])
    found: list[tuple[float, float, bool]] = []
    for point, (_, ended) in zip(points, until, strict=True):
        if point.value is not None and point.value >= 0:
            continue
        stopped = point.value is not None
        if found and found[-1][1:] == (point.offset, stopped):
            found[-1] = (found[-1][0], ended, stopped)
        else:
            found.append((point.offset, ended, stopped))
    return found


def _told(points: Sequence[Point], target: float | None) -> str:
    known = [point.value for point in points if point.value is not None and point.value >= 0]
    missing = sum(point.value is None for point in points)
    most = f"at most {max(known):g}" if known else "no figures"
    held = f", target {target:g}" if target else ", held against no target"
    return f"{len(points)} samples, {missing} without data; {most}{held}."
