"""The picture of a cell: every resource in it once, every edge registered, nothing over anything else, and readable."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import combinations, pairwise
from xml.etree import ElementTree as ET

import pytest

from domain.residency import Jurisdiction
from ops.diagram import draw, kinds, mermaid, overview, palette, picture, routes
from ops.diagram.layout import Plan
from ops.diagram.model import INTERNET, PEOPLE, SERVICES, USERS, Picture
from ops.diagram.shapes import TEXT, Box, Drawing, Line, wrapped
from ops.engine import project
from ops.preview import budgets, model
from ops.preview.model import Preview
from ops.residency import flows
from tests.support import whole

ADDRESS, WEBHOOK = "duty@example.com", "https://hooks.example.com/T0"
CASES: dict[str, tuple[str, dict[str, str]]] = {
    "us": ("us", {}),
    "eu": ("eu", {}),
    "apac": ("apac", {}),
    "moved": ("us", {"writer": "recovery", "recoveryGeneration": "1"}),
    "rebuilt": ("us", {"writer": "recovery", "homeGeneration": "2"}),
    "people": ("us", {"operationsEmails": f'["{ADDRESS}"]', "operationsWebhooks": f'["{WEBHOOK}"]'}),
    "lone": ("us", {"posture": "backup-only", "recoveryRegion": "none", "recoveryCidr": "none"}),
}
SVG = "{http://www.w3.org/2000/svg}"


def preview(case: str) -> Preview:
    cell, overrides = CASES[case]
    stack = project.load(cell, overrides=overrides)
    program = whole(cell, **overrides)
    jurisdiction = Jurisdiction(stack.config[f"{stack.project}:jurisdiction"])
    residency = flows.build(program, jurisdiction).as_json()
    return model.build(stack, program, budgets=budgets.of(stack), residency=residency)


@pytest.fixture(params=CASES, scope="module")
def case(request: pytest.FixtureRequest) -> Picture:
    return picture.of(preview(request.param))


def drawn(shown: Picture) -> Drawing:
    return routes.drawing(Plan(shown))


def edges(shown: Picture) -> dict[tuple[str, str], str]:
    return {(edge.source, edge.target): edge.label for edge in shown.edges}


def strips(line: Line) -> list[Box]:
    """The line's parts as boxes as thin as itself."""
    return [
        Box(id="", look="", x=min(a, c), y=min(b, d), width=abs(a - c) or 1, height=abs(b - d) or 1)
        for (a, b), (c, d) in pairwise(line.corners)
    ]


def collisions(found: Drawing) -> list[str]:
    """Whatever lies over something else."""
    told = [f"{one.id} over {two.id}" for one, two in combinations(found.nodes, 2) if one.overlaps(two)]
    extents = [(label, label.extent) for label in found.labels]
    told += [f"{a.words!r} over {b.words!r}" for (a, one), (b, two) in combinations(extents, 2) if one.overlaps(two)]
    nodes = {box.id: box for box in found.nodes}
    for label, room in extents:
        if label.of:
            told += [] if nodes[label.of].holds(room) else [f"{label.words!r} out of {label.of}"]
        else:
            told += [f"{label.words!r} over {box.id}" for box in found.nodes if room.overlaps(box)]
            told += [f"{label.words!r} struck by {line.ends}" for line in found.lines if _strikes(line, room)]
    for line in found.lines:
        told += [
            f"{line.ends} through {box.id}" for box in found.nodes if box.id not in line.ends and _strikes(line, box)
        ]
    return told


def _strikes(line: Line, box: Box) -> bool:
    return any(part.overlaps(box) for part in strips(line))


def test_every_resource_stands_in_one_node_or_in_the_frames(case: Picture) -> None:
    shown = [item.urn for node in case.nodes for item in node.resources]
    assert len(set(shown)) == len(shown)
    assert "others" not in {node.kind for node in case.nodes}, "a type that the table does not know"


