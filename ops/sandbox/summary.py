"""What `up` says at its end: a table a cell for people, one JSON object for machines."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ops.sandbox.cells.fleet import Outcome

_WIDE: Final = 140  # columns that a table with addresses takes
_PLAIN_WIDTH: Final = 160  # where there is no terminal to ask


def as_json(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """The outcomes for machines."""
    return {
        "cells": [_cell(outcome) for outcome in outcomes if outcome.report],
        "failed": [
            {
                "cell": outcome.cell,
                "resource": outcome.failed.resource,
                "type": outcome.failed.type,
                "reason": outcome.failed.reason,
            }
            for outcome in outcomes
            if outcome.failed
        ],
    }


def _cell(outcome: Outcome) -> dict[str, Any]:
    report = outcome.report or {}
    url = outcome.standing.endpoint_url if outcome.standing else None
    first = {"cell": outcome.cell, "account": report["account"], "endpoint_url": url, "seconds": outcome.seconds}
    return {**first, **{key: value for key, value in report.items() if key not in first}}


def show(outcomes: Sequence[Outcome]) -> None:
    """The outcomes for people: tables on standard output, failures on standard error."""
    console = Console(highlight=False, width=None if sys.stdout.isatty() else _PLAIN_WIDTH)
    for outcome in outcomes:
        if outcome.report:
            wide = console.width >= _WIDE
            console.print(_table(outcome, outcome.report, wide=wide))
            if not wide:  # an address that is broken over lines cannot be copied
                lines = [f"  {side['side']}  {line}" for side in outcome.report["sides"] for line in _endpoints(side)]
                console.print(Text("\n".join(lines)), soft_wrap=True)
            _below(console, outcome, outcome.report)
    _recorded(console, [outcome.report for outcome in outcomes if outcome.report])
    errors = Console(stderr=True, highlight=False, soft_wrap=True)
    for outcome in outcomes:
        if outcome.failed:
            what = f"{outcome.failed.resource} ({outcome.failed.type}): " if outcome.failed.resource else ""
            errors.print(Text(f"{outcome.cell} failed and was ended: {what}{outcome.failed.reason}"))


def _table(outcome: Outcome, report: dict[str, Any], *, wide: bool) -> Table:
    title = Text(f"{outcome.cell} (account {report['account']}), {outcome.seconds:.1f} s")
    table = Table(title=title, title_justify="left", title_style="bold")
    for name in ("side", "region", "resources", "recorded", "database", *(["reached at"] if wide else [])):
        table.add_column(name, justify="right" if name in {"resources", "recorded"} else "left", overflow="fold")
    for side in report["sides"]:
        role = side["database"]["role"] if side["database"] else ""
        cells = (side["side"], side["region"], str(side["resources"]), str(side["recorded"]), role)
        table.add_row(*cells, *([Text("\n".join(_endpoints(side)))] if wide else []))
    return table


def _recorded(console: Console, reports: Sequence[dict[str, Any]]) -> None:
    """What moto cannot hold, once for all cells, with the reason."""
    counts: Counter[tuple[str, str]] = Counter()
    for report in reports:
        counts.update({(item["type"], item["reason"]): item["count"] for item in report["recorded"]})
    if counts:
        console.print(Text("Recorded, not made, because the local AWS cannot hold them:"))
    for (type_, reason), count in sorted(counts.items()):
        console.print(Text(f"  {count} x {type_}: {reason}"), soft_wrap=True)


def _endpoints(side: dict[str, Any]) -> list[str]:
    return [f"{name.replace('_', ' ')}  {address}" for name, address in side["endpoints"].items()]


def _below(console: Console, outcome: Outcome, report: dict[str, Any]) -> None:
    if report["replica_linked"] is not None and any(side["database"] for side in report["sides"]):
        told = "is linked" if report["replica_linked"] else "is NOT linked"
        console.print(Text(f"  the replica {told} to its source"))
    trail = report["trail"]
    if trail:
        told = "logs into" if trail["logging"] else "does NOT log into"
        console.print(Text(f"  the trail {trail['name']} {told} {trail['bucket']}"), soft_wrap=True)
    if outcome.standing:
        text = f"  local AWS at {outcome.standing.endpoint_url}"
        use = f'eval "$(python -m ops sandbox env {outcome.cell})"'
        console.print(Text(f"{text}  use it with: {use}"), soft_wrap=True)
    console.print()
