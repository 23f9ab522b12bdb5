"""The command line of `python -m ops build`. Imports nothing heavy: the work is loaded when it is asked for."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from ops import arguments, refusal


def build(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, complete, sorted and stable.")] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            parser=arguments.named,
            metavar="DIR",
            help="Put the packages into DIR instead of build/functions.",
        ),
    ] = None,
) -> None:
    """Build the Lambda packages of functions/ for arm64, byte for byte the same from the same inputs."""
    from ops.build import work  # noqa: PLC0415 - loads what --help need not wait for

    try:
        work.run(work.Options(out=out, as_json=as_json), sys.stdout)
    except refusal.RefusalError as error:
        refusal.show(error, as_json=as_json)
        raise typer.Exit(refusal.STATUS) from None
