"""The commands under `python -m ops`. What they need is imported when they run, so that `--help` answers at once."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Final

import typer

from ops import refusal
from ops.audit.command import audit
from ops.build.command import build
from ops.controls.command import controls
from ops.cost.command import cost
from ops.dashboards.command import dashboards
from ops.diagram.command import diagram
from ops.drill.cli import app as drill_app
from ops.guardrails.command import guardrails
from ops.preview.command import preview
from ops.residency.command import residency
from ops.sandbox.cli import app as sandbox_app

FAILED: Final = 1

app = typer.Typer(
    help="What people run against the platform. Nothing here needs an AWS account.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,  # they print local variables, secrets among them
)
app.command()(audit)
app.command()(build)
app.command()(controls)
app.command()(cost)
app.command()(dashboards)
app.command()(diagram)
app.command()(guardrails)
app.command()(preview)
app.command()(residency)
app.add_typer(sandbox_app, name="sandbox")
app.add_typer(drill_app, name="drill")


def main(argv: Sequence[str]) -> int:
    """Run the command in `argv` and give its exit status: 2 for a mistake on the command line, 1 for a lost answer."""
    if sys.stdout is None:  # as a shell's >&- leaves it
        refusal.show(refusal.RefusalError("the answer cannot be written: standard output is closed"), as_json=False)
        return FAILED
    try:
        status = _run(argv)
        sys.stdout.flush()
    except OSError as error:
        if error.filename is not None:  # a file's trouble, which commands tell of themselves
            raise
        _let_go_of_the_answer()
        if not isinstance(error, BrokenPipeError):  # whoever reads no further knows
            refusal.show(refusal.RefusalError(f"the answer cannot be written: {error.strerror}"), as_json=False)
        return FAILED
    return status


def _let_go_of_the_answer() -> None:
    """Send what is left of the answer nowhere, lest Python fails to write it once more at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def _run(argv: Sequence[str]) -> int:
    as_json = "--json" in argv
    try:
        status = app(args=list(argv) or ["--help"], prog_name="python -m ops", standalone_mode=not as_json)
    except SystemExit as ended:
        status = ended.code
    except typer.TyperException as error:
        refusal.show(refusal.RefusalError(error.format_message()), as_json=as_json)
        return refusal.STATUS
    return int(status or 0)
