"""The dated table of prices: what AWS asks for a unit, where, by which source, and how sure that is.

The figures stand in `prices.toml`. A region without a figure of its own takes the base region's times the region's
factor, and says so. Pure, but for reading the file.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Final, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

FILE: Final = Path(__file__).with_name("prices.toml")
DERIVED: Final = "derived"
_SIZED: Final = re.compile(r"(?P<family>(?:ec2|rds|cache)\.\w+)\.(?P<size>\w+)", re.ASCII)
# Each size costs twice the one before it, in every family of Graviton instances. Source: Amazon EC2 on-demand pricing.
_SIZES: Final = {"nano": 1 / 16, "micro": 1 / 8, "small": 1 / 4, "medium": 1 / 2, "large": 1.0, "xlarge": 2.0}
_LARGE: Final = "large"

Usd: TypeAlias = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Known: TypeAlias = Literal["published", "recalled"]


class UnknownPriceError(LookupError):
    """Something that the table has no price for."""


@dataclass(frozen=True, kw_only=True)
class Price:
    """A price: `usd` a `unit` in `region`; `confidence` is "published", "recalled" or "derived" from another region."""

    id: str
    usd: float
    unit: str
    region: str
    source: str
    confidence: str


class Table(BaseModel):
    """The whole table. `prices` hold for `region`, `regional` go before them, `everywhere` hold in all regions."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    as_of: str
    region: str
    hours: Annotated[int, Field(gt=0)]
    everywhere: frozenset[str]
    factors: Mapping[str, Annotated[float, Field(gt=0)]]
    sources: Mapping[str, str]
    prices: Mapping[str, tuple[Usd, str, str, Known]]
    regional: Mapping[str, Mapping[str, tuple[Usd, Known]]]

    def price(self, id_: str, region: str) -> Price:
        """The price of `id_` in `region`; global things are priced as in the base region.

        Raises:
            UnknownPriceError: neither it nor its family is in the table, or the region is not.
        """
        usd, unit, source, confidence = self._base(id_)
        own = self.regional.get(id_, {}).get(region)
        if own is not None:
            usd, confidence = own[0], own[1]
        elif id_ not in self.everywhere and region not in ("global", self.region):
            usd, confidence = usd * self._factor(region), _confidence(confidence, self._factor(region))
        return Price(
            id=id_,
            usd=usd,
            unit=unit,
            region=region,
            source=f"{self.sources[source]}, {self.as_of}",
            confidence=confidence,
        )

    def _base(self, id_: str) -> tuple[float, str, str, str]:
        if id_ in self.prices:
            return self.prices[id_]
        sized = _SIZED.fullmatch(id_)
        large = self.prices.get(f"{sized['family']}.{_LARGE}") if sized else None
        factor = _size(sized["size"]) if sized else None
        if large is None or factor is None:
            raise UnknownPriceError(f"no price for {id_}: add a row to {FILE.name}")
        return (large[0] * factor, *large[1:])

    def _factor(self, region: str) -> float:
        if region not in self.factors:
            raise UnknownPriceError(f"no factor for region {region}: add it to {FILE.name}")
        return self.factors[region]


def _size(name: str) -> float | None:
    """How many times a `large` an instance size is; None if it is no size."""
    if name in _SIZES:
        return _SIZES[name]
    found = re.fullmatch(r"(\d+)xlarge", name, re.ASCII)
    return 2.0 * int(found[1]) if found else None


def _confidence(of_base: str, factor: float) -> str:
    return of_base if factor == 1 else DERIVED


@cache
def table() -> Table:
    """The table, read once.

    Raises:
        ValueError: the file is none.
    """
    return Table.model_validate(tomllib.loads(FILE.read_text(encoding="utf-8")))
