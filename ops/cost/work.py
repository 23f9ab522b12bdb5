"""Carries the command out: runs the program offline, prices what it registered, and tries what would be cheaper."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TextIO

import pulumi
from rich.console import Console
from rich.text import Text

import settings
from ops import arguments
from ops.console import console
from ops.cost import bill, render, usage
from ops.cost.advice import Advice, Change, advice
from ops.cost.bill import Bill
from ops.cost.usage import ASSUMPTIONS
from ops.engine import project, runner
from ops.engine.project import Stack
from ops.engine.synthetic import Synthetic
from ops.refusal import RefusalError
from settings import SettingsError

OVER: Final = 1  # the exit status of a bill above `--budget`


@dataclass(frozen=True, kw_only=True)
class Options:
    """What was asked for on the command line; `settings` are texts KEY=VALUE."""

    cell: str
    as_json: bool = False
    settings: tuple[str, ...] = ()
    budget: float | None = None
    assumptions: bool = False
    stacks: Path | None = None


def run(options: Options, out: TextIO) -> int:
    """Print the bill on `out`, and give the exit status.

    Raises:
        RefusalError: there is no such cell, or its configuration is refused.
    """
    overrides = arguments.laid_over(options.settings)
    try:
        stack = _load(options, overrides)
        found = reckon(stack)
        chosen = _advice(options, stack, found, overrides)
    except SettingsError as error:
        raise RefusalError(str(error), [vars(problem) for problem in error.problems]) from None
    except (project.ProjectError, runner.ProgramError, pulumi.RunError) as error:
        raise RefusalError(str(error)) from None
    if options.as_json:
        out.write(json.dumps(_as_json(found, chosen), indent=2, sort_keys=True) + "\n")
    else:
        _print(console(out), found, chosen, options)
    return OVER if options.budget is not None and found.total > options.budget else 0


def reckon(stack: Stack) -> Bill:
    """The bill of `stack`.

    Raises:
        SettingsError: its configuration is refused.
        ProgramError: the program asks for something that the engine refuses.
    """
    used = usage.usage(settings.load(stack.name, stack.stated))
    return bill.build(runner.run(stack, Synthetic()), used)


def _load(options: Options, overrides: dict[str, Any]) -> Stack:
    return project.load(options.cell, folder=options.stacks or project.ROOT, overrides=overrides)


def _advice(options: Options, stack: Stack, found: Bill, overrides: dict[str, Any]) -> tuple[Advice, ...]:
    said = Console(file=sys.stderr)
    with said.status("Trying what would be cheaper"):

        def price(change: Change) -> Bill:
            return reckon(_load(options, {**overrides, change.key: change.value}))

        return advice(settings.load(stack.name, stack.stated), found, price)


def _as_json(found: Bill, chosen: tuple[Advice, ...]) -> dict[str, Any]:
    advised = [
        {
            "setting": item.change.key,
            "value": item.change.value,
            "saves": round(item.saves, 2),
            "gives_up": item.change.cost,
        }
        for item in chosen
    ]
    assumed = {item.name: {"value": item.value, "unit": item.unit, "why": item.why} for item in ASSUMPTIONS}
    return {**found.as_json(), "advice": advised, "assumptions": assumed}


def _print(to: Console, found: Bill, chosen: tuple[Advice, ...], options: Options) -> None:
    render.bill(to, found)
    render.advised(to, chosen)
    if options.assumptions:
        render.assumed(to)
    least = "at least " if found.unpriced else ""
    to.print(Text(f"{found.cell}: {least}{found.total:.2f} USD a month", style="bold"))
    if options.budget is not None:
        over = found.total - options.budget
        verdict = f"over the budget by {over:.2f}" if over > 0 else f"within the budget, {-over:.2f} left"
        to.print(Text(f"budget {options.budget:.2f}: {verdict}", style="red" if over > 0 else "green"))
