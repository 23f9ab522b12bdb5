"""A bill for people's eyes: by service and side, what drives it, what would make it cheaper. Pure but for printing."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from domain.continuity import SIDES
from ops.cost import prices
from ops.cost.advice import Advice
from ops.cost.bill import CELL, Bill
from ops.cost.usage import ASSUMPTIONS

DRIVERS: Final = 10
_CENT: Final = 2
_BAR: Final = 24  # columns of the dearest service's bar
_COLUMNS: Final = (*SIDES, CELL)


def bill(to: Console, found: Bill) -> None:
    """The whole bill."""
    to.print(services(found.as_json()))
    to.print(_drivers(found))
    for text in found.unpriced:
        to.print(Text(f"not in the total: {text}", style="yellow"))


def services(content: Mapping[str, Any]) -> Table:
    """USD a month by service and side, from a bill as JSON holds it."""
    drawn = Table(box=None, pad_edge=False, show_footer=True)
    sums = {side: sum(sides.get(side, 0.0) for sides in content["services"].values()) for side in _COLUMNS}
    drawn.add_column("USD a month", footer="total" if content["complete"] else "total, at least")
    for side in _COLUMNS:
        drawn.add_column(side, justify="right", footer=f"{sums[side]:.2f}")
    drawn.add_column("all", justify="right", footer=f"{content['total']:.2f}")
    drawn.add_column("", min_width=_BAR, no_wrap=True)
    totals = {service: sum(sides.values()) for service, sides in content["services"].items()}
    most = max(totals.values(), default=0.0)
    for service, total in sorted(totals.items(), key=lambda item: (-item[1], item[0])):
        cells = (content["services"][service].get(side) for side in _COLUMNS)
        shown = (f"{value:.2f}" if value is not None else "-" for value in cells)
        drawn.add_row(service, *shown, f"{total:.2f}", Text("#" * max(1, round(_BAR * total / most)), style="cyan"))
    return drawn


def _drivers(found: Bill) -> Table:
    drawn = Table(box=None, pad_edge=False)
    for heading, side in (("What drives it", "left"), ("side", "left"), ("USD", "right"), ("reckoned as", "left")):
        drawn.add_column(heading, justify=side)  # type: ignore[arg-type]
    for line in found.drivers(DRIVERS):
        price = line.price
        reckoned = f"{line.quantity:,.10g} {price.unit}s x {price.usd:.10g} ({price.confidence}: {price.source})"
        drawn.add_row(f"{line.service}: {line.what}", line.side, f"{line.usd:.2f}", reckoned)
    return drawn


def advised(to: Console, found: Sequence[Advice]) -> None:
    """What would make it cheaper."""
    if not found:
        to.print(Text("No setting makes it cheaper without giving up safety", style="bold"))
        return
    drawn = Table(box=None, pad_edge=False)
    drawn.add_column("Cheaper with")
    drawn.add_column("saves USD", justify="right")
    drawn.add_column("and gives up")
    for item in found:
        drawn.add_row(f"{item.change.key}: {json.dumps(item.change.value)}", f"{item.saves:.2f}", item.change.cost)
    to.print(drawn)


def assumed(to: Console) -> None:
    """What the bill rests on beside the settings `usage*`."""
    drawn = Table(box=None, pad_edge=False)
    for heading in ("Assumed", "value", "why"):
        drawn.add_column(heading)
    for item in ASSUMPTIONS:
        drawn.add_row(item.name, f"{item.value:,.10g} {item.unit}", item.why)
    to.print(drawn)
    to.print(
        Text(f"Prices of {prices.table().as_of}, on demand, without taxes, free tiers or savings plans", style="dim")
    )


def verdict(content: Mapping[str, Any]) -> str:
    """The total of a bill as JSON holds it, in a line."""
    least = "" if content["complete"] else "at least "
    return f"Cost: {least}{content['total']:.2f} USD a month, at prices of {content['as_of']}"


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> Table:
    """What lies between two bills as JSON holds them, service by service."""
    drawn = Table(box=None, pad_edge=False)
    for heading in ("USD a month", "before", "after", "change"):
        drawn.add_column(heading, justify="left" if heading == "USD a month" else "right")
    for service, old, new in changed(before, after):
        drawn.add_row(service, f"{old:.2f}", f"{new:.2f}", f"{new - old:+.2f}")
    old, new = (float(item["total"]) for item in (before, after))
    drawn.add_row("total", f"{old:.2f}", f"{new:.2f}", f"{new - old:+.2f}")
    return drawn


def difference_json(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """The same for machines; empty where one of the two has no bill, as previews saved long ago."""
    if not before or not after:
        return {}
    services = {
        name: {"before": round(old, _CENT), "after": round(new, _CENT)} for name, old, new in changed(before, after)
    }
    return {"before": before["total"], "after": after["total"], "services": services}


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[str, float, float]]:
    """The services whose cost differs, with both sums."""
    found: list[tuple[str, float, float]] = []
    for name in sorted({*before["services"], *after["services"]}):
        old, new = (float(sum(item["services"].get(name, {}).values())) for item in (before, after))
        if round(old, _CENT) != round(new, _CENT):
            found.append((name, old, new))
    return found
