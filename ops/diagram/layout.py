"""Where everything stands: frames within frames, nodes in two columns a side, mirrored across the gutter. Pure.

Deterministic: the same picture, the same places. A row is as high as its highest node on either side, so that copies go
straight from one side to the other. What is copied stands beside the gutter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ops.diagram.model import INTERNET, PEOPLE, SERVICES, USERS, Node, Picture, Side
from ops.diagram.shapes import HEAD, TEXT, TITLE, Box, Label, wrapped
from ops.diagram.words import counted

NODE: Final = 155.0
NAME: Final = 200.0  # a node that holds names of the domain
GAP: Final = 62.0  # between the two columns
TIER: Final = 8.0  # from a tier's frame to its nodes
VPC: Final = 8.0
LANE: Final = 18.0  # from a region's frame to its network's: what leaves through endpoints goes there
GUTTER: Final = 104.0
MARGIN: Final = 8.0
INSET: Final = 8.0  # from the jurisdiction's frame to a region's
PAD: Final = 8.0  # from a node's edge to its text
PITCH: Final = 17.5  # from line to line
BELOW: Final = 40.0  # between tiers: room for a line with its label
ROW_GAP: Final = 34.0
REGION: Final = 2 * (NODE + TIER + VPC + LANE) + GAP
STRIP: Final = 300.0  # beside a cell of one side: users and names
TIERS: Final = (
    ("public", "2 Public subnets", "nat", "edge"),
    ("private", "3 Private subnets", "endpoints", "web"),
    ("data", "4 Data subnets", "cache", "database"),
)
ROWS: Final = (  # of the services: the outer node, and the one beside the gutter
    ("key", "vault"),
    ("functions", "buckets"),
    ("topics", "trail"),
    ("manifest", "secrets"),
    ("shelf", "handlers"),
    ("alarms", "operations"),
    ("logs", "detection"),
    ("others", ""),
)
LEGEND_GAP: Final = 22.0
OUTSIDE: Final = ("canaries", "")  # of a region, above its network: they come in as users do
ACCOUNT: Final = ("iam", "spending")


@dataclass(frozen=True, kw_only=True)
class Columns:
    """The places of a side's columns. `inward` is 1 where the gutter lies to the right, else -1."""

    left: float
    inward: int

    @property
    def outer(self) -> float:
        """The left edge of the column away from the gutter."""
        edge = LANE + VPC + TIER
        return self.left + (edge if self.inward > 0 else REGION - edge - NODE)

    @property
    def inner(self) -> float:
        """The left edge of the column beside the gutter."""
        return self.outer + self.inward * (NODE + GAP)

    def title(self, box: Box, words: str, *, size: float = TITLE) -> Label:
        """The title of a frame, in its outer upper corner."""
        x = box.x + PAD if self.inward > 0 else box.right - PAD
        anchor = "start" if self.inward > 0 else "end"
        return Label(words=words, look="head", x=x, y=box.y + size + 5, size=size, bold=True, anchor=anchor)  # type: ignore[arg-type]

    def aside(self, box: Box, words: str) -> Label:
        """What is said beside a frame's title, in its inner upper corner."""
        x = box.right - PAD if self.inward > 0 else box.x + PAD
        anchor = "end" if self.inward > 0 else "start"
        return Label(words=words, look="soft", x=x, y=box.y + TITLE + 5, anchor=anchor)  # type: ignore[arg-type]


