"""Which way each edge goes, and where its label stands: always along the axes, never through a node. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from ops.diagram import legend
from ops.diagram.layout import BELOW, GUTTER, LANE, NODE, PAD, PITCH, ROW_GAP, Plan
from ops.diagram.model import INTERNET, PEOPLE, SERVICES, USERS, Edge
from ops.diagram.shapes import Box, Drawing, Label, Line, stacked, wrapped

ASIDE: Final = 16.0  # how far beside the middle of a load balancer the two lines arrive that come from above
CLEAR: Final = 5.0  # from a line to its label
_Route = tuple[Line, tuple[Label, ...]]


def drawing(plan: Plan) -> Drawing:
    """The whole picture with its lines."""
    routes = [_route(plan, edge) for edge in plan.picture.edges]
    lines, labels = legend.drawn(plan)
    return Drawing(
        width=plan.width,
        height=plan.height,
        frames=tuple(plan.frames.values()),
        nodes=tuple(plan.boxes.values()),
        lines=(*(line for line, _ in routes), *lines),
        labels=(*plan.labels, *(label for _, found in routes for label in found), *labels),
    )


def _route(plan: Plan, edge: Edge) -> _Route:
    pair = edge.source.partition("-")[2] or edge.source, edge.target.partition("-")[2] or edge.target
    route = _ROUTES.get(pair)
    if route:
        return route(plan, edge)
    if edge.look == "copy":
        return _across(plan, edge)
    if edge.source == USERS:
        return _exposed(plan, edge)
    source, target = plan.boxes[edge.source], plan.boxes[edge.target]
    if source.y == target.y:
        return _beside(plan, edge)
    upper, lower = sorted((source, target), key=lambda box: box.y)
    column = (box for box in plan.boxes.values() if box.x == source.x)
    near = source.x == target.x and not any(upper.y < box.y < lower.y for box in column)
    return _down(plan, edge) if near else _between(plan, edge)


def _made(edge: Edge, *corners: tuple[float, float]) -> Line:
    return Line(look=edge.look, corners=corners, ends=(edge.source, edge.target), both=edge.both)


def _label(edge: Edge, x: float, y: float, anchor: str = "middle") -> Label:
    return Label(words=edge.label, look=edge.look, x=x, y=y, bold=True, anchor=anchor)  # type: ignore[arg-type]


def _inward(plan: Plan, id_: str) -> int:
    return plan.columns[id_.partition("-")[0]].inward


def _face(box: Box, direction: int) -> float:
    """The right edge, or the left one."""
    return box.right if direction > 0 else box.x


def _side_anchor(direction: int) -> str:
    """How a text is anchored that goes on in `direction`."""
    return "start" if direction > 0 else "end"


def _across(plan: Plan, edge: Edge) -> _Route:
    """A copy to the other side, straight across the gutter."""
    source, target = plan.boxes[edge.source], plan.boxes[edge.target]
    direction = 1 if source.x < target.x else -1
    y = source.centre
    label = _label(edge, plan.centre, y - CLEAR)
    line = _made(edge, (_face(source, direction), y), (_face(target, -direction), y))
    return line, stacked(label, wrapped(edge.label, GUTTER - PAD), PITCH)


def _down(plan: Plan, edge: Edge) -> _Route:
    """To a node above or below in the same column."""
    source, target = plan.boxes[edge.source], plan.boxes[edge.target]
    below = source.y < target.y
    begins, ends = (source.bottom, target.y) if below else (source.y, target.bottom)
    direction = _inward(plan, edge.source)
    upper, gap = min(begins, ends), abs(ends - begins)
    side, _, kind = edge.source.partition("-")
    y = upper + gap / 2 + 4
    if kind in _TIER_OF:
        y = plan.frames[f"{side}-{_TIER_OF[kind]}"].bottom + BELOW / 2 + 4
    elif kind == "database":
        y = plan.frames[f"{side}-{SERVICES}"].y - ABOVE
    x = source.middle + direction * (CLEAR + 2)
    return _made(edge, (source.middle, begins), (source.middle, ends)), (_label(edge, x, y, _side_anchor(direction)),)


def _between(plan: Plan, edge: Edge) -> _Route:
    """To a node that is no neighbour, between the two columns."""
    source, target = plan.boxes[edge.source], plan.boxes[edge.target]
    columns = plan.columns[edge.source.partition("-")[0]]
    pairs = [(item.source, item.target) for item in plan.picture.edges]
    x = (columns.outer + columns.inner + NODE) / 2 + LANES[pairs.index((edge.source, edge.target)) % len(LANES)]
    begins, ends = (box.right if box.middle < x else box.x for box in (source, target))
    line = _made(edge, (begins, source.centre), (x, source.centre), (x, target.centre), (ends, target.centre))
    y = source.y - ROW_GAP / 2 + 4 if target.y < source.y else source.bottom + ROW_GAP / 2 + 4
    return line, (_label(edge, x + CLEAR + 2, y, "start"),)


def _exposed(plan: Plan, edge: Edge) -> _Route:
    """What the world reaches although it is no load balancer: straight in from the internet, for everybody to see."""
    columns = plan.columns[edge.target.partition("-")[0]]
    target, top = plan.boxes[edge.target], plan.frames[INTERNET].bottom
    x = (columns.outer + columns.inner + NODE) / 2 + columns.inward * EXPOSED
    face = target.x if target.middle > x else target.right
    line = _made(edge, (x, top), (x, target.centre), (face, target.centre))
    label = _label(edge, x - columns.inward * (CLEAR + 2), top + 16, _side_anchor(-columns.inward))
    return line, (label,)


OUTBOUND: Final = 40.0  # beside NAT, clear of the frames' titles
EXPOSED: Final = -16.0  # beside the middle between the columns, where no label stands
LANES: Final = (-14.0, 0.0, 14.0)  # beside the middle between the columns
_TIER_OF: Final = {"edge": "public", "web": "private"}
ABOVE: Final = 18.0  # from the frame of the services to the labels of what enters it


def _beside(plan: Plan, edge: Edge) -> _Route:
    """To the node beside it; what goes inwards is drawn lower than what goes outwards."""
    source, target = plan.boxes[edge.source], plan.boxes[edge.target]
    direction = 1 if source.x < target.x else -1
    twin = any(other.source == edge.target and other.target == edge.source for other in plan.picture.edges)
    outwards = direction != _inward(plan, edge.source)
    y = source.centre + (0 if not twin else -8 if outwards else 18)
    begins, ends = _face(source, direction), _face(target, -direction)
    return _made(edge, (begins, y), (ends, y)), (_label(edge, (begins + ends) / 2, y - CLEAR),)


def _from_users(plan: Plan, edge: Edge) -> _Route:
    users, target = plan.boxes[USERS], plan.boxes[edge.target]
    direction = 1 if users.middle < target.middle else -1
    x = target.middle + direction * ASIDE
    begins, y = _face(users, direction), users.centre
    return _made(edge, (begins, y), (x, y), (x, target.y)), (_label(edge, (begins + x) / 2, y - CLEAR),)


def _from_names(plan: Plan, edge: Edge) -> _Route:
    names, target = plan.boxes[edge.source], plan.boxes[edge.target]
    direction = 1 if names.middle < target.middle else -1
    x = target.middle - direction * ASIDE
    y = names.centre
    line = _made(edge, (_face(names, direction), y), (x, y), (x, target.y))
    place = plan.frames["names"].bottom + 34
    label = _label(edge, x - direction * (CLEAR + 2), place, _side_anchor(-direction))
    return line, stacked(label, wrapped(edge.label, NAMED), PITCH)


def _from_canaries(plan: Plan, edge: Edge) -> _Route:
    """From beside the network's frame in through the load balancer, between what users and names send there."""
    canaries, target = plan.boxes[edge.source], plan.boxes[edge.target]
    direction = _inward(plan, edge.source)
    begins, y = _face(canaries, direction), canaries.centre
    label = _label(edge, target.middle - direction * (ASIDE + CLEAR), y - CLEAR, _side_anchor(-direction))
    return _made(edge, (begins, y), (target.middle, y), (target.middle, target.y)), (label,)


