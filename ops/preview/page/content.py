"""What stands on a preview's page, in the order in which it stands there: rows and figures for the template. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ops.preview.model import SIDES, Preview, Resource
from ops.preview.telling import telling
from ops.preview.timeline_table import clock
from ops.residency import table

DRIVERS: Final = 12
COLUMNS: Final = (*SIDES, "cell")
BUDGETS: Final = {
    "reads": "Reads back (RTO)",
    "writes": "Writes back (RTO)",
    "data_loss": "Records lost (RPO)",
    "objects": "Objects lost (RPO)",
}


@dataclass(frozen=True, kw_only=True)
class Card:
    """A figure at the head of the page; `state` is met, missed or noted."""

    name: str
    value: str
    state: str
    note: str


@dataclass(frozen=True, kw_only=True)
class Cost:
    """USD a month of one service: by side, in all, and as a share of the dearest one's."""

    service: str
    sides: tuple[float | None, ...]
    total: float
    share: float


@dataclass(frozen=True, kw_only=True)
class Driver:
    """A charge, the same charge of several resources of a side taken together."""

    what: str
    side: str
    usd: float
    reckoned: str


@dataclass(frozen=True, kw_only=True)
class Budget:
    """A time budget: its terms with their sources, each as an offset and a part of the longest of sum and target."""

    title: str
    terms: tuple[Mapping[str, Any], ...]
    total: int | None
    target: int | None
    met: bool


@dataclass(frozen=True, kw_only=True)
class Branch:
    """A resource in the tree, with what stands below it and how many there are."""

    resource: Resource
    facts: tuple[tuple[str, str], ...]
    below: tuple[Branch, ...]

    @property
    def size(self) -> int:
        """How many resources stand below it, near and far."""
        return sum(1 + item.size for item in self.below)


def cards(found: Preview) -> Iterator[Card]:
    """The figures that matter first."""
    if found.cost:
        least = "" if found.cost["complete"] else "at least "
        note = f"{least}USD a month, at prices of {found.cost['as_of']}"
        yield Card(name="Cost", value=f"{found.cost['total']:,.2f}", state="noted", note=note)
    if found.findings:
        number = len(found.findings["found"])
        note = f"of {found.findings['rules']} rules; {len(found.findings['exempted'])} exempted"
        yield Card(name="Findings", value=str(number), state="missed" if number else "met", note=note)
    if found.residency:
        number = len(found.residency["violations"])
        note = table.verdict(found.residency)
        yield Card(name="Copies abroad", value=str(number), state="missed" if number else "met", note=note)
    for name in ("reads", "writes") if found.budgets else ():
        yield _promise(BUDGETS[name], found.budgets[name])
    if found.timeline:
        note = "on AWS, from published creation times"
        value = clock(found.timeline["seconds"])
        yield Card(name="First deployment", value=value, state="noted", note=note)
    note = ", ".join(f"{number} {side}" for side, number in _by_side(found).items())
    yield Card(name="Resources", value=str(len(found.resources)), state="noted", note=note)


def _promise(name: str, item: Mapping[str, Any]) -> Card:
    value = "no bound" if item["total_seconds"] is None else f"{item['total_seconds']} s"
    note = f"target {item['target_seconds']} s, {'met' if item['met'] else 'not met'}"
    return Card(name=name, value=value, state="met" if item["met"] else "missed", note=note)


def _by_side(found: Preview) -> dict[str, int]:
    counts = found.counts().values()
    sums = {side: sum(numbers.get(side, 0) for numbers in counts) for side in COLUMNS}
    return {side: number for side, number in sums.items() if number}


def costs(bill: Mapping[str, Any]) -> list[Cost]:
    """The services, the dearest first."""
    totals = {service: sum(sides.values()) for service, sides in bill["services"].items()}
    most = max(totals.values(), default=0.0) or 1.0
    return [
        Cost(
            service=service,
            sides=tuple(bill["services"][service].get(side) for side in COLUMNS),
            total=total,
            share=total / most,
        )
        for service, total in sorted(totals.items(), key=lambda item: (-item[1], item[0]))
    ]


def side_sums(bill: Mapping[str, Any]) -> list[float]:
    """USD a month of each side."""
    return [sum(sides.get(side, 0.0) for sides in bill["services"].values()) for side in COLUMNS]


def drivers(bill: Mapping[str, Any]) -> list[Driver]:
    """The dearest charges."""
    joined: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for line in bill["lines"]:
        key = (line["service"], line["side"], line["unit"], str(line["price"]), line["source"])
        joined.setdefault(key, []).append(line)
    found = (_driver(lines) for lines in joined.values())
    return sorted(found, key=lambda item: (-item.usd, item.what, item.side))[:DRIVERS]


def _driver(lines: Sequence[Mapping[str, Any]]) -> Driver:
    first, quantity = lines[0], sum(line["quantity"] for line in lines)
    others = len({line["what"] for line in lines}) - 1
    source = f"{first['confidence']}: {first['source']}"
    return Driver(
        what=f"{first['service']}: {first['what']}" + (f", and {others} more at this price" if others else ""),
        side=first["side"],
        usd=sum(line["usd"] for line in lines),
        reckoned=f"{quantity:,.10g} {first['unit']}s at {first['price']:.10g} ({source})",
    )


def budgets(given: Mapping[str, Any]) -> list[Budget]:
    """The time budgets; what has no target comes last."""
    found: list[Budget] = []
    for name, title in BUDGETS.items():
        item = given[name]
        terms = item.get("terms", [item])
        total = item.get("total_seconds", item.get("seconds"))
        target = item.get("target_seconds")
        scale = max(total or 0, target or 0) or 1
        passed = 0
        placed: list[dict[str, Any]] = []
        for term in terms:
            length = term["seconds"] or 0
            placed.append({**term, "from": 100 * passed / scale, "part": 100 * length / scale})
            passed += length if total is not None else 0
        found.append(
            Budget(title=title, terms=tuple(placed), total=total, target=target, met=bool(item.get("met", True)))
        )
    return found


def tree(found: Preview) -> list[Branch]:
    """The resources below each other, components first."""
    below: dict[str, list[Resource]] = {}
    for item in sorted(found.resources, key=lambda item: (item.custom, item.name, item.type)):
        below.setdefault(item.parent, []).append(item)
    known = {item.urn for item in found.resources}
    return [_branch(item, below) for parent, items in below.items() if parent not in known for item in items]


def _branch(item: Resource, below: Mapping[str, Sequence[Resource]]) -> Branch:
    return Branch(
        resource=item,
        facts=tuple(telling(item)),
        below=tuple(_branch(child, below) for child in below.get(item.urn, ())),
    )
