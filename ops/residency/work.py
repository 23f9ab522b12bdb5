"""Carries the command out: runs the program offline, and prints the map of its data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final, TextIO

import pulumi
from rich.text import Text

from domain.residency import Jurisdiction
from ops.console import console
from ops.engine import owners, project, runner
from ops.engine.synthetic import Synthetic
from ops.refusal import RefusalError
from ops.residency.flows import DataMap, build
from ops.residency.table import table, verdict
from settings import SettingsError

VIOLATED: Final = 1  # the exit status where something breaks the contract


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
        owners.refuse_rivals(stack, folder)
    except SettingsError as error:
        raise RefusalError(str(error), [vars(problem) for problem in error.problems]) from None
    except (project.ProjectError, runner.ProgramError, pulumi.RunError) as error:
        raise RefusalError(str(error)) from None
    return build(program, Jurisdiction(stack.config[f"{stack.project}:jurisdiction"]))


def _print(found: DataMap, out: TextIO) -> None:
    to = console(out)
    inside = f"{found.cell}: data stay in {found.jurisdiction} ({', '.join(found.regions)})"
    to.print(Text(inside, style="bold"))
    to.print(table(found.as_json()))
    for text in found.violations:
        to.print(Text(f"violation: {text}", style="red"))
    to.print(Text(verdict(found.as_json()), style="bold"))
