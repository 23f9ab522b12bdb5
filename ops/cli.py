"""The commands under `python -m ops`. What they need is imported when they run, so that `--help` answers at once."""

from __future__ import annotations

from collections.abc import Sequence

import typer

from ops import refusal
from ops.preview.command import preview
from ops.sandbox.cli import app as sandbox_app

app = typer.Typer(
    help="What people run against the platform. Nothing here needs an AWS account.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,  # they print local variables, secrets among them
)
app.command()(preview)
app.add_typer(sandbox_app, name="sandbox")


def main(argv: Sequence[str]) -> int:
    """Run the command in `argv` and give its exit status; 2 for a mistake on the command line."""
    as_json = "--json" in argv
    try:
        status = app(args=list(argv) or ["--help"], prog_name="python -m ops", standalone_mode=not as_json)
    except SystemExit as ended:
        status = ended.code
    except typer.TyperException as error:
        refusal.show(refusal.RefusalError(error.format_message()), as_json=as_json)
        return refusal.STATUS
    return int(status or 0)
