"""How a run is watched: the phases with their clocks on a terminal, a line a step elsewhere, silence in CI.

Always on standard error. Shows what the journal says, and nothing that is not in it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from ops.drill.model import Phase, Plan
from ops.drill.report.words import clock, plain

if TYPE_CHECKING:
    from rich.table import Table

Entry: TypeAlias = Mapping[str, Any]
_WIDTH: Final = 100


class Course:
    """How far a run is, from its entries."""

    def __init__(self, plan: Plan) -> None:
        """Nothing is done yet."""
        self._plan = plan
        self._titles = {step.id: step.title for step in plan.steps}
        self._began: datetime | None = None
        self._now: datetime | None = None
        self._step = ""
        self._phase_began: dict[Phase, datetime] = {}
        self._spent: dict[Phase, float] = {}
        self._visit = "no visit yet"
        self._done = 0

    def note(self, entry: Entry) -> None:
        """Take `entry` in."""
        self._now = datetime.fromisoformat(entry["at"])
        self._began = self._began or self._now
        data = entry["data"]
        if entry["kind"] == "step-begin":
            self._step = data["step"]
            self._phase_began[Phase(data["phase"])] = self._now
        elif entry["kind"] == "step-end":
            phase = Phase(data["phase"])
            self._spent[phase] = self._spent.get(phase, 0) + data["seconds"]
            self._phase_began.pop(phase, None)
            self._done += 1
        elif entry["kind"] == "client":
            self._visit = _visit(data)

    def line(self, entry: Entry) -> str:
        """What to say of `entry`; empty if nothing."""
        data, kind = entry["data"], entry["kind"]
        at = f"{clock(self._elapsed):>7}"
        if kind == "step-end":
            return f"{at}  {data['phase']:<8} {data['step']:<18} {data['outcome']}: {plain(data['text'])}"
        if kind == "fault":
            return f"{at}  {'':<8} {data['fault']:<18} {'begins' if data['on'] else 'ends'}"
        if kind in {"stop", "abort"}:
            return f"{at}  {kind.upper()}: {plain(data['text'])}"
        return ""

    def table(self) -> Table:
        """The phases with their clocks, the step under way, and the client."""
        from rich.table import Table  # noqa: PLC0415 - most runs are watched by nobody
        from rich.text import Text  # noqa: PLC0415 - as above

        where = "simulated" if self._plan.simulated else "AWS"
        head = f"{self._plan.kind} of {self._plan.cell}, {where}  {clock(self._elapsed)}"
        table = Table(title=head, title_justify="left", box=None, padding=(0, 2))
        for phase in Phase:
            if any(step.phase is phase for step in self._plan.steps):
                table.add_column(Text(phase, style="bold" if phase in self._phase_began else ""))
        table.add_row(*(self._clock(phase) for phase in Phase if any(step.phase is phase for step in self._plan.steps)))
        step = plain(self._titles.get(self._step, ""))[:_WIDTH]
        table.caption = f"{self._done} of {len(self._plan.steps)}  {step}\nusers: {self._visit}"
        table.caption_justify = "left"
        return table

    @property
    def _elapsed(self) -> float:
        return (self._now - self._began).total_seconds() if self._now and self._began else 0

    def _clock(self, phase: Phase) -> str:
        running = self._phase_began.get(phase)
        seconds = self._spent.get(phase, 0)
        if running and self._now:
            seconds += (self._now - running).total_seconds()
        return clock(seconds) if seconds or running else "-"


@contextmanager
def watching(plan: Plan) -> Generator[Callable[[Entry], None]]:
    """Who is told of a run's entries, as suits where standard error goes."""
    course = Course(plan)
    if os.environ.get("CI", "").lower() in {"1", "true"}:
        yield course.note
    elif sys.stderr.isatty():
        with _live(course) as told:
            yield told
    else:
        yield lambda entry: _lines(course, entry)


def _lines(course: Course, entry: Entry) -> None:
    course.note(entry)
    line = course.line(entry)
    if line:
        print(line, file=sys.stderr, flush=True)  # noqa: T201 - a command line speaks to people


@contextmanager
def _live(course: Course) -> Generator[Callable[[Entry], None]]:
    from rich.console import Console  # noqa: PLC0415 - as above
    from rich.live import Live  # noqa: PLC0415 - as above

    console = Console(stderr=True, highlight=False)
    with Live(course.table(), console=console, refresh_per_second=8) as live:

        def told(entry: Entry) -> None:
            course.note(entry)
            line = course.line(entry)
            if line:
                console.print(line, markup=False, soft_wrap=True)
            live.update(course.table())

        yield told


def _visit(data: Mapping[str, Any]) -> str:
    if not data["side"]:
        return f"nobody answers at {data['address'] or 'any address'}"
    did = "wrote and read" if data["row"] else "read" if data["read"] else "were refused"
    return f"{did} in {data['side']}"
