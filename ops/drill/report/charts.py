"""The steps and the client of a run, each as one SVG element for a frame's width, on one time line. Pure.

Nothing is told by colour alone: outcomes have signs, what the client could do has heights, missing data are hatched.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from ops.drill.measures import Led, Seen
from ops.drill.report.axis import TimeLine
from ops.drill.report.model import Report, StepRow
from ops.drill.report.shared import AXIS, LABELS, end_of, grid, legend, line_of, lines, moments, named, offset_of
from ops.drill.report.words import clock, count, seconds
from ops.svg import Canvas, Frame, fitted, wide

ROW: Final = 24
NARROW_ROW: Final = 38
BAR: Final = 12
SIGNS: Final = {"well": "✓", "over": "!", "failed": "✕", "overridden": "!", "not shown": "?", "not taken": "-"}
LEGEND: Final = (
    ("seen-acknowledged", "write acknowledged"),
    ("seen-reads", "reads only"),
    ("seen-failed", "failed"),
    ("side-home", "home"),
    ("side-recovery", "recovery"),
    ("side-unknown", "unknown or nobody"),
)


def gantt(report: Report, frame: Frame) -> str:
    """The steps as bars, each on the track of what it was allowed, with the moments that count."""
    canvas = Canvas(frame, "Steps against their budgets", _told(report))
    line = line_of(report, frame)
    top = named(canvas, line, moments(report), 4)
    row = NARROW_ROW if frame.narrow else ROW
    bottom = top + row * len(report.steps)
    # On a narrow chart the labels stand above the bars, so that lines are drawn beside the bars alone.
    free = [(top + row * place + 18, top + row * (place + 1) - 2) for place in range(len(report.steps))]
    grid(canvas, line, free if frame.narrow else [(top, bottom)], bottom)
    lines(canvas, line, moments(report), free if frame.narrow else [(top - 6, bottom)])
    for place, step in enumerate(report.steps):
        _step(canvas, line, step, top + row * place)
    return canvas.done(bottom + AXIS)


def strip(report: Report, frame: Frame) -> str:
    """Where DNS led the client, what it could do there, and who acknowledged its writes."""
    measures = report.measures
    told = "; ".join(
        f"from {clock(offset_of(report, span.began))} on {span.sight}" + (f" by {span.side}" if span.side else "")
        for span in measures.visits
    )
    canvas = Canvas(frame, "Who answered the client", f"Visits of a client through DNS: {told or 'none'}.")
    line = line_of(report, frame)
    top = named(canvas, line, moments(report)[:3], 4)
    lane = NARROW_ROW + 8 if frame.narrow else 38
    names = ("DNS leads to", "The client's visits", "Writes acknowledged by")
    bottom = top + lane * len(names)
    free = [(top + lane * place + 17, top + lane * (place + 1) - 1) for place in range(len(names))]
    grid(canvas, line, free if frame.narrow else [(top, bottom)], bottom)
    lines(canvas, line, moments(report)[:3], free if frame.narrow else [(top - 6, bottom)])
    for place, name in enumerate(names):
        _label(canvas, name, top + lane * place)
    drop = 18 if frame.narrow else 7
    led = [(offset_of(report, span.began), span.to) for span in measures.answers]
    _sides(canvas, line, led, end_of(report), top + drop)
    _visits(canvas, line, report, top + lane + drop)
    for writing in measures.writers.spans:
        began, ended = (offset_of(report, moment) for moment in (writing.first, writing.last))
        _side(canvas, line, (began, ended), _known(writing.side), top + 2 * lane + drop)
    return canvas.done(legend(canvas, LEGEND, bottom + AXIS + 4))


def _told(report: Report) -> str:
    steps = "; ".join(
        f"{step.title}: {step.outcome or 'not taken'}, {seconds(step.seconds)} of {seconds(step.budget_seconds)}"
        for step in report.steps
    )
    return f"Time in minutes and seconds from zero, which is {report.measures.origin_how}. {steps}."


def _step(canvas: Canvas, line: TimeLine, step: StepRow, top: float) -> None:
    narrow = canvas.frame.narrow
    took = "not taken" if step.seconds is None else seconds(step.seconds)
    figures = f"{took} of {seconds(step.budget_seconds)}" if step.seconds is not None else took
    sign = SIGNS[step.state]
    room = (canvas.frame.width if narrow else LABELS) - 12
    if narrow:
        room -= wide(f"{sign} {figures}") + 8
    phase = "" if narrow else f"{step.phase.upper()}"
    middle = top + (14 if narrow else ROW / 2 + 4)
    canvas.text("phase", 4, middle, phase)
    start = 4 if narrow else 76
    canvas.text("label", start, middle, fitted(step.title, room - start))
    canvas.text(
        f"figure state-{step.state.replace(' ', '-')}",
        canvas.frame.width - 4,
        middle,
        f"{sign} {figures}",
        anchor="end",
    )
    y = top + (21 if narrow else (ROW - BAR) / 2)
    if step.budget_began is not None:
        track = line.at(step.budget_began), line.at(step.budget_began + step.budget_seconds)
        canvas.box("track", track[0], y, track[1] - track[0], BAR)
    if step.began is not None and step.ended is not None:
        bar = line.at(step.began), line.at(step.ended)
        look = f"bar state-{step.state.replace(' ', '-')}"
        canvas.box(look, bar[0], y + 2, max(bar[1] - bar[0], 2), BAR - 4, tip=f"{step.title}: {figures}")


def _label(canvas: Canvas, words: str, top: float) -> None:
    canvas.text("label", 4, top + (13 if canvas.frame.narrow else 23), words)


def _sides(canvas: Canvas, line: TimeLine, spans: list[tuple[float, Led]], end: float, top: float) -> None:
    until = pairwise([*(began for began, _ in spans), end])
    for (_, to), span in zip(spans, until, strict=True):
        _side(canvas, line, span, to, top)


def _side(canvas: Canvas, line: TimeLine, span: tuple[float, float], to: Led, top: float) -> None:
    left, right = line.at(span[0]), line.at(span[1])
    look = to if to in {"home", "recovery"} else "unknown"
    canvas.box(f"side-{look}", left, top, right - left, 24, tip=f"{to}, {clock(span[0])} to {clock(span[1])}")
    canvas.text("inside", (left + right) / 2, top + 16, fitted(to, right - left - 6), anchor="middle")


def _visits(canvas: Canvas, line: TimeLine, report: Report, top: float) -> None:
    spans = report.measures.visits
    until = pairwise([*(offset_of(report, span.began) for span in spans), end_of(report)])
    for span, (began, ended) in zip(spans, until, strict=True):
        left, right = line.at(began), line.at(ended)
        look, height = _height(span)
        tip = f"{span.sight} {clock(began)} to {clock(ended)}, {count(span.visits, 'visit')}"
        canvas.box(look, left, top + 24 - height, right - left, height, tip=tip, round_=0)


def _height(span: Seen) -> tuple[str, int]:
    if span.sight == "acknowledged":
        return "seen-acknowledged", 24
    return ("seen-reads", 14) if span.sight == "reads only" else ("seen-failed", 6)


def _known(side: str) -> Led:
    return "home" if side == "home" else "recovery" if side == "recovery" else "unknown"
