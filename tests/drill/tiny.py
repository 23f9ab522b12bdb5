"""A cell small enough to be seen whole, in plain Python: two databases, a switch, a fleet and a client, on a clock.

It keeps the promises of the drill's ports honestly: a dark region answers nothing, a promotion takes time and is
refused for a primary. So a runner that passes with it has done the right things in the right order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from typing_extensions import override

from domain.objectives import JOURNEYS
from ops.drill.calls import ActionError
from ops.drill.journal import Entry, Journal
from ops.drill.marks import Marks
from ops.drill.model import Action, Condition, Observation, Plan, Value, Verdict
from ops.drill.ports import Equipment, Judgement
from ops.drill.runner import Ending, Runner
from ops.drill.site import UnreachableError
from ops.drill.taken import WELL, taken

START: Final = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
PROMOTION: Final = timedelta(seconds=130)
LAUNCH: Final = timedelta(seconds=200)
WANTED: Final = 2


class KilledError(BaseException):
    """The process was killed here."""


@dataclass
class Tiny:
    """The cell. Home writes at first, and recovery replicates it."""

    now: datetime = START
    dark: set[str] = field(default_factory=set)
    fenced: set[str] = field(default_factory=set)
    promoted_at: datetime | None = None
    grown_at: datetime | None = None
    switched: bool = False
    declared: bool = False
    capacity: int = WANTED
    backing_up: bool = False
    visit_seconds: int = 5
    calls: list[str] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def time(self) -> datetime:
        return self.now

    @property
    def promoted(self) -> bool:
        return self.promoted_at is not None and self.now >= self.promoted_at + PROMOTION

    @property
    def replica(self) -> bool:
        return self.promoted_at is None

    @property
    def writers(self) -> list[str]:
        """Databases that would take a write now."""
        home = [] if {"home"} & (self.dark | self.fenced) else ["home"]
        return home + (["recovery"] if self.promoted else [])

    @property
    def serving(self) -> int:
        grown = self.grown_at is not None and self.now >= self.grown_at + LAUNCH
        return min(self.capacity, WANTED) if grown else 1

    @property
    def led(self) -> str:
        return "recovery" if self.switched or "home" in self.dark else "home"

    def state(self) -> tuple[Any, ...]:
        """How it stands, whatever the time."""
        return (self.writers, sorted(self.dark), sorted(self.fenced), self.switched, self.declared, self.serving)


class TinyClient:
    """The user: one visit every few seconds."""

    def __init__(self, tiny: Tiny, record: Callable[[str, Mapping[str, Any]], None]) -> None:
        """Visit `tiny`, and tell `record`."""
        self._tiny = tiny
        self._record = record
        self.tries: list[Mapping[str, Any]] = []
        self._due = tiny.now

    def tick(self) -> None:
        if self._tiny.now < self._due:
            return
        self._due = self._tiny.now + timedelta(seconds=self._tiny.visit_seconds)
        side = self._tiny.led
        read = side not in self._tiny.dark
        seen = {"number": len(self.tries) + 1, "side": side, "read": read, "row": side in self._tiny.writers}
        self._record("client", seen)
        self.tries.append(seen)

    def restore(self, entries: Iterable[Mapping[str, Any]]) -> None:
        self.tries = [entry["data"] for entry in entries if entry["kind"] == "client"]


class TinyCatalog:
    """Probes and actions on the cell. `before` is called before each action, and may kill."""

    def __init__(self, tiny: Tiny, client: TinyClient, marks: Marks, hook: Callable[[str], None]) -> None:
        """Ask and change `tiny`."""
        self._tiny = tiny
        self._client = client
        self._marks = marks
        self._hook = hook

    def observe(self, condition: Condition) -> Observation:
        tiny, told = self._tiny, condition.arguments
        tries, mine = self._client.tries, self._marks.began(self._marks.current) or START
        holds: dict[str, Callable[[], bool | None]] = {
            "markers-flow": lambda: sum(seen["row"] for seen in tries) >= int(str(told["count"])),
            "acted": lambda: self._marks.acted(str(told["step"])),
            "passed": lambda: tiny.now >= mine + timedelta(seconds=int(str(told["seconds"]))),
            "decided": lambda: tiny.now >= mine + timedelta(seconds=int(str(told["seconds"]))),
            "home-lost": lambda: "home" in tiny.dark,
            "desired": lambda: tiny.grown_at is not None,
            "in-service": lambda: tiny.serving >= int(str(told["count"])),
            "fenced": lambda: self._answering(str(told["side"])) in tiny.fenced,
            "received-applied": lambda: True,
            "caught-up": lambda: "home" in tiny.fenced,
            "drained": lambda: not tries[-1]["row"],
            "may-promote": lambda: tiny.replica and not tiny.backing_up,
            "promoted": lambda: tiny.promoted,
            "replica-standing": lambda: tiny.replica,
            "users-read": lambda: bool(tries) and tries[-1]["read"] and tries[-1]["side"] == told["side"],
            "users-write": lambda: bool(tries) and tries[-1]["row"] and tries[-1]["side"] == told["side"],
            "ready": lambda: str(told["side"]) in tiny.writers,
            "markers-found": lambda: True,
            "one-writer": lambda: len(tiny.writers) == 1,
            "at-most-one-writer": lambda: len(tiny.writers) <= 1,
            "declared": lambda: tiny.declared,
            "recovery-answers": lambda: "recovery" not in tiny.dark,
            "home-answers": lambda: "home" not in tiny.dark,
            "lock-held": lambda: True,
            "journeys-walked": lambda: tiny.promoted,
        }
        found = holds[condition.probe]()
        values: dict[str, Value] = {"writers": len(tiny.writers)}
        if condition.probe == "journeys-walked" and found:
            values |= {f"{journey}_at": tiny.now.isoformat() for journey in JOURNEYS}
        return Observation(holds=found, text=f"{condition.probe}: {found}", values=values)

    def act(self, action: Action) -> str:
        self._hook(f"before {action.name}")
        done: dict[str, Callable[[Any], None]] = {
            "inject": lambda told: self._tiny.dark.add(told["side"]),
            "lift": lambda told: self._tiny.dark.discard(told["side"]),
            "turn-switch": lambda told: self._turn(on=told["on"]),
            "grow": lambda _told: self._grow(self._tiny.grown_at or self._tiny.now),
            "shrink": lambda _told: self._grow(None),
            "fence": lambda told: self._tiny.fenced.add(self._answering(told["side"])),
            "unfence": lambda told: self._tiny.fenced.discard(self._answering(told["side"])),
            "promote": lambda _told: self._promote(),
            "write-config": lambda _told: self._declare(),
        }
        done[action.name](action.arguments)
        self._tiny.calls.append(action.name)
        self._hook(f"after {action.name}")
        return f"{action.name} done"

    def _turn(self, *, on: bool) -> None:
        self._tiny.switched = on

    def _grow(self, at: datetime | None) -> None:
        self._tiny.grown_at = at

    def _promote(self) -> None:
        if not self._tiny.replica or self._tiny.backing_up:
            raise ActionError("rds:PromoteReadReplica: refused, InvalidDBInstanceState")
        self._tiny.promoted_at = self._tiny.now

    def _declare(self) -> None:
        self._tiny.declared = True

    def _answering(self, side: str) -> str:
        if side in self._tiny.dark:
            self._tiny.sleep(3)
            raise UnreachableError(f"{side} does not answer")
        return side


def judged(plan: Plan, entries: Sequence[Entry]) -> Judgement:
    """By the outcomes of the steps alone."""
    wrong = [step for step in taken(entries) if step.outcome not in WELL]
    missing = len(plan.steps) - len(taken(entries))
    verdict = Verdict.PASSED if not wrong and not missing else Verdict.FAILED
    return Judgement(verdict=verdict, reasons=tuple(f"{step.id}: {step.text}" for step in wrong))


def nothing(_where: str) -> None:
    """Kill nowhere."""


def run(plan: Plan, tiny: Tiny, path: Path, hook: Callable[[str], None] = nothing) -> tuple[Ending, list[Entry]]:
    """Carry out `plan` on the cell, with its journal at `path`; `hook` is told wherever a kill could strike."""
    with Killable(path, tiny.time, hook) as journal:
        marks = Marks(journal.entries)
        client = TinyClient(tiny, journal.append)
        catalog = TinyCatalog(tiny, client, marks, hook)
        equipment = Equipment(catalog=catalog, client=client, time=Clock(tiny), sample=dict, judge=judged)
        ending = Runner(plan, journal, marks, equipment).run({"participants": []})
        return ending, list(journal.entries)


class Killable(Journal):
    """A journal that can be killed before and after each entry."""

    def __init__(self, path: Path, now: Callable[[], datetime], hook: Callable[[str], None]) -> None:
        """Open the journal; from then on `hook` may kill."""
        self._hook = nothing
        super().__init__(path, now)
        self._hook = hook

    @override
    def append(self, kind: str, data: Mapping[str, Any]) -> None:
        self._hook(f"before entry {kind}")
        super().append(kind, data)
        self._hook(f"after entry {kind}")


@dataclass
class Clock:
    """The cell's time, as a drill asks for it."""

    tiny: Tiny

    def now(self) -> datetime:
        return self.tiny.now

    def sleep(self, seconds: float) -> None:
        self.tiny.sleep(seconds)
