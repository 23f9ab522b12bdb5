"""A registration as a meter reads it, and what a meter gives. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from domain.continuity import HOME
from ops.cost.usage import Usage

HOURS: Final = 730  # a month, as `prices.toml` states it


@dataclass(frozen=True, kw_only=True)
class Charge:
    """What a resource is paid for: `quantity` units a month of the price called `price`."""

    what: str
    price: str
    quantity: float


@dataclass(frozen=True, kw_only=True)
class Item:
    """A resource with its place and inputs, the usage of the cell, and all that the cell has beside it."""

    type: str
    name: str
    side: str
    region: str
    inputs: Mapping[str, Any]
    usage: Usage
    cell: Sequence[Item] = field(repr=False)

    @property
    def busy(self) -> bool:
        """Whether users are led to this side, as they are to home while it is well."""
        return self.side == HOME

    def neighbours(self, type_: str) -> list[Item]:
        """The resources of a type on the same side."""
        return [item for item in self.cell if (item.type, item.side) == (type_, self.side)]


Meter: TypeAlias = Callable[[Item], Iterable[Charge]]


def hourly(what: str, price: str, number: float = 1) -> Charge:
    """`number` of something that is paid by the hour."""
    return Charge(what=what, price=price, quantity=number * HOURS)


def monthly(what: str, price: str, number: float = 1) -> Charge:
    """`number` of something that is paid by the month."""
    return Charge(what=what, price=price, quantity=number)
