"""Draws with SVG's few shapes: a canvas that escapes what it is given, and knows how wide a text is, nearly. Pure.

Colours are none of its business: each shape has a class, which the page's style sheet fills.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal
from xml.etree import ElementTree as ET

CHARACTER: Final = 0.57
"""Width of a character of a sans-serif face as a part of its size: rather too much, so that nothing overlaps."""

SIZE: Final = 12
"""Size of a chart's texts, in units."""

HATCH: Final = 6  # units between the lines of a hatching


@dataclass(frozen=True, kw_only=True)
class Frame:
    """How wide a chart is, in units that are pixels at its natural size, and the name that its marks go by."""

    width: int
    key: str

    @property
    def narrow(self) -> bool:
        """Whether it is for a narrow screen, where labels stand above what they name."""
        return self.width < 600  # noqa: PLR2004 - between the two widths that there are


WIDE, NARROW = 1000, 360


class Canvas:
    """A chart being drawn. Its height is said at the end, when it is known."""

    def __init__(self, frame: Frame, title: str, description: str) -> None:
        """A canvas that a screen reader announces as `title` and explains as `description`."""
        self.frame = frame
        self._root = ET.Element("svg", {"class": "chart", "role": "img"})
        self._root.set("aria-labelledby", f"{frame.key}-title {frame.key}-desc")
        ET.SubElement(self._root, "title", {"id": f"{frame.key}-title"}).text = title
        ET.SubElement(self._root, "desc", {"id": f"{frame.key}-desc"}).text = description
        self._hatching()

    def box(
        self, look: str, x: float, y: float, width: float, height: float, *, tip: str = "", round_: int = 2
    ) -> None:
        """A rectangle; `tip` is shown where a mouse rests on it."""
        shape = self._add("rect", look, x=x, y=y, width=max(width, 1), height=height, rx=round_)
        if tip:
            ET.SubElement(shape, "title").text = tip

    def hatched(self, look: str, x: float, y: float, width: float, height: float) -> None:
        """A rectangle of thin slanting lines."""
        shape = self._add("rect", f"hatched {look}", x=x, y=y, width=max(width, 1), height=height)
        shape.set("fill", f"url(#{self.frame.key}-hatch)")

    def line(self, look: str, x1: float, y1: float, x2: float, y2: float) -> None:
        """A straight line."""
        self._add("line", look, x1=x1, y1=y1, x2=x2, y2=y2)

    def path(self, look: str, points: Sequence[tuple[float, float]]) -> None:
        """A line through points."""
        shape = self._add("polyline", look)
        shape.set("points", " ".join(f"{_number(x)},{_number(y)}" for x, y in points))

    def dot(self, look: str, x: float, y: float) -> None:
        """A point."""
        self._add("circle", look, cx=x, cy=y, r=2.5)

    def text(
        self, look: str, x: float, y: float, words: str, *, anchor: Literal["start", "middle", "end"] = "start"
    ) -> None:
        """A text whose base line is at `y`."""
        shape = self._add("text", look, x=x, y=y)
        if anchor != "start":
            shape.set("text-anchor", anchor)
        shape.text = words

    def done(self, height: float) -> str:
        """The chart as an element that can stand in an HTML page."""
        self._root.set("viewBox", f"0 0 {self.frame.width} {_number(height)}")
        return ET.tostring(self._root, encoding="unicode")

    def _hatching(self) -> None:
        size = str(HATCH)
        pattern = ET.SubElement(ET.SubElement(self._root, "defs"), "pattern", {"id": f"{self.frame.key}-hatch"})
        pattern.attrib.update({"width": size, "height": size, "patternUnits": "userSpaceOnUse"})
        pattern.set("patternTransform", "rotate(45)")
        ET.SubElement(pattern, "line", {"class": "hatch", "x1": "0", "y1": "0", "x2": "0", "y2": size})

    def _add(self, shape: str, look: str, **places: float) -> ET.Element:
        attributes = {name: _number(place) for name, place in places.items()}
        return ET.SubElement(self._root, shape, {"class": look, **attributes})


def wide(words: str, size: float = SIZE) -> float:
    """About how wide `words` are."""
    return len(words) * size * CHARACTER


def fitted(words: str, room: float, size: float = SIZE) -> str:
    """`words`, cut so that they fit into `room`; empty if not even a few characters do."""
    most = int(room / (size * CHARACTER))
    if len(words) <= most:
        return words
    return f"{words[: most - 1].rstrip()}…" if most > 3 else ""  # noqa: PLR2004 - less says nothing


def lanes(spans: Sequence[tuple[float, float]], gap: float = 8) -> list[int]:
    """For spans in order of their beginnings, the first lane in which each overlaps none before it."""
    ends: list[float] = []
    found: list[int] = []
    for began, ended in spans:
        lane = next((place for place, end in enumerate(ends) if began >= end + gap), len(ends))
        if lane == len(ends):
            ends.append(ended)
        ends[lane] = ended
        found.append(lane)
    return found


def _number(place: float) -> str:
    return f"{round(place, 1):g}"
