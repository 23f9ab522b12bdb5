"""The command line of `python -m ops dashboards`. Imports nothing heavy: the work is loaded when it is asked for."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from ops import arguments, refusal


def dashboards(
    cell: Annotated[str, typer.Argument(metavar="CELL", help="The cell, which is the name of its stack.")],
    *,
    html: Annotated[
        Path | None,
        typer.Option(
            parser=arguments.named, metavar="FILE", help="Write them to FILE as one HTML page, as they will stand."
        ),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Lay a value over the stack's file. May be repeated."),
    ] = None,
    stacks: Annotated[
        Path | None,
        typer.Option(parser=arguments.named, metavar="DIR", help="Take stack files from DIR instead of the project."),
    ] = None,
) -> None:
    """Show a cell's dashboards before they are deployed: what stands where, and which limits lie across it."""
    from ops.dashboards import work  # noqa: PLC0415 - loads Pulumi, which --help need not wait for

    try:
        work.run(cell, html=html, settings=tuple(settings or ()), stacks=stacks, out=sys.stdout)
    except refusal.RefusalError as error:
        refusal.show(error, as_json=False)
        raise typer.Exit(refusal.STATUS) from None