def _to_people(plan: Plan, edge: Edge) -> _Route:
    """Down between the sides; straight on where there is but one."""
    source, people = plan.boxes[edge.source], plan.boxes[PEOPLE]
    direction = _inward(plan, edge.source)
    begins, y = _face(source, direction), source.centre
    if people.y < source.bottom:
        ends = _face(people, -direction)
        return _made(edge, (begins, y), (ends, y)), (_label(edge, (begins + ends) / 2, y - CLEAR),)
    x = people.middle - direction * ASIDE
    label = _label(edge, x - direction * CLEAR, plan.frames["jurisdiction"].bottom + PITCH, _side_anchor(-direction))
    return _made(edge, (begins, y), (x, y), (x, people.y)), (label,)


def _to_names(plan: Plan, edge: Edge) -> _Route:
    users, names = plan.boxes[USERS], plan.boxes[edge.target]
    label = _label(edge, users.middle + CLEAR + 2, plan.frames["names"].y - 13, "start")
    return _made(edge, (users.middle, users.bottom), (names.middle, names.y)), (label,)


def _to_internet(plan: Plan, edge: Edge) -> _Route:
    nat, internet = plan.boxes[edge.source], plan.frames[INTERNET]
    direction = _inward(plan, edge.source)
    begins = _face(nat, direction)
    x = begins + direction * OUTBOUND
    line = _made(edge, (begins, nat.centre), (x, nat.centre), (x, internet.bottom))
    return line, (_label(edge, x + direction * (CLEAR + 2), internet.bottom + 40, _side_anchor(direction)),)


