"""The command line of `python -m ops drill`. Imports nothing heavy: the work is loaded when it is asked for."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from ops import arguments, files, refusal
from ops.drill.model import Kind

if TYPE_CHECKING:
    from rich.console import Console

    from ops.drill.asked import Asked
    from ops.drill.model import Plan
    from ops.drill.report.model import Report
    from ops.drill.runs import Run

app = typer.Typer(
    name="drill",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Disaster-recovery drills: plan, run, measure and prove, on the local cloud or on AWS.",
)

CHANGED: Final = 1
UNFINISHED: Final = 4


class On(StrEnum):
    """Where a drill takes place."""

    SANDBOX = "sandbox"
    AWS = "aws"


_Kind = Annotated[Kind, typer.Argument(metavar="KIND", help="readiness, failover, switchover, failback or gameday.")]
_Cell = Annotated[str, typer.Option(metavar="CELL", help="The cell, which is the name of its stack.")]
_On = Annotated[On, typer.Option(help="The local cloud, filled by the real program, or the cell's account.")]
_Json = Annotated[
    bool, typer.Option("--json", help="Print one JSON object on standard output, and nothing else there.")
]
_Faults = Annotated[
    list[str] | None,
    typer.Option(
        "--fault",
        metavar="NAME[:KEY=VALUE]",
        help="Inject a fault too, such as replica-behind or capacity-short; of a game day, the fault. May be repeated.",
    ),
]
_Seed = Annotated[int, typer.Option(help="The chance of the local cloud: the same seed gives the same journal.")]
_Profile = Annotated[str | None, typer.Option(metavar="NAME", help="The AWS profile to use; else the environment's.")]
_Stacks = Annotated[
    Path | None,
    typer.Option(parser=arguments.named, metavar="DIR", help="Take stack files from DIR instead of the project."),
]
_Decision = Annotated[
    int | None,
    typer.Option(
        "--decision-seconds", min=0, max=86_400, help="How long the decision is taken to last in the local cloud."
    ),
]
_Execute = Annotated[
    str, typer.Option("--execute", metavar="CELL", help="The cell's name once more: without it nothing is changed.")
]
_Run = Annotated[str, typer.Argument(metavar="RUN", help="A run, such as us-failover-001.")]


@app.command()
def plan(  # noqa: PLR0913 - each parameter is an option of the command line
    kind: _Kind,
    *,
    cell: _Cell,
    on: _On = On.SANDBOX,
    faults: _Faults = None,
    seed: _Seed = 1,
    decision_seconds: _Decision = None,
    profile: _Profile = None,
    stacks: _Stacks = None,
    save: Annotated[
        Path | None, typer.Option(parser=arguments.named, metavar="FILE", help="Write the plan to FILE as JSON.")
    ] = None,
    as_json: _Json = False,
) -> None:
    """Show what a drill would do, step by step. Changes nothing; for the local cloud it needs no credentials.

    Exit status: 0; 2 refused.
    """

    def work() -> int:
        from ops.drill import commands  # noqa: PLC0415 - --help need not wait for it

        asked = _asked(kind, cell, on, faults, seed, decision_seconds, profile, stacks)
        return _show_plan(commands.plan(asked), save, as_json=as_json, dry=False)

    _exit(work, as_json=as_json)


@app.command()
def run(  # noqa: PLR0913 - each parameter is an option of the command line
    kind: _Kind,
    *,
    cell: _Cell,
    on: _On = On.SANDBOX,
    execute: _Execute = "",
    then: Annotated[Kind | None, typer.Option(help="Go on with this kind if users were moved: failback.")] = None,
    faults: _Faults = None,
    seed: _Seed = 1,
    standing: Annotated[
        bool, typer.Option("--standing", help="Drill the cell that 'sandbox up' has left, instead of building one.")
    ] = False,
    decision_seconds: _Decision = None,
    profile: _Profile = None,
    stacks: _Stacks = None,
    as_json: _Json = False,
) -> None:
    """Run a drill, measure it and write its report. Without --execute it only shows the plan.

    On the local cloud the cell is built anew by the real program, in a process of its own; a cell that has failed over
    is left standing, and 'run failback' goes on from there. On AWS a second person's approval of the plan is needed.

    Exit status: 0 PASSED; 3 FAILED; 4 INCONCLUSIVE, which is not passed; 2 refused, nothing was changed; 1 broken off,
    'resume' goes on; 130 interrupted, as 1.
    """

    def work() -> int:
        from ops.drill import commands  # noqa: PLC0415 - as above

        asked = _asked(kind, cell, on, faults, seed, decision_seconds, profile, stacks, execute, standing=standing)
        if not execute:
            return _show_plan(commands.plan(asked), None, as_json=as_json, dry=True)
        done = commands.run_all(asked, then)
        _show_runs(done, as_json=as_json, several=then is not None)
        return commands.status_of([report.verdict for _, report in done])

    _exit(work, as_json=as_json)


@app.command()
def resume(run: _Run, *, execute: _Execute = "", profile: _Profile = None, as_json: _Json = False) -> None:
    """Go on with a run that was broken off, from where its journal says that it has got to.

    Exit status: as of run.
    """

    def work() -> int:
        from ops.drill import commands  # noqa: PLC0415 - as above

        found, report = commands.resume(run, execute, profile)
        _show_runs([(found, report)], as_json=as_json, several=False)
        return commands.status_of([report.verdict])

    _exit(work, as_json=as_json)


@app.command()
def abort(run: _Run, *, execute: _Execute = "", profile: _Profile = None, as_json: _Json = False) -> None:
    """Take back what a run has done, in reverse order, and end it. Past a promotion there is no way back.

    Exit status: 0 all was taken back; 1 something was left, and is told; 2 refused.
    """

    def work() -> int:
        from ops.drill import commands, telling  # noqa: PLC0415 - as above

        found, taken_back = commands.abort(run, execute, profile)
        if as_json:
            _answer(telling.reversed_json(found, taken_back))
        else:
            telling.reversed_(_console(), found, taken_back)
        return CHANGED if taken_back.left else 0

    _exit(work, as_json=as_json)


@app.command()
def status(*, cell: Annotated[str | None, typer.Option(metavar="CELL")] = None, as_json: _Json = False) -> None:
    """List runs: which are under way, which were broken off and can be resumed, and how the others ended."""

    def work() -> int:
        from ops.drill import ledger, telling  # noqa: PLC0415 - as above

        found = ledger.states(cell)
        if as_json:
            _answer({"runs": found})
        else:
            telling.states(_console(), found)
        return 0

    _exit(work, as_json=as_json)


@app.command()
def verify(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A journal, or the run that it is of.")],
    *,
    seal: Annotated[
        str, typer.Option(metavar="HASH", help="The last entry's hash, kept elsewhere: tells a shortened journal.")
    ] = "",
    as_json: _Json = False,
) -> None:
    """Check that a journal is as it was written: no entry edited, removed, inserted or moved.

    Exit status: 0 sound and complete; 1 it was changed; 4 sound, but it has no end; 2 it cannot be read.
    """

    def work() -> int:
        from ops.drill import ledger, telling  # noqa: PLC0415 - as above

        path, found = ledger.verify(file, seal)
        if as_json:
            _answer(telling.verification_json(str(path), found))
        else:
            telling.verification(_console(), str(path), found)
        return CHANGED if not found.sound else 0 if found.complete else UNFINISHED

    _exit(work, as_json=as_json)


@app.command()
def history(*, cell: Annotated[str | None, typer.Option(metavar="CELL")] = None, as_json: _Json = False) -> None:
    """Show all runs over time, with what each measured against its targets, and the trend."""

    def work() -> int:
        from ops.drill import history as trend  # noqa: PLC0415 - as above
        from ops.drill import ledger  # noqa: PLC0415 - as above

        rows = ledger.history_of(cell)
        if as_json:
            _answer(trend.as_json(rows))
        else:
            _console().print(trend.table(rows))
        return 0

    _exit(work, as_json=as_json)


def _asked(  # noqa: PLR0913, PLR0917 - they are the options of two commands
    kind: Kind,
    cell: str,
    on: On,
    faults: list[str] | None,
    seed: int,
    decision_seconds: int | None,
    profile: str | None,
    stacks: Path | None,
    execute: str = "",
    *,
    standing: bool = False,
) -> Asked:
    from ops.drill.asked import Asked  # noqa: PLC0415 - as above

    return Asked(
        kind=kind,
        cell=cell,
        on=on.value,
        execute=execute,
        faults=tuple(faults or ()),
        seed=seed,
        standing=standing,
        profile=profile,
        stacks=stacks,
        decision_seconds=decision_seconds,
    )


def _show_plan(found: Plan, save: Path | None, *, as_json: bool, dry: bool) -> int:
    from ops.drill import telling  # noqa: PLC0415 - as above

    content = telling.plan_json(found) | ({"executed": False} if dry else {})
    if save:
        try:
            files.write(save, json.dumps(content, indent=2, sort_keys=True) + "\n")
        except (OSError, ValueError) as error:
            raise refusal.RefusalError(f"--save {str(save)!r} cannot be written: {error}") from None
    if as_json:
        _answer(content)
    else:
        telling.plan(_console(), found)
        if dry:
            _console().print(f"  nothing was changed; to carry it out, add --execute {found.cell}")
    return 0


def _show_runs(done: Sequence[tuple[Run, Report]], *, as_json: bool, several: bool) -> None:
    from ops.drill import commands, telling  # noqa: PLC0415 - as above

    if as_json:
        contents = [telling.run_json(found, report) for found, report in done]
        worst = commands.worst([report.verdict for _, report in done])
        _answer({"runs": contents, "verdict": worst} if several else contents[0])
    else:
        for found, report in done:
            telling.run(_console(), found, report)


def _exit(work: Callable[[], int], *, as_json: bool) -> None:
    """Do `work`, and end with its status; what goes wrong is one message."""
    from ops.drill import ending  # noqa: PLC0415 - as above

    raise typer.Exit(ending.status_of(work, as_json=as_json))


def _answer(content: dict[str, Any]) -> None:
    print(json.dumps(content, indent=2, default=str))  # noqa: T201 - the answer


def _console() -> Console:
    from ops.console import console  # noqa: PLC0415 - as above

    return console(sys.stdout)
