"""A cell's time budgets in its preview: as values for machines, and as a table with bars for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from rich.table import Table
from rich.text import Text

import settings
from domain.budget import Budget, Sum, Term, budget
from ops.engine.project import Stack

_BAR: Final = 24  # columns of a bar as long as its sum or its target, whichever is longer
_TITLES: Final = {"reads": "reads (RTO)", "writes": "writes (RTO)", "data_loss": "records lost (RPO)"}


def of(stack: Stack) -> dict[str, Any]:
    """The budgets of `stack`, as JSON holds them.

    Raises:
        SettingsError: its configuration is refused.
    """
    prefix = f"{stack.project}:"
    raw = {key.removeprefix(prefix): value for key, value in stack.config.items() if key.startswith(prefix)}
    return as_json(budget(settings.load(stack.name, raw)))


def as_json(found: Budget) -> dict[str, Any]:
    """`found` as JSON holds it. Objects have a bound and no target."""
    sums = {"reads": found.reads, "writes": found.writes, "data_loss": found.data_loss}
    return {**{name: _sum(item) for name, item in sums.items()}, "objects": _term(found.objects), "holds": found.holds}


def _sum(item: Sum) -> dict[str, Any]:
    return {
        "terms": [_term(term) for term in item.terms],
        "total_seconds": item.total,
        "target_seconds": item.target,
        "met": item.met,
        "largest": item.largest.name,
    }


def _term(term: Term) -> dict[str, Any]:
    return {"name": term.name, "seconds": term.seconds, "source": term.source}


def table(budgets: Mapping[str, Any]) -> Table:
    """The budgets that `of` gave, a line a term; each bar begins where the one before it ended."""
    drawn = Table(box=None, pad_edge=False)
    drawn.add_column("Time budgets")
    drawn.add_column("term")
    drawn.add_column("seconds", justify="right")
    drawn.add_column("", min_width=_BAR, no_wrap=True)
    drawn.add_column("from")
    for name, title in _TITLES.items():
        _add(drawn, title, budgets[name])
    objects = budgets["objects"]
    drawn.add_row("objects lost", "bound", str(objects["seconds"]), "", f"no target: {objects['source']}")
    if not budgets["holds"]:
        drawn.add_row("none holds now", "", "", "", "the cell is not in its normal state; see docs/continuity.md")
    return drawn


def _add(drawn: Table, title: str, item: Mapping[str, Any]) -> None:
    total, target = item["total_seconds"], item["target_seconds"]
    scale = max(total, target)
    passed = 0
    for place, term in enumerate(item["terms"]):
        bar = _bar(passed, term["seconds"], scale)
        drawn.add_row("" if place else title, term["name"], str(term["seconds"]), bar, term["source"])
        passed += term["seconds"]
    verdict = "met" if item["met"] else f"missed: {item['largest']} is the largest term"
    in_bold = (Text(text, style="bold") for text in ("total", str(total)))
    drawn.add_row("", *in_bold, _bar(0, total, scale), f"target {target} s, {verdict}")


def _bar(start: int, length: int, scale: int) -> Text:
    """`length` seconds after `start`, where `scale` seconds fill the column; what is not 0 is seen."""
    begin, end = (round(_BAR * at / scale) for at in (start, start + length))
    width = max(end - begin, 1) if length else 0
    return Text(" " * min(begin, _BAR - width) + "#" * width, style="cyan")
