"""Writes a picture as a Mermaid flowchart, for pages that draw those themselves. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final

from ops.diagram.layout import OUTSIDE, ROWS, TIERS
from ops.diagram.model import INTERNET, PEOPLE, SERVICES, USERS, Node, Picture, Side

_ARROWS: Final[Mapping[str, str]] = {"traffic": "-->", "data": "-->", "copy": "==>", "watch": "-.->"}
_ESCAPED: Final = re.compile(r"[^\w '\-.,:+/()]")
_SPACING: Final = '%%{init: {"flowchart": {"nodeSpacing": 24, "rankSpacing": 46}}}%%'
_OUT: Final = "egress"  # the internet as what NAT leads to; the frame itself can be no edge's end and hold its users


def text(picture: Picture) -> str:
    """`picture` as a flowchart."""
    return (
        "\n".join(
            (f"%% {_escaped(picture.title)}, made by python -m ops diagram", _SPACING, "flowchart TB", *_lines(picture))
        )
        + "\n"
    )


def _lines(picture: Picture) -> Iterator[str]:
    nodes = {node.id: node for node in picture.nodes}
    yield f'  subgraph {INTERNET}["1 Internet"]'
    yield f'    {USERS}["Patients and clinicians"]'
    if any(edge.target == INTERNET for edge in picture.edges):
        yield f'    {_OUT}["What instances fetch"]'
    yield "  end"
    account = [node for node in nodes.values() if not node.side]
    yield from (f"  {_node(node)}" for node in account)
    yield from _stacked(account, 2)
    if any(edge.target == PEOPLE for edge in picture.edges):
        yield f'  {PEOPLE}["People on duty"]'
    yield f'  subgraph jurisdiction["Jurisdiction {_escaped(picture.jurisdiction)}"]'
    for side in picture.sides:
        yield from _side(side, nodes)
    yield "  end"
    for edge in picture.edges:
        arrow = f"<{_ARROWS[edge.look]}" if edge.both else _ARROWS[edge.look]
        target = _OUT if edge.target == INTERNET else edge.target
        yield f'  {_id(edge.source)} {arrow}|"{_escaped(edge.label)}"| {_id(target)}'


def _side(side: Side, nodes: Mapping[str, Node]) -> Iterator[str]:
    yield f'    subgraph {side.name}["{side.name.title()}: {_escaped(side.region)}"]'
    for node in _of(side, OUTSIDE, nodes):
        yield f"      {_node(node)}"
    yield f'      subgraph {side.name}_vpc["VPC {_escaped(side.cidr)}"]'
    for name, title, *kinds in TIERS:
        yield from _frame(f"{side.name}_{name}", title, _of(side, kinds, nodes), 8)
    yield "      end"
    services = [kind for row in ROWS for kind in row if kind]
    yield from _frame(f"{side.name}_{SERVICES}", "5 AWS services, by IAM", _of(side, services, nodes), 6)
    yield "    end"
    yield from _columns(side, nodes)


def _columns(side: Side, nodes: Mapping[str, Node]) -> Iterator[str]:
    """Links that nobody sees: without them Mermaid puts whatever no edge leads to beside each other, endlessly wide."""
    rows = (*(kinds for _, _, *kinds in TIERS), *ROWS)
    for column in zip(*rows, strict=True):
        yield from _stacked(_of(side, [kind for kind in column if kind], nodes), 4)


def _stacked(column: Sequence[Node], indent: int) -> Iterator[str]:
    return (f"{' ' * indent}{_id(upper.id)} ~~~ {_id(lower.id)}" for upper, lower in pairwise(column))


def _of(side: Side, kinds: Sequence[str], nodes: Mapping[str, Node]) -> list[Node]:
    return [nodes[f"{side.name}-{kind}"] for kind in kinds if f"{side.name}-{kind}" in nodes]


def _frame(id_: str, title: str, nodes: Sequence[Node], indent: int) -> Iterator[str]:
    room = " " * indent
    yield f'{room}subgraph {id_}["{_escaped(" ".join(title.split()))}"]'
    for node in nodes:
        yield f"{room}  {_node(node)}"
    yield f"{room}end"


def _node(node: Node) -> str:
    words = "<br/>".join(map(_escaped, (node.title, *node.lines)))
    return f'{_id(node.id)}["{words}"]'


def _id(text_: str) -> str:
    return text_.replace("-", "_")


def _escaped(words: str) -> str:
    """`words` with what Mermaid would obey written as its entities."""
    return _ESCAPED.sub(lambda found: f"#{ord(found[0])};", words)
