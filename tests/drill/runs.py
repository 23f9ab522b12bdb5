"""Folders of runs, as a drill leaves them: the plan, a journal that verifies, and the facts of real time."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from ops.drill.journal import Journal
from ops.drill.runs import Run, Runs
from tests.drill.journals import Story


def kept(folder: Path, story: Story, verdict: str = "") -> Run:
    """The run that `story` tells, in `folder`; with `verdict` it has ended."""
    run = Runs(folder).create(story.plan)
    if verdict:
        story.tell("end", verdict=verdict, reasons=[])
    times = iter(story.entries)
    with Journal(run.journal, lambda: datetime.fromisoformat(next(times)["at"])) as journal:
        for entry in story.entries:
            journal.append(entry["kind"], entry["data"])
        run.note(seal=journal.seal)
    return run