def test_what_the_table_does_not_know_is_seen() -> None:
    found = preview("us")
    strange = replace(found.resources[-1], type="aws:mq/broker:Broker", urn="urn:x", custom=True, side="home")
    shown = picture.of(replace(found, resources=(*found.resources, strange)))
    (others,) = [node for node in shown.nodes if node.kind == kinds.OTHERS]
    assert ("1 resource", "mq") == others.lines
    assert [] == collisions(drawn(shown))


def test_nothing_lies_over_anything_else(case: Picture) -> None:
    assert [] == collisions(drawn(case))
    assert [] == collisions(overview.drawing(case))


README_PIXELS = 830  # the least that GitHub gives a page's text on a desktop
LEGIBLE_PIXELS = 11


def test_every_text_is_legible_where_the_pages_show_it(case: Picture) -> None:
    for found in (drawn(case), overview.drawing(case)):
        assert min(label.size for label in found.labels) == TEXT
        assert not [label.words for label in found.labels if "…" in label.words], "cut off"
        assert TEXT * min(1, README_PIXELS / found.width) >= LEGIBLE_PIXELS, found.width


def test_the_overview_leaves_out_and_makes_nothing_up(case: Picture) -> None:
    found, whole_picture = overview.drawing(case), drawn(case)
    assert {box.id for box in found.nodes} < {box.id for box in whole_picture.nodes}
    assert {(line.ends, line.look) for line in found.lines} < {(line.ends, line.look) for line in whole_picture.lines}
    shown = {box.id for box in found.nodes}
    within = {(edge.source, edge.target) for edge in case.edges if {edge.source, edge.target} <= shown}
    assert within == {line.ends for line in found.lines if all(line.ends)}
    page = Box(id="", look="", x=0, y=0, width=found.width, height=found.height)
    assert all(page.holds(box) for box in (*found.frames, *found.nodes, *(label.extent for label in found.labels)))
    frames = {box.id: box for box in found.frames}
    for box in found.nodes:
        side = box.id.partition("-")[0]
        assert side not in frames or frames[side].holds(box), box.id


@pytest.mark.parametrize("side", ["home", "recovery"])
def test_a_side_alone_is_drawn_without_the_other(side: str) -> None:
    shown = picture.of(preview("us"), side)
    assert {"", side} == {node.side for node in shown.nodes}
    assert not [edge for edge in shown.edges if edge.look == "copy"]
    assert [] == collisions(drawn(shown))


def test_what_lies_over_something_else_is_found() -> None:
    found = drawn(picture.of(preview("us")))
    first, second, *rest = found.nodes
    moved = replace(second, x=first.x + 10, y=first.y + 10)
    assert f"{first.id} over {second.id}" in collisions(replace(found, nodes=(first, moved, *rest)))
    label = next(label for label in found.labels if not label.of)
    assert collisions(replace(found, labels=(*found.labels, replace(label, y=label.y + 4))))


def test_every_frame_holds_its_nodes_and_everything_is_within_the_picture(case: Picture) -> None:
    found = drawn(case)
    page = Box(id="", look="", x=0, y=0, width=found.width, height=found.height)
    for box in (*found.frames, *found.nodes, *(label.extent for label in found.labels)):
        assert page.holds(box), box
    frames = {box.id: box for box in found.frames}
    for box in found.nodes:
        side, _, kind = box.id.partition("-")
        if side in frames:
            assert frames[side].holds(box)
            within = frames[f"{side}-vpc"].holds(box), frames[f"{side}-{SERVICES}"].holds(box)
            if kind == "canaries":
                assert not any(within), "canaries come in from outside the network"
                continue
            assert (kind in {"nat", "edge", "endpoints", "web", "cache", "database"}, True) == (within[0], any(within))


def test_lines_go_along_the_axes_and_end_at_what_they_join(case: Picture) -> None:
    found = drawn(case)
    places = {box.id: box for box in (*found.frames, *found.nodes)}
    for line in found.lines:
        assert all(a == c or b == d for (a, b), (c, d) in pairwise(line.corners)), line
        for end, (x, y) in zip(line.ends, (line.corners[0], line.corners[-1]), strict=True):
            if end:
                box = places[end]
                assert x in {box.x, box.right} or y in {box.y, box.bottom}, (end, line)


