"""What is left of a run for people and machines: its report in three forms, and the row that it has in a history."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from ops import files
from ops.drill import history, journal
from ops.drill.journal import Entry
from ops.drill.report import build, model, render
from ops.drill.report.model import Report
from ops.drill.runs import Run, Runs
from ops.refusal import RefusalError

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


def rows(runs: Iterable[Run]) -> list[history.Run]:
    """The history of `runs`, in the order given, without those that were never begun."""
    return list(_rows(runs))


def _rows(runs: Iterable[Run]) -> Iterator[history.Run]:
    for run in runs:
        found = history.summary(run.id, entries(run))
        if found:
            yield found


def states(cell: str | None) -> list[dict[str, Any]]:
    """How far the runs of `cell`, or of all cells, are, in the order in which they were begun."""
    return [_state(run) for run in _of(cell)]


def history_of(cell: str | None) -> list[history.Run]:
    """The history of `cell`, or of all cells."""
    return rows(_of(cell))


def verify(text: str, seal: str) -> tuple[Path, journal.Verification]:
    """The journal that `text` names, as a file or as a run, and what it shows.

    Where no `seal` is given, the one that was kept beside the journal is taken.

    Raises:
        RefusalError: there is no such journal.
    """
    path = Path(text)
    if not path.is_file():
        path = Runs().find(text).journal
    run = Run(id=path.parent.name, cell=path.parent.parent.name, folder=path.parent)
    try:
        return path, journal.verify(path, seal or str(run.facts().get("seal", "")))
    except OSError as error:
        raise RefusalError(f"{path}: {error.strerror}; name a journal or a run") from None


def _of(cell: str | None) -> list[Run]:
    runs = Runs()
    return [run for name in ([cell] if cell else runs.cells()) for run in runs.of(name)]


def _state(run: Run) -> dict[str, Any]:
    """How far `run` is: its state, its step, and when its last entry was written."""
    written = entries(run)
    last = written[-1] if written else None
    step = next((entry["data"]["step"] for entry in reversed(written) if entry["kind"] == "step-begin"), "")
    ended = last is not None and last["kind"] in journal.LAST
    return {
        "run": run.id,
        "cell": run.cell,
        "state": "ended" if ended else "under way" if Runs().busy(run.cell) else "broken off",
        "verdict": last["data"].get("verdict", "") if ended and last else "",
        "step": "" if ended else step,
        "last_entry": str(last["at"]) if last else "",
        "folder": str(run.folder),
    }
