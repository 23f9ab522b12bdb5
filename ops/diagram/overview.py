"""What matters first of a picture, legible in a README: a column for each side, and what is copied. Pure.

It shows who comes in by which name, what a request passes, and where patients' data are copied to. Whatever else the
picture has is left out, and nothing is here that the picture has not.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from ops.diagram.model import USERS, Edge, Picture, Side
from ops.diagram.shapes import HEAD, TITLE, Box, Drawing, Label, Line, extent, stacked, wrapped

COLUMN: Final = ("edge", "web", "cache", "database", "vault", "buckets", "secrets")
NODE: Final = 206.0
MARGIN: Final = 8.0
INSET: Final = 8.0  # from the jurisdiction's frame to a side's
PAD: Final = 8.0
PITCH: Final = 17.5
LANE: Final = 40.0  # of a side, away from the gutter: what passes a node by goes there
SIDE: Final = LANE + NODE + PAD
GUTTER: Final = 104.0
BETWEEN: Final = 30.0  # from node to node: room for a line with its label
CLEAR: Final = 5.0  # from a line to its label
NAME: Final = 184.0  # the nodes above the sides
ARRIVE: Final = 30.0  # from a load balancer's middle towards the gutter, to between the lines that come from above
NAMED: Final = 100.0  # room for what names say
ASIDE: Final = 14.0  # from there to each of them
_LEGEND: Final = (("traffic", "may connect"), ("data", "leads to"), ("copy", "copied"))


def drawing(picture: Picture) -> Drawing:
    """The overview of `picture`."""
    return _Sheet(picture).drawing()


class _Sheet:
    """Boxes and texts as they are placed, from above to below."""

    def __init__(self, picture: Picture) -> None:
        self._picture = picture
        self._nodes = {node.id: node for node in picture.nodes}
        self._boxes: dict[str, Box] = {}
        self._frames: list[Box] = []
        self._labels: list[Label] = []
        left = MARGIN + INSET
        self._left = {side.name: left + place * (SIDE + GUTTER) for place, side in enumerate(picture.sides)}
        self._lone = len(picture.sides) == 1
        self._inner = 2 * INSET + len(picture.sides) * SIDE + (0 if self._lone else GUTTER)
        # Beside a lone side there is room for users and names, whose lines come in from there.
        self._width = 2 * MARGIN + self._inner + (NODE + 2 * PAD + GUTTER if self._lone else 0)
        self._centre = MARGIN + self._inner + GUTTER + NODE / 2 if self._lone else self._width / 2

    def drawing(self) -> Drawing:
        verdict = "no copy leaves" if self._picture.contained else "COPIES LEAVE"
        heading = f"{self._picture.title}: jurisdiction {self._picture.jurisdiction}, {verdict}"
        self._labels.append(Label(words=heading, look="head", x=MARGIN, y=30, size=HEAD - 4, bold=True))
        bottom = self._card(USERS, "Users", ("Patients and clinicians",), (self._centre - NAME / 2, 46))
        names = self._nodes["global-dns"]
        bottom = self._card(names.id, names.title, names.lines, (self._centre - NAME / 2, bottom + BETWEEN))
        bottom = self._sides(bottom + 3 * PITCH + PAD)
        edges = [edge for edge in self._picture.edges if {edge.source, edge.target} <= self._boxes.keys()]
        routes = [self._route(edge) for edge in edges]
        lines, height = self._legend(bottom + 24)
        return Drawing(
            width=self._width,
            height=height,
            frames=tuple(self._frames),
            nodes=tuple(self._boxes.values()),
            lines=(*(line for line, _ in routes), *lines),
            labels=(*self._labels, *(label for _, found in routes for label in found)),
        )

    def _sides(self, top: float) -> float:
        starts = top + PAD + TITLE + PAD
        y = starts + 2 * PITCH + PAD
        for kind in COLUMN:
            ids = {side.name: f"{side.name}-{kind}" for side in self._picture.sides}
            found = {side: self._nodes[id_] for side, id_ in ids.items() if id_ in self._nodes}
            rows = max((len(_lines(node.lines, NODE)) for node in found.values()), default=0)
            for side, node in found.items():
                self._card(node.id, node.title, node.lines, (self._column(side), y), rows=rows)
            y += _tall(rows) + BETWEEN if found else 0
        bottom = y - BETWEEN + PAD
        frame = Box(
            id="jurisdiction", look="jurisdiction", x=MARGIN, y=top, width=self._inner, height=bottom + PAD - top
        )
        self._frames.append(frame)
        self._title(frame, (f"Jurisdiction {self._picture.jurisdiction}",), "start")
        for side in self._picture.sides:
            self._side(side, starts, bottom)
        return frame.bottom

    def _side(self, side: Side, top: float, bottom: float) -> None:
        box = Box(id=side.name, look="region", x=self._left[side.name], y=top, width=SIDE, height=bottom - top)
        self._frames.append(box)
        self._title(box, (side.name.title(), side.region), "start" if self._inward(side.name) > 0 else "end")

    def _title(self, box: Box, lines: tuple[str, ...], anchor: str) -> None:
        x = box.x + PAD if anchor == "start" else box.right - PAD
        for row, words in enumerate(lines):
            y = box.y + TITLE + 5 + row * PITCH
            self._labels.append(Label(words=words, look="head", x=x, y=y, bold=True, anchor=anchor))  # type: ignore[arg-type]

    def _inward(self, side: str) -> int:
        """1 where the gutter lies to the right, else -1."""
        return -1 if side == "recovery" and not self._lone else 1

    def _column(self, side: str) -> float:
        return self._left[side] + (LANE if self._inward(side) > 0 else PAD)

    def _card(
        self, id_: str, title: str, lines: tuple[str, ...], place: tuple[float, float], *, rows: int = 0
    ) -> float:
        """A node; gives where it ends. Neighbours have as many `rows`, so that copies go straight."""
        x, y = place
        width = NODE if rows else NAME
        words = _lines(lines, width)
        height = _tall(rows or len(words))
        self._boxes[id_] = Box(id=id_, look="node", x=x, y=y, width=width, height=height)
        base = y + PAD + TITLE - 2
        self._labels.append(Label(words=title, look="head", x=x + PAD, y=base, size=TITLE, bold=True, of=id_))
        for row, text in enumerate(words, start=1):
            self._labels.append(Label(words=text, look="soft", x=x + PAD, y=base + row * PITCH + 1, of=id_))
        return y + height

    def _route(self, edge: Edge) -> tuple[Line, tuple[Label, ...]]:
        source, target = self._boxes[edge.source], self._boxes[edge.target]
        if edge.source in {USERS, "global-dns"} and target.id != "global-dns":
            return self._from_above(edge, source, target)
        if source.y == target.y:
            return self._across(edge, source, target)
        upper, lower = sorted((source, target), key=lambda box: box.y)
        if any(box.x == source.x and upper.y < box.y < lower.y for box in self._boxes.values()):
            return self._past(edge, source, target)
        begins, ends = (source.bottom, target.y) if source.y < target.y else (source.y, target.bottom)
        line = _made(edge, (source.middle, begins), (source.middle, ends))
        return line, (_label(edge, source.middle + CLEAR + 2, upper.bottom + BETWEEN / 2 + 5, "start"),)

    def _from_above(self, edge: Edge, source: Box, target: Box) -> tuple[Line, tuple[Label, ...]]:
        """Out sideways and down to the load balancer; names arrive nearer to the gutter."""
        direction = 1 if source.middle < target.middle else -1
        inward = self._inward(edge.target.partition("-")[0])
        x = target.middle + inward * ARRIVE + direction * (ASIDE if source.id == USERS else -ASIDE)
        begins = source.right if direction > 0 else source.x
        line = _made(edge, (begins, source.centre), (x, source.centre), (x, target.y))
        if source.id == USERS:
            y = source.centre + PITCH
            return line, (_label(edge, x + direction * CLEAR, y, "start" if direction > 0 else "end"),)
        label = _label(edge, x - direction * CLEAR, source.bottom + PITCH, "end" if direction > 0 else "start")
        words = wrapped(edge.label, NAMED)
        return line, stacked(_lowered(label, len(words)), words, PITCH)

    def _across(self, edge: Edge, source: Box, target: Box) -> tuple[Line, tuple[Label, ...]]:
        direction = 1 if source.x < target.x else -1
        begins, ends = (source.right, target.x) if direction > 0 else (source.x, target.right)
        label = _label(edge, (begins + ends) / 2, source.centre - CLEAR, "middle")
        return _made(edge, (begins, source.centre), (ends, source.centre)), stacked(
            label, wrapped(edge.label, GUTTER), PITCH
        )

    def _past(self, edge: Edge, source: Box, target: Box) -> tuple[Line, tuple[Label, ...]]:
        """Past what stands between, away from the gutter."""
        inward = self._inward(edge.source.partition("-")[0])
        pairs = [(item.source, item.target) for item in self._picture.edges if item.source in self._boxes]
        nearer = pairs.index((edge.source, edge.target)) % 2 * 8
        face = source.x if inward > 0 else source.right
        x = face - inward * (LANE / 2 - nearer)
        line = _made(edge, (face, source.centre), (x, source.centre), (x, target.centre), (face, target.centre))
        y = (source.bottom if source.y < target.y else source.y - BETWEEN) + BETWEEN / 2 + 5
        return line, (_label(edge, x + inward * CLEAR, y, "start" if inward > 0 else "end"),)

    def _legend(self, top: float) -> tuple[list[Line], float]:
        lines: list[Line] = []
        x = MARGIN
        shown = {edge.look for edge in self._picture.edges}
        for look, words in ((look, words) for look, words in _LEGEND if look in shown):
            lines.append(Line(look=look, corners=((x, top - 4), (x + 40, top - 4)), ends=("", "")))
            self._labels.append(Label(words=words, look="soft", x=x + 48, y=top))
            x += 48 + extent(words) + 24
        return lines, top + MARGIN + PAD


def _lines(lines: tuple[str, ...], width: float) -> list[str]:
    return [part for line in lines for part in wrapped(line, width - 2 * PAD)]


def _tall(rows: int) -> float:
    return 2 * PAD + TITLE + 1 + PITCH * rows


def _lowered(label: Label, lines: int) -> Label:
    """`label` where the last of so many lines stands."""
    return replace(label, y=label.y + (lines - 1) * PITCH)


def _made(edge: Edge, *corners: tuple[float, float]) -> Line:
    return Line(look=edge.look, corners=corners, ends=(edge.source, edge.target), both=edge.both)


def _label(edge: Edge, x: float, y: float, anchor: str) -> Label:
    return Label(words=edge.label, look=edge.look, x=x, y=y, bold=True, anchor=anchor)  # type: ignore[arg-type]
