"""Work that has to wait for virtual time without stopping it: an update that waits for a database, as `pulumi up` does.

The work runs in a thread of its own, but never at the same time as whoever sends it: it has the turn, and with it the
sender's lock, until it pauses or ends. So the same calls in the same order give the same state.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Final, TypeAlias

Pause: TypeAlias = Callable[[], None]


class TurnLock:
    """A lock that its holder's errands may pass: the holder waits meanwhile, so there is still one at work."""

    def __init__(self) -> None:
        """Nobody holds it."""
        self._lock: Final = threading.RLock()
        self._errand: int | None = None

    def __enter__(self) -> None:
        """As `acquire`."""
        self.acquire()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """As `release`."""
        self.release()

    def acquire(self) -> None:
        """Take it, as often as wanted; an errand has it already."""
        if threading.get_ident() != self._errand:
            self._lock.acquire()

    def release(self) -> None:
        """Give it back."""
        if threading.get_ident() != self._errand:
            self._lock.release()

    def lend(self, thread: int | None) -> None:
        """Let `thread` pass until it is lent to another, or to nobody."""
        self._errand = thread


class Errand:
    """Some work, and how far it is. Its thread ends with the work, or with the process."""

    def __init__(self, work: Callable[[Pause], None], lock: TurnLock) -> None:
        """Do nothing until told to go on. `work` is given what it calls where it has to wait."""
        self.ended = False
        self._work = work
        self._lock = lock
        self._error: Exception | None = None
        self._forth = threading.Semaphore(0)
        self._back = threading.Semaphore(0)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def go_on(self) -> None:
        """Let the work run until it pauses or ends; nothing if it has ended. Call it with the lock held.

        Raises:
            Exception: whatever the work has raised.
        """
        if self.ended:
            return
        self._lock.lend(self._thread.ident)
        self._forth.release()
        self._back.acquire()
        self._lock.lend(None)
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        self._forth.acquire()
        try:
            self._work(self._pause)
        except Exception as error:  # noqa: BLE001 - it is raised again where the work was sent from
            self._error = error
        finally:
            self.ended = True
            self._back.release()

    def _pause(self) -> None:
        self._back.release()
        self._forth.acquire()
