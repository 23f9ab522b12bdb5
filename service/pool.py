"""A small bounded pool of anything that is costly to open: never more than ``size``, never an unchecked one."""

import contextlib
import queue
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Generic, TypeVar

from service.failures import Failure, Reason

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How many, how long to wait for one (seconds), and the age (seconds) at which one is replaced.

    The age makes a long-lived process follow DNS: after a failover the same name is another machine.
    """

    size: int = 8
    wait_seconds: float = 2.0
    age_seconds: float = 300.0


@dataclass(frozen=True)
class _Entry(Generic[T]):
    item: T
    opened_at: float


class Pool(Generic[T]):
    """Lends items to one borrower at a time. Safe to share between threads."""

    def __init__(
        self,
        *,
        open_item: Callable[[], T],
        is_healthy: Callable[[T], bool],
        discard: Callable[[T], None],
        limits: Limits | None = None,
    ) -> None:
        """Keep the three functions; nothing is opened yet."""
        self._open = open_item
        self._is_healthy = is_healthy
        self._discard = discard
        self._limits = limits or Limits()
        self._closed = False
        # One place a member, empty at first. The last one used comes first, so a quiet service opens few.
        self._places: queue.LifoQueue[_Entry[T] | None] = queue.LifoQueue()
        for _ in range(self._limits.size):
            self._places.put(None)

    @contextlib.contextmanager
    def lease(self) -> Generator[T]:
        """Lend an item that was healthy a moment ago. One whose borrower failed is not lent again.

        Raises:
            Failure: all were lent for too long, or what opening one raised.

        """
        try:
            entry = self._places.get(timeout=self._limits.wait_seconds)
        except queue.Empty:
            raise Failure(Reason.TIMEOUT, "pool") from None
        kept: _Entry[T] | None = None
        try:
            entry = self._usable(entry) or _Entry(self._open(), time.monotonic())
            try:
                yield entry.item
            except BaseException:
                self._discard(entry.item)
                raise
            kept = entry
        finally:
            self._give_back(kept)

    def close(self) -> None:
        """Discard what is not lent, and later what comes back."""
        self._closed = True
        for _ in range(self._limits.size):
            with contextlib.suppress(queue.Empty):
                self._give_back(self._places.get_nowait())

    def _give_back(self, entry: _Entry[T] | None) -> None:
        if entry is not None and self._closed:
            self._discard(entry.item)
            entry = None
        self._places.put(entry)

    def _usable(self, entry: _Entry[T] | None) -> _Entry[T] | None:
        if entry is None:
            return None
        young = time.monotonic() - entry.opened_at < self._limits.age_seconds
        if young and self._is_healthy(entry.item):
            return entry
        self._discard(entry.item)
        return None