def test_the_edges_are_those_that_the_program_registers() -> None:
    found = edges(picture.of(preview("us")))
    for side in ("home", "recovery"):
        assert "443, 80" == found[USERS, f"{side}-edge"]
        assert "8443" == found[f"{side}-edge", f"{side}-web"]
        assert "3306" == found[f"{side}-web", f"{side}-database"]
        assert "6379" == found[f"{side}-web", f"{side}-cache"]
        assert "outbound" == found[f"{side}-nat", INTERNET]
        assert "AWS APIs" == found[f"{side}-endpoints", f"{side}-{SERVICES}"]
    assert "primary: check every 10 s" == found["global-dns", "home-edge"]
    assert "RDS read replica" == found["home-database", "recovery-database"]
    assert "S3 replication" == found["home-buckets", "recovery-buckets"]
    assert "Secrets Manager replica" == found["home-secrets", "recovery-secrets"]
    assert "AWS Backup copy" == found["home-vault", "recovery-vault"]
    assert (USERS, "home-database") not in found


def test_canaries_come_in_through_their_own_sides_load_balancer() -> None:
    found = edges(picture.of(preview("us")))
    for side, other in (("home", "recovery"), ("recovery", "home")):
        assert "journeys" == found[f"{side}-canaries", f"{side}-edge"]
        assert (f"{side}-canaries", f"{other}-edge") not in found


def test_alarms_events_and_findings_go_to_operations_and_on_to_people() -> None:
    found = edges(picture.of(preview("people")))
    for side in ("home", "recovery"):
        for source, label in (("alarms", "alarms"), ("handlers", "events"), ("detection", "findings")):
            assert label == found[f"{side}-{source}", f"{side}-operations"]
        assert "e-mail, webhook" == found[f"{side}-operations", PEOPLE]
    text = draw.svg(picture.of(preview("people")))
    assert ADDRESS not in text
    assert WEBHOOK not in text


def test_that_nobody_is_told_is_told() -> None:
    shown = picture.of(preview("us"))
    assert PEOPLE not in {edge.target for edge in shown.edges}
    assert PEOPLE not in {box.id for box in drawn(shown).nodes}
    told = {node.side: node.lines for node in shown.nodes if node.kind == "operations"}
    assert {"home": "nobody is subscribed", "recovery": "nobody is subscribed"} == {
        side: lines[-1] for side, lines in told.items()
    }


def test_an_edge_that_is_not_registered_is_not_drawn() -> None:
    found = preview("us")
    without = [item for item in found.resources if item.name != "home-web-database"]
    shown = edges(picture.of(replace(found, resources=tuple(without))))
    assert ("home-web", "home-database") not in shown
    assert ("recovery-web", "recovery-database") in shown


def test_a_rule_that_opens_the_database_to_the_world_is_seen() -> None:
    found = preview("us")
    opened = [
        replace(item, inputs={**item.inputs, "cidrIpv4": "0.0.0.0/0", "referencedSecurityGroupId": None})
        if item.name == "home-web-database" and "Ingress" in item.type
        else item
        for item in found.resources
    ]
    shown = edges(picture.of(replace(found, resources=tuple(opened))))
    assert "3306" == shown[USERS, "home-database"]
    assert [] == collisions(drawn(picture.of(replace(found, resources=tuple(opened)))))


def test_replication_goes_both_ways_and_the_replica_one() -> None:
    both = {(edge.source, edge.target): edge.both for edge in picture.of(preview("us")).edges}
    assert both["home-buckets", "recovery-buckets"]
    assert not both["home-database", "recovery-database"]


def test_after_a_move_the_writer_is_told_apart_from_what_was_left_behind() -> None:
    nodes = {node.id: node for node in picture.of(preview("moved")).nodes}
    assert "kept aside: db.t4g.medium" in nodes["home-database"].lines
    assert nodes["recovery-database"].lines[0].startswith("writer")
    rebuilt = edges(picture.of(preview("rebuilt")))
    assert "RDS read replica" == rebuilt["recovery-database", "home-database"]


