"""What is left of a run for people and machines: its report in three forms, and the row that it has in a history."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from ops import files
from ops.drill import history, journal
from ops.drill.journal import Entry, Problem
from ops.drill.report import build, model, render
from ops.drill.report.model import Report
from ops.drill.runs import Run, Runs
from ops.refusal import RefusalError

CHANGED: Final = "journal changed"
UNDER_WAY: Final = "under way"
BROKEN_OFF: Final = "broken off"
_CELL: Final = re.compile(r"[a-z][a-z0-9-]*")
NAMES: Final = {"json": "report.json", "markdown": "report.md", "html": "report.html"}


def entries(run: Run) -> Sequence[Entry]:
    """The journal of `run`; empty if there is none yet."""
    try:
        return journal.verify(run.journal).entries
    except OSError:
        return ()


def report(run: Run) -> Report:
    """Write the report of `run` beside its journal, and give it."""
    found = build.build(run.plan(), entries(run), run.id)
    texts = {"json": model.as_json(found), "markdown": render.markdown(found), "html": render.html(found)}
    for form, text in texts.items():
        files.write(run.folder / NAMES[form], text)
    return found


def paths(run: Run) -> dict[str, str]:
    """Where the parts of the report of `run` are, and its journal."""
    return {**{form: str(run.folder / name) for form, name in NAMES.items()}, "journal": str(run.journal)}


def sound(run: Run) -> Sequence[Entry]:
    """The journal of `run`, as what is gone on with: empty if there is none yet.

    Raises:
        RefusalError: the journal was changed, or the plan beside it is not the one that it is of.
    """
    try:
        found = journal.verify(run.journal)
    except OSError:
        return ()
    problems = (*found.problems, *_other_plan(run, found.entries))
    if problems:
        first = problems[0]
        raise RefusalError(
            f"{run.journal}: line {first.line} breaks the rule '{first.rule}': {first.text}. What was changed is not "
            f"gone on with: keep it as it is, see to it that one database takes writes, and begin a new drill",
            [{"key": "journal", "value": run.id, "rule": first.rule}],
        )
    return found.entries


def _other_plan(run: Run, written: Sequence[Entry]) -> Iterator[Problem]:
    """Whether the plan beside a journal is another one than it is of."""
    begun = next((entry["data"].get("plan_hash") for entry in written if entry["kind"] == "begin"), None)
    if begun is not None and begun != run.plan().hash:
        yield Problem(line=1, rule="plan", text=f"it is of plan {str(begun)[:12]}..., and plan.json is another one")


def history_of(cell: str | None) -> list[history.Run]:
    """The history of `cell`, or of all cells, in the order in which runs were begun; without those never begun.

    Raises:
        RefusalError: no cell could be called so, or a run's plan cannot be read.
    """
    found = (_row(run) for run in _of(cell))
    return [row for row in found if row]


def _row(run: Run) -> history.Run | None:
    try:
        found = journal.verify(run.journal)
    except OSError:
        return None
    if found.sound:
        return history.summary(run.id, found.entries)
    plan = run.plan()
    return history.Run(
        run=run.id,
        began="",
        kind=plan.kind,
        cell=run.cell,
        simulated=plan.simulated,
        verdict=CHANGED,
        targets=plan.targets,
        reads_seconds=None,
        writes_seconds=None,
        rows_lost_seconds=None,
        rows_lost=None,
    )


def states(cell: str | None) -> list[dict[str, Any]]:
    """How far the runs of `cell`, or of all cells, are, in the order in which they were begun.

    Raises:
        RefusalError: no cell could be called so.
    """
    return [_state(run) for run in _of(cell)]


def verify(text: str, seal: str) -> tuple[Path, journal.Verification]:
    """The journal that `text` names, as a file or as a run, and what it shows.

    Where no `seal` is given, the one that was kept beside the journal is taken.

    Raises:
        RefusalError: there is no such journal, or the plan beside it cannot be read.
    """
    run = _named(text)
    path = Path(text) if os.path.isfile(text) else run.journal  # noqa: PTH113 - Path's own raises for long names
    try:
        found = journal.verify(path, seal or str(run.facts().get("seal", "")))
    except OSError as error:
        raise RefusalError(f"{path}: {error.strerror}; name a journal or a run") from None
    beside = _other_plan(run, found.entries) if found.sound and (path.parent / "plan.json").is_file() else ()
    problems = (*found.problems, *beside)
    return path, replace(found, problems=problems, complete=found.complete and not problems)


def _named(text: str) -> Run:
    """The run that is called `text`, or whose journal is the file at `text`."""
    if os.path.isfile(text):  # noqa: PTH113 - as above
        folder = Path(text).absolute().parent
        return Run(id=folder.name, cell=folder.parent.name, folder=folder)
    try:
        return Runs().find(text)
    except RefusalError as error:
        raise RefusalError(f"{text!a} is no file; and as a run: {error}") from None


def _of(cell: str | None) -> list[Run]:
    runs = Runs()
    if cell is not None and not _CELL.fullmatch(cell):
        raise RefusalError(f"{cell!a} is no cell's name: give one like us, or leave --cell out for all")
    return [run for name in ([cell] if cell is not None else runs.cells()) for run in runs.of(name)]


def _state(run: Run) -> dict[str, Any]:
    """How far `run` is: its state, its step, and when its last entry was written."""
    try:
        found = journal.verify(run.journal)
    except OSError:
        found = journal.Verification(entries=(), problems=(), complete=False, seal="", half=0)
    written = found.entries if found.sound else ()
    last = written[-1] if written else None
    step = next((entry["data"]["step"] for entry in reversed(written) if entry["kind"] == "step-begin"), "")
    ended = last is not None and last["kind"] in journal.LAST
    state = "ended" if ended else CHANGED if not found.sound else UNDER_WAY if Runs().busy(run.cell) else BROKEN_OFF
    return {
        "run": run.id,
        "cell": run.cell,
        "state": state,
        "verdict": last["data"].get("verdict", "") if ended and last else "",
        "step": "" if ended else step,
        "last_entry": str(last["at"]) if last else "",
        "folder": str(run.folder),
    }
