"""The command line of `python -m ops residency`. Imports nothing heavy: the work is loaded when it is asked for."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from ops import arguments, refusal


def residency(
    cell: Annotated[str, typer.Argument(metavar="CELL", help="The cell, which is the name of its stack.")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, complete and stable.")] = False,
    stacks: Annotated[
        Path | None,
        typer.Option(parser=arguments.named, metavar="DIR", help="Take stack files from DIR instead of the project."),
    ] = None,
) -> None:
    """Show which data are where, under which key, and copied to where. Exits with 1 if any leave the jurisdiction."""
    from ops.engine.project import ROOT  # noqa: PLC0415 - loads Pulumi, which --help need not wait for
    from ops.residency import work  # noqa: PLC0415 - as above

    try:
        status = work.run(cell, as_json=as_json, folder=stacks or ROOT, out=sys.stdout)
    except refusal.RefusalError as error:
        refusal.show(error, as_json=as_json)
        status = refusal.STATUS
    raise typer.Exit(status)
