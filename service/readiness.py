"""Whether this instance can do its work, found out at most once a second however many ask.

The three checks run side by side, each for at most two seconds. A check that hangs is not started again until it has
ended, so a dead dependency costs one thread and no more.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import StrEnum

from service import logs
from service.database import Role
from service.failures import Failure, Reason

BOUND_SECONDS = 2.0
"""Longest time that one check may take. Route 53 waits two seconds for an answer."""

KEEP_SECONDS = 1.0
"""How long a result is given to further askers."""

Probe = Callable[[], Role | None]
"""Raises Failure if the dependency cannot be used; a database's returns its role."""

_LOG = logging.getLogger(__name__)


class Status(StrEnum):
    """What may be sent to this instance."""

    READY = "ready"
    READ_ONLY = "read-only"
    UNREADY = "unready"


@dataclass(frozen=True, kw_only=True)
class Check:
    """What one dependency said."""

    ok: bool
    milliseconds: int
    reason: Reason | None = None
    role: Role | None = None
    detail: str = field(default="", repr=False)

    def as_json(self) -> dict[str, object]:
        """Return what may be shown to anybody."""
        shown: dict[str, object] = {"ok": self.ok}
        if self.role:
            shown["role"] = self.role
        if self.reason:
            shown["reason"] = self.reason
        return shown | {"milliseconds": self.milliseconds}


@dataclass(frozen=True)
class Report:
    """What all dependencies said, and what follows."""

    status: Status
    checks: Mapping[str, Check]

    @property
    def role(self) -> Role | None:
        """The database's role, if it told."""
        return next((check.role for check in self.checks.values() if check.role), None)


def judge(checks: Mapping[str, Check]) -> Status:
    """Return what follows from the checks: everything must work, and a reader serves reads."""
    if not checks or not all(check.ok for check in checks.values()):
        return Status.UNREADY
    if any(check.role is Role.READER for check in checks.values()):
        return Status.READ_ONLY
    return Status.READY


class Readiness:
    """Asks the dependencies by their probes. Belongs to one event loop."""

    def __init__(
        self, probes: Mapping[str, Probe], *, bound_seconds: float = BOUND_SECONDS, keep_seconds: float = KEEP_SECONDS
    ) -> None:
        """Keep the probes, each under the name that it is shown by."""
        self._probes = probes
        self._bound_seconds = bound_seconds
        self._keep_seconds = keep_seconds
        self._threads = ThreadPoolExecutor(max_workers=len(probes) or 1, thread_name_prefix="probe")
        self._running: dict[str, asyncio.Future[Check]] = {}
        self._lock = asyncio.Lock()
        self._last = Report(Status.UNREADY, {})
        self._good_until = 0.0
        self._stopping = False

    async def report(self) -> Report:
        """Return what is true now, or was less than a second ago. Unready from the moment of ``stop``."""
        async with self._lock:
            if not self._stopping and time.monotonic() >= self._good_until:
                self._note(await self._ask())
                self._good_until = time.monotonic() + self._keep_seconds
        if self._stopping:
            return Report(Status.UNREADY, self._last.checks)
        return self._last

    def stop(self) -> None:
        """Be unready from now on: the service is going away. Safe in a signal handler."""
        self._stopping = True

    def close(self) -> None:
        """Let the threads go."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _ask(self) -> Report:
        names = tuple(self._probes)
        checks = dict(zip(names, await asyncio.gather(*map(self._check, names)), strict=True))
        return Report(judge(checks), checks)

    async def _check(self, name: str) -> Check:
        future = self._running.get(name)
        if future is None or future.done():
            loop = asyncio.get_running_loop()
            future = loop.run_in_executor(self._threads, _measured, self._probes[name])
            self._running[name] = future
        done, _ = await asyncio.wait({future}, timeout=self._bound_seconds)
        if not done:
            return Check(ok=False, milliseconds=round(self._bound_seconds * 1000), reason=Reason.TIMEOUT)
        return future.result()

    def _note(self, report: Report) -> None:
        if _outline(report) != _outline(self._last):
            checks = {name: check.as_json() | {"detail": check.detail} for name, check in report.checks.items()}
            logs.event(_LOG, "readiness", status=report.status, checks=checks)
        self._last = report


def _measured(probe: Probe) -> Check:
    start = time.monotonic()

    def milliseconds() -> int:
        return round((time.monotonic() - start) * 1000)

    try:
        role = probe()
    except Failure as failure:
        return Check(ok=False, milliseconds=milliseconds(), reason=failure.reason, detail=failure.detail)
    except Exception:  # noqa: BLE001  a defect in one probe must not hide what the others say
        _LOG.exception("probe failed")
        return Check(ok=False, milliseconds=milliseconds(), reason=Reason.FAULT)
    return Check(ok=True, milliseconds=milliseconds(), role=role)


def _outline(report: Report) -> tuple[object, ...]:
    return (report.status, *((name, check.ok, check.reason, check.role) for name, check in report.checks.items()))