def test_a_copy_that_leaves_the_jurisdiction_is_told() -> None:
    found = preview("us")
    broken = replace(found, residency={**found.residency, "violations": ["uploads go abroad"]})
    assert "COPIES LEAVE" in draw.svg(picture.of(broken))
    assert "no copy leaves" in draw.svg(picture.of(found))


def test_the_picture_says_what_it_shows_and_loads_nothing(case: Picture) -> None:
    text = draw.svg(case)
    root = ET.fromstring(text)  # noqa: S314 - our own text
    assert "img" == root.get("role")
    titled = [element.get("id") for element in root if element.tag in {f"{SVG}title", f"{SVG}desc"} and element.text]
    assert (root.get("aria-labelledby") or "").split() == titled
    assert "users to Load balancer of home: 443, 80" in (root.findtext(f"{SVG}desc") or "")
    assert root.get("viewBox")
    assert None is re.search(r"href|<script|@import|url\((?!#)", text)
    assert text == draw.svg(case), "the same each time"


def test_the_text_of_the_picture_is_escaped() -> None:
    found = picture.of(preview("us"))
    planted = replace(found, nodes=(replace(found.nodes[0], lines=('<b>"x"', *found.nodes[0].lines)), *found.nodes[1:]))
    assert "<b>" not in draw.svg(planted)
    text = mermaid.text(planted)
    assert "#60;b#62;#34;x#34;" in text


@pytest.mark.parametrize("colours", [palette.LIGHT, palette.DARK], ids=["light", "dark"])
def test_every_text_stands_out_from_what_is_behind_it(colours: dict[str, str]) -> None:
    grounds = ("page", "node", *palette.FRAMES)
    for ground in grounds:
        for text in ("ink", "soft", *palette.LINES.values()):
            assert palette.contrast(colours[text], colours[ground]) >= 4.5, (text, ground)
        if ground in palette.FRAMES:
            assert palette.contrast(colours[f"{ground}-rule"], colours[ground]) >= 3, ground
    assert palette.contrast(colours["node-rule"], colours["node"]) >= 3


def test_the_contrast_of_black_and_white_is_the_greatest() -> None:
    assert 21 == pytest.approx(palette.contrast("#ffffff", "#000000"))
    assert 1 == palette.contrast("#777777", "#777777")
    assert palette.contrast("#b0b0b0", "#ffffff") < 3


def test_a_long_word_is_cut_and_a_long_line_broken() -> None:
    assert ("one two", "three") == wrapped("one two three", 70)
    assert ("abcdefgh…",) == wrapped("abcdefghijklmnop", 75)


_NODE = re.compile(r'^\w+\["[^"\[\]<>]*(?:<br/>[^"\[\]<>]*)*"\]$')
_UNSEEN = re.compile(r"^(\w+) ~~~ (\w+)$")
_ARROW = re.compile(r'^(\w+) (?:-->|==>|<==>|-\.->)\|"[^"|]+"\| (\w+)$')


def test_the_flowchart_is_one_that_mermaid_reads(case: Picture) -> None:
    head, _spacing, kind, *lines = mermaid.text(case).splitlines()
    assert head.startswith("%% ")
    assert "flowchart TB" == kind
    known, depth = set(), 0
    for line in map(str.strip, lines):
        if line.startswith("subgraph "):
            known.add(line.split()[1].partition("[")[0])
            depth += 1
        elif line == "end":
            depth -= 1
        elif unseen := _UNSEEN.match(line):
            assert set(unseen.groups()) <= known
        elif arrow := _ARROW.match(line):
            assert set(arrow.groups()) <= known
        else:
            assert _NODE.match(line), line
            known.add(line.partition("[")[0])
    assert 0 == depth
    assert len(case.edges) == sum(bool(_ARROW.match(line.strip())) for line in lines)
