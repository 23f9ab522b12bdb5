"""Builds cells in parallel, each in a process of its own, and hands over those that stand.

Owns the processes from their start until they have been noted in the state folder. Whatever ends a build, an error or
Ctrl-C, ends every process that this build started.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import selectors
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO, Any, Final, Self

from ops.engine.project import ROOT
from ops.sandbox.cells import process
from ops.sandbox.cells.events import Failed, Made, Ready, decode
from ops.sandbox.cells.state import Standing, StateFolder
from ops.sandbox.plan import Order

COMMAND: Final = (sys.executable, "-m", process.MODULE)
_KEEP: Final = b"keep\n"
_LAST_LINES: Final = 5
# What might send a cell's own calls elsewhere than into its local AWS, or change what the program reads.
_FOREIGN: Final = ("AWS_", "MOTO_", "PULUMI_", "BOTO_")
_OWN: Final = {
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a cell: a report and, if it is kept, where it stands; else why it failed."""

    cell: str
    seconds: float
    report: dict[str, Any] | None = None
    standing: Standing | None = None
    failed: Failed | None = None


class Observer:
    """Who watches a build. This one looks away."""

    def started(self, cell: str, expected: int | None) -> None:
        """A cell's process was started; it had `expected` resources last time, if that is known."""

    def made(self, cell: str, count: int, resource: str) -> None:
        """A cell has one resource more."""

    def ended(self, outcome: Outcome) -> None:
        """A cell stands, or failed."""


@dataclass(kw_only=True)
class _Worker:
    """A process that builds a cell."""

    order: Order
    instance: str
    process: subprocess.Popen[bytes]
    log: IO[bytes]
    start: float
    unread: bytes = b""
    outcome: Outcome | None = None

    @property
    def seconds(self) -> float:
        return round(time.monotonic() - self.start, 2)


class Fleet:
    """One build of some cells. Use as a context: leaving it by an exception ends all that it started."""

    def __init__(
        self,
        folder: StateFolder,
        observer: Observer,
        *,
        jobs: int,
        keep_hours: float | None,
        command: Sequence[str] = COMMAND,
    ) -> None:
        """Build at most `jobs` cells at a time; keep each for `keep_hours`, or end it at once if that is None."""
        self._folder = folder
        self._observer = observer
        self._jobs = jobs
        self._keep_hours = keep_hours
        self._command = tuple(command)
        self._selector = selectors.DefaultSelector()
        self._workers: list[_Worker] = []

    def __enter__(self) -> Self:
        """Start nothing yet."""
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """End what was started if the block was left by an exception."""
        if kind is not None:
            self.end()
        self._selector.close()

    def build(self, orders: Sequence[Order]) -> list[Outcome]:
        """Build every cell of `orders`; the outcomes come in their order."""
        waiting = list(orders)
        while waiting or self._selector.get_map():
            while waiting and len(self._selector.get_map()) < self._jobs:
                self._start(waiting.pop(0))
            for key, _ in self._selector.select():
                self._read(key.data)
        return [worker.outcome for worker in self._workers if worker.outcome]

    def end(self) -> None:
        """End every process that this build started, those that stand included."""
        for worker in self._workers:
            with contextlib.suppress(OSError):
                worker.process.terminate()
        for worker in self._workers:
            try:
                worker.process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                worker.process.kill()
                worker.process.wait()
            _close(worker)
            if worker.outcome and worker.outcome.standing:
                self._folder.forget(worker.outcome.standing)

    def _start(self, order: Order) -> None:
        instance = secrets.token_hex(16)
        words = [*self._command, "--cell", order.cell, "--stacks", str(order.stacks), "--instance", instance]
        if self._keep_hours is not None:
            words += ["--keep-hours", str(self._keep_hours), "--note", str(self._folder.file(order.cell))]
        log = tempfile.TemporaryFile() if self._keep_hours is None else self._folder.log(order.cell).open("w+b")  # noqa: SIM115 - closed when the process has been heard out
        started = subprocess.Popen(  # noqa: S603 - our own module
            words,
            cwd=ROOT,
            env=_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,
        )
        worker = _Worker(order=order, instance=instance, process=started, log=log, start=time.monotonic())
        self._workers.append(worker)
        self._selector.register(_stdout(worker), selectors.EVENT_READ, worker)
        self._observer.started(order.cell, self._folder.expected(order.cell))

    def _read(self, worker: _Worker) -> None:
        content = os.read(_stdout(worker).fileno(), 65536)
        *lines, worker.unread = (worker.unread + content).split(b"\n")
        for line in lines:
            self._heard(worker, line)
        if not content or worker.outcome:
            self._finish(worker)

    def _heard(self, worker: _Worker, line: bytes) -> None:
        event = decode(line)
        if isinstance(event, Made):
            self._observer.made(worker.order.cell, event.count, event.resource)
        elif isinstance(event, Failed):
            worker.outcome = Outcome(cell=worker.order.cell, seconds=worker.seconds, failed=event)
        else:
            standing = _standing(worker, event) if event.endpoint_url else None
            if standing:
                self._folder.note(standing)
            worker.outcome = Outcome(
                cell=worker.order.cell, seconds=worker.seconds, report=event.report, standing=standing
            )

    def _finish(self, worker: _Worker) -> None:
        """Let go of a process that stands; wait for the end of any other."""
        self._selector.unregister(_stdout(worker))
        if worker.outcome and worker.outcome.standing and worker.process.stdin:
            worker.process.stdin.write(_KEEP)
        if worker.outcome is None:
            status = worker.process.wait()
            reason = f"its process ended with status {status} before it stood{_last_words(worker.log)}"
            worker.outcome = Outcome(cell=worker.order.cell, seconds=worker.seconds, failed=Failed(reason=reason))
        _close(worker)
        if worker.outcome.standing is None:
            worker.process.wait()
        self._observer.ended(worker.outcome)


def _stdout(worker: _Worker) -> IO[bytes]:
    if worker.process.stdout is None:
        raise TypeError("a worker is started with a pipe")
    return worker.process.stdout


def _close(worker: _Worker) -> None:
    for pipe in (worker.process.stdin, worker.process.stdout, worker.log):
        if pipe:
            with contextlib.suppress(BrokenPipeError):  # it ended before it heard that it may stay
                pipe.close()


def _standing(worker: _Worker, ready: Ready) -> Standing:
    return Standing(
        cell=worker.order.cell,
        instance=worker.instance,
        pid=worker.process.pid,
        endpoint_url=ready.endpoint_url,
        account=worker.order.account,
        home_region=worker.order.home_region,
        resources=sum(side["resources"] for side in ready.report["sides"]),
        since=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        until=ready.until,
    )


def _environment() -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(_FOREIGN)}
    return {**kept, **_OWN}


def _last_words(log: IO[bytes]) -> str:
    """The end of what a process wrote before it died unheard."""
    log.seek(0)
    lines = log.read().decode(errors="replace").strip().splitlines()[-_LAST_LINES:]
    return "; its last words: " + " | ".join(lines) if lines else ""
