"""What a picture is made of once it is known where everything stands: boxes, texts and lines. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

TITLE: Final = 14.5
TEXT: Final = 13.5
HEAD: Final = 22.0
CHARACTER: Final = 0.6
"""Width of a character of a wide sans-serif face (DejaVu Sans) as a part of its size."""
BOLD: Final = 1.08
DESCENT: Final = 0.25


@dataclass(frozen=True, kw_only=True)
class Box:
    """A rectangle: a frame, or a node."""

    id: str
    look: str
    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.y + self.height

    @property
    def middle(self) -> float:
        """Half way between left and right."""
        return self.x + self.width / 2

    @property
    def centre(self) -> float:
        """Half way between top and bottom."""
        return self.y + self.height / 2

    def overlaps(self, other: Box) -> bool:
        """Whether the two share any area."""
        beside = self.right <= other.x or other.right <= self.x
        return not (beside or self.bottom <= other.y or other.bottom <= self.y)

    def holds(self, other: Box) -> bool:
        """Whether `other` lies within."""
        across = self.x <= other.x and other.right <= self.right
        return across and self.y <= other.y and other.bottom <= self.bottom


@dataclass(frozen=True, kw_only=True)
class Label:
    """A line of text whose base line is at `y`; `of` is the node that it stands in, if any."""

    words: str
    look: str
    x: float
    y: float
    size: float = TEXT
    bold: bool = False
    anchor: Literal["start", "middle", "end"] = "start"
    of: str = ""

    @property
    def extent(self) -> Box:
        """About the room that it takes, rather too much."""
        width = extent(self.words, self.size, bold=self.bold)
        x = self.x - {"start": 0.0, "middle": width / 2, "end": width}[self.anchor]
        return Box(id=self.words, look="", x=x, y=self.y - self.size, width=width, height=self.size * (1 + DESCENT))


@dataclass(frozen=True, kw_only=True)
class Line:
    """An arrow along corners, at its end or at both; `ends` are the nodes and frames that it joins."""

    look: str
    corners: tuple[tuple[float, float], ...]
    ends: tuple[str, str]
    both: bool = False


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """All of it, back to front."""

    width: float
    height: float
    frames: tuple[Box, ...]
    nodes: tuple[Box, ...]
    lines: tuple[Line, ...]
    labels: tuple[Label, ...]


def extent(words: str, size: float = TEXT, *, bold: bool = False) -> float:
    """About how wide `words` are."""
    return len(words) * size * CHARACTER * (BOLD if bold else 1)


def wrapped(words: str, room: float) -> tuple[str, ...]:
    """`words` in lines of at most `room`, broken between words; one that is longer than a line is cut."""
    most = int(room / (TEXT * CHARACTER))
    lines: list[str] = []
    for word in words.split():
        whole = word if len(word) <= most else f"{word[: most - 1]}…"
        if lines and len(lines[-1]) + 1 + len(whole) <= most:
            lines[-1] += f" {whole}"
        else:
            lines.append(whole)
    return tuple(lines)


def stacked(label: Label, lines: Sequence[str], pitch: float) -> tuple[Label, ...]:
    """`lines` below each other, the last of them where `label` is."""
    count = len(lines)
    return tuple(replace(label, words=words, y=label.y - pitch * (count - 1 - n)) for n, words in enumerate(lines))
