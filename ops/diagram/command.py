"""The command line of `python -m ops diagram`. Imports nothing heavy: the work is loaded when it is asked for."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from ops import arguments, refusal


def diagram(
    cell: Annotated[str, typer.Argument(metavar="CELL", help="The cell, which is the name of its stack.")],
    *,
    form: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="FORMAT",
            help="What to draw as: svg, overview (an SVG of what matters first) or mermaid.",
        ),
    ] = "svg",
    out: Annotated[
        Path | None,
        typer.Option(parser=arguments.named, metavar="FILE", help="Write the picture to FILE instead of printing it."),
    ] = None,
    write: Annotated[
        bool, typer.Option("--write", help="Write all forms to docs/pictures, which the pages of docs/ show.")
    ] = False,
    side: Annotated[str, typer.Option(metavar="SIDE", help="Draw home or recovery alone, or both.")] = "both",
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Lay a value over the stack's file. May be repeated."),
    ] = None,
    stacks: Annotated[
        Path | None,
        typer.Option(parser=arguments.named, metavar="DIR", help="Take stack files from DIR instead of the project."),
    ] = None,
) -> None:
    """Draw a cell from what its program declares: sides, data flows, trust boundaries."""
    from ops.diagram import work  # noqa: PLC0415 - loads Pulumi, which --help need not wait for

    options = work.Options(
        cell=cell, form=form, out=out, write=write, side=side, settings=tuple(settings or ()), stacks=stacks
    )
    try:
        work.run(options, sys.stdout)
    except refusal.RefusalError as error:
        refusal.show(error, as_json=False)
        raise typer.Exit(refusal.STATUS) from None
