"""The command line of `python -m ops cost`. Imports nothing heavy: the work is loaded when it is asked for."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from ops import arguments, refusal


def cost(
    cell: Annotated[str, typer.Argument(metavar="CELL", help="The cell, which is the name of its stack.")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON with every charge, sorted and stable.")] = False,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Lay a value over the stack's file. May be repeated."),
    ] = None,
    budget: Annotated[
        float | None, typer.Option(metavar="USD", min=0, help="Exit with 1 if a month costs more than this.")
    ] = None,
    assumptions: Annotated[bool, typer.Option("--assumptions", help="Print what the bill rests on as well.")] = False,
    stacks: Annotated[
        Path | None,
        typer.Option(parser=arguments.named, metavar="DIR", help="Take stack files from DIR instead of the project."),
    ] = None,
) -> None:
    """Reckon what a cell costs a month: by service and side, what drives it, and which safe change is cheapest."""
    from ops.cost import work  # noqa: PLC0415 - loads Pulumi, which --help need not wait for

    options = work.Options(
        cell=cell,
        as_json=as_json,
        settings=tuple(settings or ()),
        budget=budget,
        assumptions=assumptions,
        stacks=stacks,
    )
    try:
        status = work.run(options, sys.stdout)
    except refusal.RefusalError as error:
        refusal.show(error, as_json=as_json)
        status = refusal.STATUS
    raise typer.Exit(status)
