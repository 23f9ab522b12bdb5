"""Makes the picture's content of a preview. Pure."""

from __future__ import annotations

from typing import Final

from ops.diagram import edges, words
from ops.diagram.kinds import NETWORK, TITLES, grouped
from ops.diagram.model import INTERNET, PEOPLE, SERVICES, USERS, Node, Picture, Side
from ops.preview.model import Preview

BOTH: Final = "both"


def of(found: Preview, only: str = BOTH) -> Picture:
    """What the picture of `found` shows: both sides, or `only` the one of this name."""
    groups = grouped(found)
    nodes = tuple(
        Node(
            kind=kind,
            side=side,
            title=TITLES[kind],
            lines=tuple(line for line in words.lines(kind, items) if line),
            resources=tuple(items),
        )
        for (side, kind), items in sorted(groups.items())
        if kind != NETWORK
    )
    sides = tuple(
        _side(found, name, place.region, place.cidr)
        for name, place in (("home", found.home), ("recovery", found.recovery))
        if place.region and only in {BOTH, name}
    )
    kept = tuple(node for node in nodes if not node.side or only in {BOTH, node.side})
    drawn = {USERS, INTERNET, PEOPLE, *(node.id for node in kept), *(f"{side.name}-{SERVICES}" for side in sides)}
    return Picture(
        cell=found.cell,
        jurisdiction=found.jurisdiction,
        contained=not found.residency.get("violations"),
        sides=sides,
        nodes=kept,
        edges=tuple(edge for edge in edges.read(found, nodes) if {edge.source, edge.target} <= drawn),
    )


def _side(found: Preview, name: str, region: str, cidr: str) -> Side:
    subnets = (item for item in found.resources if item.side == name and item.type == "aws:ec2/subnet:Subnet")
    return Side(name=name, region=region, cidr=cidr, zones=len({item.inputs["availabilityZoneId"] for item in subnets}))
