"""The command line of `python -m ops preview`. Imports nothing heavy: the work is loaded when it is asked for."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from ops import arguments, refusal


def preview(  # noqa: PLR0913 - each parameter is an option of the command line
    cell: Annotated[str, typer.Argument(metavar="CELL", help="The cell, which is the name of its stack.")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, complete, sorted and stable.")] = False,
    summary: Annotated[bool, typer.Option("--summary", help="Print counts only.")] = False,
    timeline: Annotated[
        bool,
        typer.Option("--timeline", help="Print how long a first deployment on AWS takes, and where the time goes."),
    ] = False,
    save: Annotated[
        Path | None, typer.Option(parser=arguments.named, metavar="FILE", help="Write the preview to FILE as JSON.")
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option(
            parser=arguments.named,
            metavar="FILE",
            help="Write the preview to FILE as one HTML page to read and share, with the difference if --against.",
        ),
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(
            metavar="CELL_OR_FILE",
            help="Print the difference from another cell (without what differs by design) or from a saved preview.",
        ),
    ] = None,
    brief: Annotated[
        bool,
        typer.Option("--brief", help="Print --against as a short text for a comment; without it, all of it as new."),
    ] = False,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit with 1 if --against differs.")] = False,
    fail_on: Annotated[
        str | None,
        typer.Option(
            metavar="SEVERITY",
            help="Exit with 3 if a guardrail finds something as bad as this, or worse: critical, high, medium or low.",
        ),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Lay a value over the stack's file. May be repeated."),
    ] = None,
    writer: Annotated[
        str | None, typer.Option(metavar="SIDE", help="Show the move to this side as the writer: home or recovery.")
    ] = None,
    home_generation: Annotated[
        str | None, typer.Option(metavar="N", help="Show the move to this generation of home's database.")
    ] = None,
    recovery_generation: Annotated[
        str | None, typer.Option(metavar="N", help="Show the move to this generation of recovery's database.")
    ] = None,
    release: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Let a database go that was kept aside, such as home-1. May be repeated."),
    ] = None,
    stacks: Annotated[
        Path | None,
        typer.Option(parser=arguments.named, metavar="DIR", help="Take stack files from DIR instead of the project."),
    ] = None,
) -> None:
    """Show every resource that a cell's program declares. Needs neither credentials nor network."""
    from ops.preview import work  # noqa: PLC0415 - loads Pulumi, which --help need not wait for

    states = {"writer": writer, "homeGeneration": home_generation, "recoveryGeneration": recovery_generation}
    options = work.Options(
        cell=cell,
        as_json=as_json,
        summary=summary,
        timeline=timeline,
        save=save,
        html=html,
        against=against,
        brief=brief,
        exit_code=exit_code,
        fail_on=fail_on,
        settings=(*(settings or ()), *(f"{key}={value}" for key, value in states.items() if value is not None)),
        release=tuple(release or ()),
        stacks=stacks,
    )
    try:
        status = work.run(options, sys.stdout)
    except refusal.RefusalError as error:
        refusal.show(error, as_json=as_json)
        status = refusal.STATUS
    raise typer.Exit(status)
