"""How a build is watched: bars on a terminal, plain lines elsewhere, silence in CI. Always on standard error."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from typing_extensions import override

from ops.sandbox.cells.fleet import Observer, Outcome

_LINE_EVERY_SECONDS = 5.0
_NAME_WIDTH = 44


class Lines(Observer):
    """A line when a cell starts, every few seconds while it grows, and when it stands or fails."""

    def __init__(self) -> None:
        """Nothing said yet."""
        self._said: dict[str, float] = {}

    @override
    def started(self, cell: str, expected: int | None) -> None:
        """Say that a cell is being built."""
        self._said[cell] = time.monotonic()
        _say(f"{cell}: building" + (f", {expected} resources last time" if expected else ""))

    @override
    def made(self, cell: str, count: int, resource: str) -> None:
        """Say how far a cell is, if the last line is long ago."""
        if time.monotonic() - self._said[cell] >= _LINE_EVERY_SECONDS:
            self._said[cell] = time.monotonic()
            _say(f"{cell}: {count} resources, now {resource}")

    @override
    def ended(self, outcome: Outcome) -> None:
        """Say what became of a cell."""
        _say(f"{outcome.cell}: {_end(outcome)}")


@contextmanager
def watching() -> Iterator[Observer]:
    """An observer that suits where standard error goes."""
    if os.environ.get("CI", "").lower() in {"1", "true"}:
        yield Observer()
    elif not sys.stderr.isatty():
        yield Lines()
    else:
        with _bars() as bars:
            yield bars


@contextmanager
def _bars() -> Iterator[Observer]:
    # Loaded here, because most runs show no bars.
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    columns = (
        TextColumn("{task.description:>16}"),
        BarColumn(bar_width=30),
        TextColumn("{task.completed:>4.0f}{task.fields[of]}"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[now]}", markup=False),
    )

    class Bars(Observer):
        """A bar a cell."""

        def __init__(self, progress: Progress) -> None:
            self._progress = progress
            self._tasks: dict[str, TaskID] = {}

        @override
        def started(self, cell: str, expected: int | None) -> None:
            of = f"/{expected}" if expected else ""
            self._tasks[cell] = self._progress.add_task(cell, total=expected, of=of, now="starting")

        @override
        def made(self, cell: str, count: int, resource: str) -> None:
            self._progress.update(self._tasks[cell], completed=count, now=resource[:_NAME_WIDTH])

        @override
        def ended(self, outcome: Outcome) -> None:
            task = self._tasks[outcome.cell]
            done = self._progress.tasks[task].completed
            self._progress.update(task, total=max(done, 1), now=_end(outcome))
            self._progress.stop_task(task)

    with Progress(*columns, console=Console(stderr=True), refresh_per_second=8) as progress:
        yield Bars(progress)


def _end(outcome: Outcome) -> str:
    if outcome.failed:
        return "failed"
    return f"{'stands' if outcome.standing else 'built'} after {outcome.seconds:.1f} s"


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201 - a command line speaks to people
