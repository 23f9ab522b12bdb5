"""A month's bill of a cell, from what its program registers. Pure, but for the table of prices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from ops.cost import prices
from ops.cost.meters import FREE, METERS
from ops.cost.meters.item import Charge, Item
from ops.cost.prices import Price, UnknownPriceError
from ops.cost.usage import Usage
from ops.engine.places import GLOBAL, GLOBAL_SERVICES, sides_of
from ops.engine.record import Program, Registration, redact

CELL: Final = "cell"  # what belongs to neither side
_SERVICES: Final = {
    "autoscaling": "instances",
    "lambda": "functions",
    "sqs": "queues",
    "rds": "database",
    "elasticache": "cache",
    "s3": "buckets",
    "backup": "backups",
    "lb": "load balancers",
    "route53": "DNS and health checks",
    "kms": "keys",
    "secretsmanager": "secrets",
    "cloudwatch": "alarms and dashboards",
    "synthetics": "canaries",
    "wafv2": "web firewall",
    "cloudtrail": "audit trail",
    "guardduty": "threat detection",
    "securityhub": "threat detection",
    "inspector2": "threat detection",
    "cfg": "configuration records",
}
_OF_EC2: Final = {"natGateway": "NAT", "eip": "NAT", "vpcEndpoint": "endpoints", "flowLog": "flow logs"}
_CENT: Final = 2


@dataclass(frozen=True, kw_only=True)
class Line:
    """One charge of one resource: `quantity` units at `price`, `usd` a month."""

    service: str
    side: str
    resource: str
    what: str
    quantity: float
    price: Price

    @property
    def usd(self) -> float:
        """What it comes to in a month."""
        return self.quantity * self.price.usd


@dataclass(frozen=True, kw_only=True)
class Bill:
    """All charges of a cell, and the types and prices that the tables lack: with any of them the total is a least."""

    cell: str
    lines: tuple[Line, ...]
    unpriced: tuple[str, ...]

    @property
    def total(self) -> float:
        """USD a month."""
        return sum(line.usd for line in self.lines)

    def by_service(self) -> dict[str, dict[str, float]]:
        """USD a month of each service on each side, the dearest service first."""
        found: dict[str, dict[str, float]] = {}
        for line in self.lines:
            sides = found.setdefault(line.service, {})
            sides[line.side] = sides.get(line.side, 0) + line.usd
        return dict(sorted(found.items(), key=lambda item: (-sum(item[1].values()), item[0])))

    def drivers(self, number: int) -> tuple[Line, ...]:
        """The `number` dearest charges, the same charge of several resources of a side taken together."""
        joined: dict[tuple[str, str, str], Line] = {}
        for line in self.lines:
            key = (line.service, line.side, line.price.id)
            known = joined.get(key)
            joined[key] = _together(known, line) if known else line
        return tuple(sorted(joined.values(), key=lambda line: (-line.usd, line.resource))[:number])

    def as_json(self) -> dict[str, Any]:
        """The bill for machines, sorted and stable."""
        return {
            "cell": self.cell,
            "currency": "USD",
            "as_of": prices.table().as_of,
            "total": round(self.total, _CENT),
            "complete": not self.unpriced,
            "unpriced": list(self.unpriced),
            "services": {
                service: {side: round(usd, _CENT) for side, usd in sorted(sides.items())}
                for service, sides in self.by_service().items()
            },
            "lines": [_as_json(line) for line in self.lines],
        }


def _together(known: Line, line: Line) -> Line:
    what = line.price.id if known.what != line.what else line.what
    names = known.resource.split(" and ")[0]
    return Line(
        service=line.service,
        side=line.side,
        resource=f"{names} and others",
        what=what,
        quantity=known.quantity + line.quantity,
        price=line.price,
    )


def _as_json(line: Line) -> dict[str, Any]:
    return {
        "service": line.service,
        "side": line.side,
        "resource": line.resource,
        "what": line.what,
        "quantity": round(line.quantity, 4),
        "unit": line.price.unit,
        "price": line.price.usd,
        "source": line.price.source,
        "confidence": line.price.confidence,
        "usd": round(line.usd, 4),
    }


def build(program: Program, usage: Usage) -> Bill:
    """The bill of what `program` registered, used as `usage` says."""
    sides = sides_of(program.registrations)
    cell: list[Item] = []
    cell += (
        _item(program, registration, sides[registration.urn], usage, cell)
        for registration in program.registrations
        if registration.service
    )
    unpriced = {
        f"nothing is known of what a {item.type} costs"
        for item in cell
        if item.type not in METERS and not FREE.fullmatch(item.type)
    }
    lines: list[Line] = []
    for item in cell:
        for charge in METERS[item.type](item) if item.type in METERS else ():
            try:
                lines.append(_line(item, charge, prices.table().price(charge.price, item.region)))
            except UnknownPriceError as error:
                unpriced.add(str(error))
    ordered = sorted(lines, key=lambda line: (line.service, line.side, line.resource, line.what))
    return Bill(cell=program.stack, lines=tuple(ordered), unpriced=tuple(sorted(unpriced)))


def _item(program: Program, registration: Registration, side: str, usage: Usage, cell: Sequence[Item]) -> Item:
    return Item(
        type=registration.type,
        name=registration.name,
        side=side,
        region=_region(program, registration),
        inputs=redact(registration.inputs),
        usage=usage,
        cell=cell,
    )


def _region(program: Program, item: Registration) -> str:
    return GLOBAL if item.service in GLOBAL_SERVICES else program.region_of(item)


def _line(item: Item, charge: Charge, price: Price) -> Line:
    return Line(
        service=_service(item.type),
        side=CELL if item.type.startswith("aws:route53/") else item.side or CELL,
        resource=item.name,
        what=charge.what,
        quantity=charge.quantity,
        price=price,
    )


def _service(type_: str) -> str:
    """What a charge is counted under, in people's words."""
    module, _, name = type_.split(":")[1].partition("/")
    return _OF_EC2[name] if module == "ec2" else _SERVICES[module]
