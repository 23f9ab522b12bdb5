"""Carries the command out: runs the program offline, and prints the map of its data."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Final, TextIO

import pulumi
from rich.table import Table
from rich.text import Text

from domain.residency import Jurisdiction
from ops.engine import project, runner
from ops.engine.synthetic import Synthetic
from ops.preview.render import console
from ops.refusal import RefusalError
from ops.residency.flows import DataMap, Place, build
from settings import SettingsError

VIOLATED: Final = 1  # the exit status where something breaks the contract
_SHOWN: Final = 2  # names in a row, before they are counted only


def run(cell: str, *, as_json: bool, folder: Path, out: TextIO) -> int:
    """Print the map of `cell` on `out`, and give the exit status.

    Raises:
        RefusalError: there is no such cell, or its configuration is refused.
    """
    found = data_map(cell, folder=folder)
    if as_json:
        out.write(json.dumps(found.as_json(), indent=2, sort_keys=True) + "\n")
    else:
        _print(found, out)
    return VIOLATED if found.violations else 0


def data_map(cell: str, *, folder: Path) -> DataMap:
    """Where the data of `cell` are.

    Raises:
        RefusalError: there is no such cell, or its configuration is refused.
    """
    try:
        stack = project.load(cell, folder=folder)
        program = runner.run(stack, Synthetic())
    except SettingsError as error:
        raise RefusalError(str(error), [vars(problem) for problem in error.problems]) from None
    except (project.ProjectError, runner.ProgramError, pulumi.RunError) as error:
        raise RefusalError(str(error)) from None
    return build(program, Jurisdiction(stack.config[f"{stack.project}:jurisdiction"]))


def table(found: DataMap) -> Table:
    """The map for people: what is alike in place, key and copies stands in one row."""
    rows: dict[tuple[str, ...], list[Place]] = defaultdict(list)
    for place in found.places:
        rows[place.dataset, place.data_class, place.region, place.key, _copies(place)].append(place)
    shown = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("dataset", "class", "region", "encrypted by", "copied to", "what"):
        shown.add_column(title)
    for (*cells, copies), places in rows.items():
        style = "red" if any(place.violations for place in places) else ""
        shown.add_row(*(Text(cell) for cell in (*cells, copies, _names(places))), style=style)
    return shown


def _print(found: DataMap, out: TextIO) -> None:
    to = console(out)
    inside = f"{found.cell}: data stay in {found.jurisdiction} ({', '.join(found.regions)})"
    to.print(Text(inside, style="bold"))
    to.print(table(found))
    for text in found.violations:
        to.print(Text(f"violation: {text}", style="red"))
    verdict = f"{len(found.violations)} violations" if found.violations else "no copy leaves the jurisdiction"
    to.print(Text(verdict, style="bold"))


def _copies(place: Place) -> str:
    flows = dict.fromkeys(f"{flow.region} by {flow.mechanism}, under {flow.key}" for flow in place.copies)
    return "\n".join(flows) or "-"


def _names(places: list[Place]) -> str:
    names = [place.resource for place in places]
    rest = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {rest} more" if rest > 0 else "")
