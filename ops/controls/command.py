"""The command line of `python -m ops controls`. Imports nothing heavy: the work is loaded when it is asked for."""

from __future__ import annotations

import json
import sys
from enum import Enum
from typing import Annotated

import typer

from ops import refusal


class Framework(Enum):
    """What may be asked for by name."""

    HIPAA = "hipaa"
    CIS = "cis"
    FSBP = "fsbp"
    DRILL = "drill"


def controls(
    *,
    framework: Annotated[Framework | None, typer.Option(help="Show the controls of one framework only.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, complete and stable.")] = False,
    write: Annotated[bool, typer.Option("--write", help="Write docs/controls.md anew.")] = False,
) -> None:
    """Show which control is met by which resources and rule, and which test proves it."""
    from ops.controls import page, table  # noqa: PLC0415 - runs the program, which --help need not wait for

    try:
        rows = table.rows()
    except refusal.RefusalError as error:
        refusal.show(error, as_json=as_json)
        raise typer.Exit(refusal.STATUS) from None
    if write:
        page.PLACE.write_text(page.text(rows), encoding="utf-8")
    chosen = [row for row in rows if framework is None or row.group == framework.value]
    answer = json.dumps([row.as_json() for row in chosen], indent=2) + "\n" if as_json else page.tables(chosen)
    sys.stdout.write(answer)