def _to_nat(plan: Plan, edge: Edge) -> _Route:
    """Up between the tiers, and out to the gateway."""
    web, nat = plan.boxes[edge.source], plan.boxes[edge.target]
    direction = _inward(plan, edge.source)
    x = web.middle - direction * (NODE / 2 - 36)
    y = plan.frames[f"{edge.source.partition('-')[0]}-public"].bottom + BELOW / 2 + 8
    line = _made(edge, (x, web.y), (x, y), (nat.middle, y), (nat.middle, nat.bottom))
    return line, (_label(edge, nat.middle + direction * NODE / 4, y - CLEAR),)


def _to_cache(plan: Plan, edge: Edge) -> _Route:
    """Down between the tiers, and out to the cache, beside its tier's title."""
    web, cache = plan.boxes[edge.source], plan.boxes[edge.target]
    direction = _inward(plan, edge.source)
    x = web.middle - direction * (NODE / 2 - 36)
    y = plan.frames[f"{edge.source.partition('-')[0]}-private"].bottom + BELOW / 2 + 8
    ends = cache.middle + direction * (NODE / 2 - 8)
    line = _made(edge, (x, web.bottom), (x, y), (ends, y), (ends, cache.y))
    return line, (_label(edge, (x + ends) / 2, y - CLEAR),)


def _to_services(plan: Plan, edge: Edge) -> _Route:
    """Out of the network, and into what AWS runs for the side."""
    endpoints, services = plan.boxes[edge.source], plan.frames[edge.target]
    direction = _inward(plan, edge.source)
    x = _face(services, -direction) - direction * (LANE / 2 + 2)
    y = services.y + 14
    line = _made(
        edge,
        (_face(endpoints, -direction), endpoints.centre),
        (x, endpoints.centre),
        (x, y),
        (_face(services, -direction), y),
    )
    return line, (_label(edge, x + direction * (CLEAR + 2), services.y - ABOVE, _side_anchor(direction)),)


_ROUTES: Final[Mapping[tuple[str, str], Callable[[Plan, Edge], _Route]]] = {
    (USERS, "edge"): _from_users,
    (USERS, "dns"): _to_names,
    ("dns", "edge"): _from_names,
    ("canaries", "edge"): _from_canaries,
    ("operations", PEOPLE): _to_people,
    ("nat", INTERNET): _to_internet,
    ("web", "nat"): _to_nat,
    ("web", "cache"): _to_cache,
    ("endpoints", SERVICES): _to_services,
}
NAMED: Final = 140.0  # room for what names say, between the two lines
