"""What a picture of a cell shows: sides, nodes and edges, before anybody has said where they stand. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ops.preview.model import Resource

USERS: Final = "users"
PEOPLE: Final = "people"  # those whom operations tells
INTERNET: Final = "internet"  # the frame: what instances reach through NAT

SERVICES: Final = "services"  # the frame: what AWS runs for a side outside of its network


@dataclass(frozen=True, kw_only=True)
class Side:
    """A side's frame; `zones` is how many availability zones its network spans."""

    name: str
    region: str
    cidr: str
    zones: int


@dataclass(frozen=True, kw_only=True)
class Node:
    """Something with a purpose, and the resources that it stands for. `side` is empty for what is of the account."""

    kind: str
    side: str
    title: str
    lines: tuple[str, ...]
    resources: tuple[Resource, ...]

    @property
    def id(self) -> str:
        """Stable: its side and its kind."""
        return f"{self.side or 'global'}-{self.kind}"


@dataclass(frozen=True, kw_only=True)
class Edge:
    """What goes from one node to another; `look` is traffic, copy, data or watch, `both` says that it goes back too."""

    source: str
    target: str
    label: str
    look: str
    both: bool = False


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A cell, with as many sides as it has; `contained` says that no copy leaves the jurisdiction."""

    cell: str
    jurisdiction: str
    contained: bool
    sides: tuple[Side, ...]
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    @property
    def title(self) -> str:
        """What it shows."""
        return f"Cell {self.cell}"

    @property
    def description(self) -> str:
        """What it shows, in a sentence for whoever cannot see it."""
        where = " and ".join(f"{side.name} in {side.region}" for side in self.sides)
        titles = {USERS: "users", INTERNET: "internet", PEOPLE: "people on duty"}
        titles |= {f"{side.name}-{SERVICES}": f"AWS services of {side.name}" for side in self.sides}
        for node in self.nodes:
            of = f" of {node.side}" if node.side else ""
            titles[node.id] = f"{node.title}{of}"
        flows = "; ".join(
            f"{titles[edge.source]} {'and' if edge.both else 'to'} {titles[edge.target]}: {edge.label}"
            for edge in self.edges
        )
        return f"Cell {self.cell} in jurisdiction {self.jurisdiction}, {where}. {flows}."
