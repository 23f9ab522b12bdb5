"""A cell's time budgets in its preview: as values for machines, and as a table with bars for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from rich.table import Table
from rich.text import Text

import settings
from domain import posture
from domain.budget import Budget, Sum, Term, budget
from domain.posture import Bound
from ops.engine.project import Stack

_BAR: Final = 24  # columns of a bar as long as its sum or its target, whichever is longer
_TITLES: Final = {"reads": "reads (RTO)", "writes": "writes (RTO)", "data_loss": "records lost (RPO)"}


def of(stack: Stack) -> dict[str, Any]:
    """The budgets of `stack`, as JSON holds them.

    Raises:
        SettingsError: its configuration is refused.
    """
    found = settings.load(stack.name, stack.stated)
    return _alone(found) if found.alone else as_json(budget(found))


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


def _alone(found: settings.Settings) -> dict[str, Any]:
    """A cell of one region: bounds in the places of sums, and no target that can be met."""
    targets = {
        "reads": (posture.TIME, found.reads_target_seconds),
        "writes": (posture.TIME, found.writes_target_seconds),
        "data_loss": (posture.RECORDS, found.data_loss_target_seconds),
        "objects": (posture.OBJECTS, None),
    }
    return {"posture": found.posture, "holds": False, **{key: _bounds(*value) for key, value in targets.items()}}


def _bounds(bounds: Sequence[Bound], target: int | None) -> dict[str, Any]:
    worst = next((bound.name for bound in bounds if bound.seconds is None), bounds[0].name)
    return {
        "terms": [_term(bound) for bound in bounds],
        "total_seconds": None,
        "target_seconds": target,
        "met": False,
        "largest": worst,
    }


def _term(term: Term | Bound) -> dict[str, Any]:
    return {"name": term.name, "seconds": term.seconds, "source": term.source}


def table(budgets: Mapping[str, Any]) -> Table:
    """The budgets that `of` gave, a line a term; each bar begins where the one before it ended."""
    drawn = Table(box=None, pad_edge=False)
    drawn.add_column("Time budgets")
    drawn.add_column("term")
    drawn.add_column("seconds", justify="right")
    drawn.add_column("", min_width=_BAR, no_wrap=True)
    drawn.add_column("from")
    if "posture" in budgets:
        _add_bounds(drawn, budgets)
        return drawn
    for name, title in _TITLES.items():
        _add(drawn, title, budgets[name])
    objects = budgets["objects"]
    drawn.add_row("objects lost", "bound", str(objects["seconds"]), "", f"no target: {objects['source']}")
    if not budgets["holds"]:
        drawn.add_row("none holds now", "", "", "", "the cell is not in its normal state; see docs/continuity.md")
    return drawn


def _add_bounds(drawn: Table, budgets: Mapping[str, Any]) -> None:
    """A cell of one region: each case with its bound, which none of them adds to another's."""
    for name, title in {**_TITLES, "objects": "objects lost"}.items():
        item = budgets[name]
        for place, term in enumerate(item["terms"]):
            seconds = "no bound" if term["seconds"] is None else str(term["seconds"])
            drawn.add_row("" if place else title, term["name"], seconds, "", term["source"])
        if item["target_seconds"] is not None:
            verdict = f"target {item['target_seconds']} s, not met: posture {budgets['posture']} does not hold to it"
            drawn.add_row("", "", "", "", verdict)


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
