"""What the picture's lines and frames mean, below all that is drawn. Pure."""

from __future__ import annotations

from typing import Final

from ops.diagram.layout import LEGEND_GAP, MARGIN, PAD, PITCH, Plan
from ops.diagram.shapes import Label, Line, extent, wrapped

LOOKS: Final = (
    ("traffic", "may connect: at this port, or for this"),
    ("data", "leads to, or hands data over"),
    ("copy", "copied to the other side"),
    ("watch", "tells operations"),
)
_NOTE: Final = (
    "Dashed frames are trust boundaries, numbered from the internet inwards. Drawn from what the program registers."
)


def drawn(plan: Plan) -> tuple[list[Line], list[Label]]:
    """What lines and frames mean, below all: two lines of looks, and two of text."""
    top = max(box.bottom for box in (plan.frames["account"], *plan.boxes.values())) + LEGEND_GAP
    step = max(extent(words) for _, words in LOOKS) + 54 + 2 * PAD
    lines: list[Line] = []
    labels: list[Label] = []
    for place, (look, words) in enumerate(LOOKS):
        x, y = MARGIN + step * (place % 2), top + place // 2 * (PITCH + 2)
        lines.append(Line(look=look, corners=((x, y - 4), (x + 44, y - 4)), ends=("", "")))
        labels.append(Label(words=words, look="soft", x=x + 54, y=y))
    for place, words in enumerate(wrapped(_NOTE, plan.width - 2 * MARGIN), start=2):
        labels.append(Label(words=words, look="soft", x=MARGIN, y=top + place * (PITCH + 2)))
    return lines, labels
