"""The rows as docs/controls.md shows them. Pure but for the place of the page."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Final

from ops.controls.table import BREAKS, DRILLED, HOLDS, REPORTED, Row
from ops.engine.project import ROOT

PLACE: Final = ROOT / "docs" / "controls.md"
_TITLES: Final = {
    "hipaa": "HIPAA Security Rule (45 CFR)",
    "cis": "CIS AWS Foundations 3.0",
    "fsbp": "AWS Foundational Security Best Practices",
    "drill": "What a drill's report is evidence of",
}


def text(rows: Sequence[Row]) -> str:
    """The whole page."""
    return (
        "# Controls\n\n"
        "Written by `python -m ops controls --write` from the guardrails' registry, the program of the cell `us` and\n"
        "the drill's report; a test fails when it is out of date. It maps what the platform's code holds, and is no\n"
        "claim that a control is met as a whole: people, contracts and the application have their part in each.\n\n"
        f"Each rule is held over every shipped stack by `{HOLDS}`, and\n"
        f"`{BREAKS}` breaks it on purpose, once for each way\nin which it can be broken. A drill is carried out by\n"
        f"`{DRILLED}`, and what its report says is held by `{REPORTED}`.\n\n"
        f"{tables(rows)}"
    )


def tables(rows: Sequence[Row]) -> str:
    """A table for each framework."""
    parts = []
    for group, found in groupby(rows, key=lambda row: row.group):
        head = "control | what holds | rule | resources" if group != "drill" else "control | what is asked"
        lines = [f"| {' | '.join(_cells(row))} |" for row in found]
        ruler = "| --- " * (head.count("|") + 1)
        parts.append(f"## {_TITLES[group]}\n\n| {head} |\n{ruler}|\n" + "\n".join(lines) + "\n")
    return "\n".join(parts)


def _cells(row: Row) -> tuple[str, ...]:
    if row.group == "drill":
        return f"{row.framework} {row.control}", row.asks
    resources = ", ".join(f"`{_short(type_)}`" for type_ in row.resources) or "forbidden: there is none"
    return row.control, row.asks, f"`{row.rule}`", resources


def _short(type_: str) -> str:
    """`aws:ec2/vpc:Vpc` as `ec2:Vpc`."""
    parts = type_.split(":")
    return f"{parts[1].partition('/')[0]}:{parts[2]}"