class Plan:
    """Frames, nodes and their texts as they are placed, from above to below."""

    def __init__(self, picture: Picture) -> None:
        """Place all of `picture`."""
        self.picture = picture
        self.frames: dict[str, Box] = {}
        self.boxes: dict[str, Box] = {}
        self.labels: list[Label] = []
        self._nodes = {node.id: node for node in picture.nodes}
        lone = len(picture.sides) == 1
        left = MARGIN + INSET
        self.columns = {side.name: Columns(left=left, inward=1) for side in picture.sides}
        if not lone:
            self.columns["recovery"] = Columns(left=left + REGION + GUTTER, inward=-1)
        self.width = 2 * left + REGION + (STRIP if lone else GUTTER + REGION)
        self.centre = left + REGION + (STRIP if lone else GUTTER) / 2
        bottom = self._above()
        bottom = self._jurisdiction(bottom + 44)
        self.height = self._account(bottom + 20)

    def _above(self) -> float:
        """The internet and the names."""
        verdict = "no copy leaves" if self.picture.contained else "COPIES LEAVE"
        heading = f"{self.picture.title}: jurisdiction {self.picture.jurisdiction}, {verdict}"
        self.labels.append(Label(words=heading, look="head", x=MARGIN, y=32, size=HEAD, bold=True))
        lines = wrapped("Patients and clinicians", NAME - 2 * PAD)
        tall = _tall(lines)
        internet = self._frame(INTERNET, "internet", (MARGIN, 48, self.width - 2 * MARGIN, tall + 40))
        self.labels.append(Columns(left=0, inward=1).title(internet, "1 Internet: nobody is trusted"))
        self._card(USERS, lines, "Users", (self.centre - NAME / 2, internet.y + 28, tall), NAME)
        node = self._nodes["global-dns"]
        lines = tuple(part for line in node.lines for part in wrapped(line, NAME - 2 * PAD))
        top, height = internet.bottom + 34, _tall(lines)
        self._frame("names", "account", (self.centre - NAME / 2 - 12, top, NAME + 24, height + 24))
        self._card(node.id, lines, node.title, (self.centre - NAME / 2, top + 12, height), NAME)
        return top + height + 24

    def _jurisdiction(self, top: float) -> float:
        starts = top + 34
        bottom = starts
        for side in self.picture.sides:
            bottom = self._side(side, starts)
        width = 2 * INSET + len(self.picture.sides) * REGION + (GUTTER if len(self.picture.sides) > 1 else 0)
        frame = Box(id="jurisdiction", look="jurisdiction", x=MARGIN, y=top, width=width, height=bottom + 14 - top)
        self.frames = {"jurisdiction": frame, **self.frames}
        self.labels.append(Columns(left=0, inward=1).title(frame, f"Jurisdiction {self.picture.jurisdiction}"))
        return frame.bottom

    def _side(self, side: Side, top: float) -> float:
        columns = self.columns[side.name]
        x, width = columns.left + LANE, REGION - 2 * LANE
        region = self._frame(side.name, "region", (columns.left, top, REGION, 0))
        outside = self._row_height(OUTSIDE)
        self._row(side, OUTSIDE, top + 30, outside)
        vpc = self._frame(f"{side.name}-vpc", "vpc", (x, top + 30 + (outside + 20 if outside else 0), width, 0))
        y = vpc.y + 30
        for name, title, *kinds in TIERS:
            height = self._row_height(kinds)
            place = (x + VPC, y, width - 2 * VPC, height + 30 + TIER)
            tier = self._frame(f"{side.name}-{name}", name, place)
            self.labels.append(columns.title(tier, title))
            self._row(side, kinds, tier.y + 30, height)
            y = tier.bottom + BELOW
        vpc = self._frame(vpc.id, vpc.look, (vpc.x, vpc.y, vpc.width, y - BELOW + VPC - vpc.y))
        services = self._services(side, (x, vpc.bottom + 48, width))
        region = self._frame(region.id, region.look, (region.x, top, REGION, services.bottom + 16 - top))
        titles = (
            (region, f"{side.name.title()}: {side.region}"),
            (vpc, f"VPC {side.cidr}"),
            (services, "5 AWS services, by IAM"),
        )
        self.labels += [columns.title(box, words, size=TEXT if box is region else TITLE) for box, words in titles]
        self.labels.append(columns.aside(vpc, counted(side.zones, "zone")))
        return region.bottom

    def _services(self, side: Side, place: tuple[float, float, float]) -> Box:
        x, top, width = place
        frame = self._frame(f"{side.name}-{SERVICES}", "services", (x, top, width, 0))
        y = top + 34
        for kinds in ROWS:
            height = self._row_height(kinds)
            if height:
                self._row(side, kinds, y, height)
                y += height + ROW_GAP
        return self._frame(frame.id, frame.look, (x, top, width, y - ROW_GAP + 16 - top))

    def _account(self, top: float) -> float:
        """What the account has once; the legend goes beside it."""
        found = [self._nodes[f"global-{kind}"] for kind in ACCOUNT if f"global-{kind}" in self._nodes]
        height = max(map(_height, found))
        width = len(found) * (NODE + 24) + 24
        frame = self._frame("account", "account", (MARGIN, top, width, height + 44))
        self.labels.append(Columns(left=0, inward=1).title(frame, "The account, in all regions"))
        for place, node in enumerate(found):
            self._place(node, frame.x + 24 + place * (NODE + 24), top + 30, height)
        return max(frame.bottom, self._people(frame)) + LEGEND_GAP + 4 * PITCH + MARGIN

    def _people(self, account: Box) -> float:
        """Those whom operations tells, if anybody is: between the sides, or beside the only one."""
        tellers = [self.boxes[edge.source] for edge in self.picture.edges if edge.target == PEOPLE]
        if not tellers:
            return 0.0
        lines = wrapped("once they have confirmed", NODE - 2 * PAD)
        y = account.y + 6 if len(self.picture.sides) > 1 else tellers[0].y
        self._card(PEOPLE, lines, "People on duty", (self.centre - NODE / 2, y, _tall(lines)))
        return self.boxes[PEOPLE].bottom

    def _row_height(self, kinds: Sequence[str]) -> float:
        ids = (f"{side.name}-{kind}" for side in self.picture.sides for kind in kinds)
        return max((_height(self._nodes[id_]) for id_ in ids if id_ in self._nodes), default=0.0)

    def _row(self, side: Side, kinds: Sequence[str], y: float, height: float) -> None:
        columns = self.columns[side.name]
        for kind, x in zip(kinds, (columns.outer, columns.inner), strict=True):
            node = self._nodes.get(f"{side.name}-{kind}")
            if node:
                self._place(node, x, y, height)

    def _place(self, node: Node, x: float, y: float, height: float) -> None:
        self._card(node.id, _lines(node), node.title, (x, y, height))

    def _card(
        self, id_: str, lines: Sequence[str], title: str, place: tuple[float, float, float], width: float = NODE
    ) -> None:
        x, y, height = place
        self.boxes[id_] = Box(id=id_, look="node", x=x, y=y, width=width, height=height)
        top = y + PAD + TITLE - 2
        self.labels.append(Label(words=title, look="head", x=x + PAD, y=top, size=TITLE, bold=True, of=id_))
        for place_, words in enumerate(lines, start=1):
            self.labels.append(Label(words=words, look="soft", x=x + PAD, y=top + place_ * PITCH + 1, of=id_))

    def _frame(self, id_: str, look: str, place: tuple[float, float, float, float]) -> Box:
        x, y, width, height = place
        self.frames[id_] = Box(id=id_, look=look, x=x, y=y, width=width, height=height)
        return self.frames[id_]


def _lines(node: Node) -> tuple[str, ...]:
    return tuple(part for line in node.lines for part in wrapped(line, NODE - 2 * PAD))


def _height(node: Node) -> float:
    return _tall(_lines(node))


def _tall(lines: Sequence[str]) -> float:
    return 2 * PAD + TITLE + 1 + PITCH * len(lines)
