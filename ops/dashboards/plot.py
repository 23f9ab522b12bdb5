"""The field of a graph before there are data: its axis, and the values that its lines will be held against. Pure."""

from __future__ import annotations

from typing import Final

from ops.dashboards.model import Widget
from ops.svg import SIZE, Canvas, Frame, fitted

WIDTH: Final = 360
HEIGHT: Final = 92
ROOM: Final = 1.25  # how far the axis goes beyond the highest limit, as CloudWatch leaves some room
PITCH: Final = SIZE + 3  # from label to label


def draw(widget: Widget, key: str) -> str:
    """The field of `widget`, whose ids begin with `key`."""
    told = "; ".join(label for label, _ in widget.limits) or "no limit"
    canvas = Canvas(Frame(width=WIDTH, key=key), widget.title, f"A graph without data yet. Across it: {told}.")
    top = PITCH * max(len(widget.limits) - 1, 0)  # labels of near limits go up by each other
    canvas.line("grid", 1, 4, 1, HEIGHT)
    canvas.line("grid", 1, HEIGHT, WIDTH, HEIGHT)
    highest = max((value for _, value in widget.limits), default=0) * ROOM or 1
    free = float(HEIGHT)
    for label, value in sorted(widget.limits, key=lambda item: item[1]):
        y = HEIGHT - value / highest * (HEIGHT - top)
        free = min(y - 4, free - PITCH)
        canvas.line("limit", 1, y, WIDTH, y)
        canvas.text("tick", WIDTH - 4, free, fitted(label, WIDTH - 8), anchor="end")
    return canvas.done(HEIGHT + 2)
