"""The command line of `python -m ops guardrails`: every rule with its severity, its controls and the way out."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer


def guardrails(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, complete and stable.")] = False,
) -> None:
    """Show every rule that previews, tests and the policy pack judge a cell by, as the table of docs/guardrails.md."""
    from ops.guardrails import table  # noqa: PLC0415 - loads the rules, which --help need not wait for

    sys.stdout.write(json.dumps(table.as_json(), indent=2) + "\n" if as_json else table.markdown())
