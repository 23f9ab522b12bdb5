"""A first deployment as bars on a time line: the critical path above, what stands beside it below. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ops.preview.timeline_table import clock
from ops.svg import SIZE, Canvas, Frame, fitted, wide

ROW: Final = 24
NARROW_ROW: Final = 38
BAR: Final = 12
LABELS: Final = 330
FIGURES: Final = 110
STEPS: Final = (60, 120, 300, 600, 900, 1800, 3600, 7200, 14400)  # seconds between lines of the grid
TICK_ROOM: Final = 64


def draw(timeline: Mapping[str, Any], frame: Frame) -> str:
    """The chart of what `Timeline.as_json` gave."""
    rows = shown(timeline)
    told = "; ".join(f"{row['name']} from {clock(row['begin'])} until {clock(row['end'])}" for row, _ in rows)
    canvas = Canvas(frame, "First deployment on AWS", f"About {clock(timeline['seconds'])}: {told}.")
    left, right = (4, frame.width - 10) if frame.narrow else (LABELS, frame.width - FIGURES)
    scale = (right - left) / max(timeline["seconds"], 1)
    row = NARROW_ROW if frame.narrow else ROW
    bottom = 6 + row * len(rows)
    _grid(canvas, timeline["seconds"], left, scale, bottom)
    for place, (stage, critical) in enumerate(rows):
        _bar(canvas, stage, "critical" if critical else "beside", 6 + row * place, (left, scale))
    return canvas.done(_legend(canvas, bottom + 26))


def shown(timeline: Mapping[str, Any]) -> list[tuple[Mapping[str, Any], bool]]:
    """The stages that take their time, in order of their beginning, each with whether it is on the critical path."""
    critical = {(stage["name"], stage["type"]) for stage in timeline["critical"]}
    rows = [(stage, (stage["name"], stage["type"]) in critical) for stage in timeline["long"]]
    return sorted(rows, key=lambda row: (not row[1], row[0]["begin"], row[0]["name"], row[0]["type"]))


def _grid(canvas: Canvas, seconds: int, left: float, scale: float, bottom: float) -> None:
    step = next((size for size in STEPS if size * scale >= TICK_ROOM), STEPS[-1])
    for offset in range(0, seconds + 1, step):
        place = left + offset * scale
        words = clock(offset)
        canvas.line("grid", place, 2, place, bottom)
        room = wide(words) / 2
        canvas.text("tick", min(max(place, room), canvas.frame.width - room), bottom + 16, words, anchor="middle")


def _bar(canvas: Canvas, stage: Mapping[str, Any], look: str, top: float, line: tuple[float, float]) -> None:
    narrow, (left, scale) = canvas.frame.narrow, line
    took = clock(stage["end"] - stage["begin"])
    kind = stage["type"].rpartition(":")[2]
    room = (canvas.frame.width if narrow else LABELS) - 16 - (wide(took) + 8 if narrow else 0)
    middle = top + (13 if narrow else ROW / 2 + 4)
    canvas.text("label", 4, middle, fitted(f"{stage['name']} ({kind})", room))
    canvas.text("figure", canvas.frame.width - 4, middle, took, anchor="end")
    y = top + (20 if narrow else (ROW - BAR) / 2)
    begin, end = (left + stage[key] * scale for key in ("begin", "end"))
    canvas.box(look, begin, y, end - begin, BAR, tip=f"{stage['name']}: {took}, {stage['source']}")


def _legend(canvas: Canvas, top: float) -> float:
    x = 4.0 if canvas.frame.narrow else float(LABELS)
    for look, words in _looks():
        canvas.box(look, x, top + 2, SIZE, SIZE)
        canvas.text("tick", x + 18, top + 12, words)
        x += 18 + wide(words) + 16
    return top + 22


def _looks() -> Sequence[tuple[str, str]]:
    return ("critical", "on the critical path"), ("beside", "beside it")
