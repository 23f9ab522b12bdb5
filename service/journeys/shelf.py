"""What repeats, kept ready in the cache: an answer by clinic and question, until it expires or the clinic changes.

A clinic is one hash. Its field ``v`` is the clinic's version, a word of chance that every change replaces; each other
field is an answer, which begins with the version that was true before the database was asked. One with another version
is none, so an answer that was on its way while something changed never outlives the change. An instance keeps copies of
the answers it gave last and asks the cache for the version alone, which is a few bytes instead of many.

Of many who miss at once one asks the database: of this instance's by the flight that the others join, of all
instances' by a lock in the cache. Whoever waits for another instance too long asks for itself. A cache that fails is
left alone for a while: each request then goes to the database without waiting for a time-out.
"""

import logging
import secrets
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

import redis

from service import logs
from service.failures import Failure

T = TypeVar("T")

SECONDS: Final = 0.25
"""Longest wait for the cache."""

REST_SECONDS: Final = 5.0
"""How long a cache that failed is left alone."""

KEEP_SECONDS: Final = 30.0
SPREAD: Final = 0.2
"""How long an answer is good, spread by a fifth each way: what was made together does not expire together."""

LOCK_SECONDS: Final = 2.0
PATIENCE_SECONDS: Final = 0.5
_GLANCE_SECONDS: Final = 0.02

_VERSION: Final = "v"
_VERSION_BYTES: Final = 16
_STAMP_BYTES: Final = 13  # milliseconds since 1970
_HEAD: Final = _VERSION_BYTES + _STAMP_BYTES
_COPIES: Final = 256  # of some 50 KiB at most
_LOG: Final = logging.getLogger(__name__)


class Runs(Protocol):
    """A cache that runs commands."""

    def run(self, command: Callable[[redis.Redis], T]) -> T:
        """Return what the command returns, or raise Failure."""
        ...


@dataclass(frozen=True)
class _Seen:
    """What the cache said: the clinic's version, and an answer if there is a good one."""

    version: bytes
    answer: bytes | None


@dataclass(frozen=True)
class _Copy:
    """An answer as the cache has it, with the version in front."""

    kept: bytes

    def answer(self, version: bytes | None) -> bytes | None:
        """Return the answer if it is of this version and has not expired."""
        head = self.kept[:_HEAD]
        good = head[:_VERSION_BYTES] == version and time.time() * 1000 < int(head[_VERSION_BYTES:])
        return self.kept[_HEAD:] if good else None


class Shelf:
    """Answers by clinic and question. Safe to share between threads."""

    def __init__(self, cache: Runs) -> None:
        """Keep the cache; nothing is asked yet."""
        self._cache = cache
        self._copies: dict[tuple[str, str], _Copy] = {}
        self._flights: dict[tuple[str, str], Future[bytes]] = {}
        self._lock = threading.Lock()
        self._rests_until = 0.0

    def get(self, clinic: str, question: str, load: Callable[[], bytes]) -> bytes:
        """Return the answer, by ``load`` if there is none.

        Raises:
            Failure: what ``load`` raised.

        """
        seen = self._look(clinic, question)
        if seen is not None and seen.answer is not None:
            return seen.answer
        # A list from before a change would be another's: flights of another version are not joined.
        flight_of = (clinic, f"{question} {seen.version.decode() if seen else ''}")
        with self._lock:
            flight = self._flights.get(flight_of)
            mine = flight is None
            if flight is None:
                flight = self._flights[flight_of] = Future()
        if not mine:
            return flight.result()
        try:
            answer = self._fetched(clinic, question, seen, load)
        except BaseException as error:
            flight.set_exception(error)
            raise
        else:
            flight.set_result(answer)
            return answer
        finally:
            with self._lock:
                del self._flights[flight_of]

    def forget(self, clinic: str) -> None:
        """Make the clinic's answers void. If the cache cannot be told, they are when they expire."""
        version = _new_version()

        def change(client: redis.Redis) -> None:
            pipe = client.pipeline(transaction=True)
            pipe.hset(_key(clinic), _VERSION, version)
            pipe.expire(_key(clinic), _life())
            pipe.execute()

        self._try(change)

    def _fetched(self, clinic: str, question: str, seen: _Seen | None, load: Callable[[], bytes]) -> bytes:
        """Ask the database, unless another instance is just doing so."""
        if seen is None:
            return load()
        lock = f"{_key(clinic)}:{question}"
        mine = self._try(lambda client: bool(client.set(lock, b"", nx=True, px=round(LOCK_SECONDS * 1000))))
        if mine is False:
            found = self._awaited(clinic, question)
            if found is not None:
                return found
        try:
            # Whoever held the lock a moment ago has left an answer.
            again = self._look(clinic, question) or seen
            if again.answer is not None:
                return again.answer
            answer = load()
            kept = _stamped(again.version, answer)
            self._copy(clinic, question, kept)
            self._try(lambda client: _put(client, clinic, question, kept))
            return answer
        finally:
            if mine:
                self._try(lambda client: client.delete(lock))

    def _awaited(self, clinic: str, question: str) -> bytes | None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            time.sleep(_GLANCE_SECONDS)
            seen = self._look(clinic, question)
            if seen is None or seen.answer is not None:
                return seen.answer if seen else None
        return None

    def _look(self, clinic: str, question: str) -> _Seen | None:
        """Return what the cache has; None if it cannot be used."""
        copy = self._copies.get((clinic, question))
        if copy is not None:
            version = self._try(lambda client: _bytes(client.execute_command("HGET", _key(clinic), _VERSION)))
            if version is None:
                return None
            answer = copy.answer(version)
            if answer is not None:
                return _Seen(version, answer)
        found = self._try(lambda client: client.execute_command("HMGET", _key(clinic), _VERSION, question))
        if not isinstance(found, list):
            return None
        version, kept = _bytes(found[0]) or self._first_version(clinic), _bytes(found[1])
        if version is None or len(kept) < _HEAD:
            return None if version is None else _Seen(version, None)
        self._copy(clinic, question, kept)
        return _Seen(version, _Copy(kept).answer(version))

    def _first_version(self, clinic: str) -> bytes | None:
        """Give a clinic that the cache does not know a version, so that no copy from before is taken for good."""

        def begin(client: redis.Redis) -> bytes:
            client.hsetnx(_key(clinic), _VERSION, _new_version())
            client.expire(_key(clinic), _life())
            return _bytes(client.execute_command("HGET", _key(clinic), _VERSION))

        return self._try(begin) or None

    def _copy(self, clinic: str, question: str, kept: bytes) -> None:
        with self._lock:
            self._copies.pop((clinic, question), None)
            self._copies[clinic, question] = _Copy(kept)
            if len(self._copies) > _COPIES:
                del self._copies[next(iter(self._copies))]

    def _try(self, command: Callable[[redis.Redis], T]) -> T | None:
        """Return what the command returns; None if the cache rests or fails."""
        if time.monotonic() < self._rests_until:
            return None
        try:
            return self._cache.run(command)
        except Failure as failure:
            self._rests_until = time.monotonic() + REST_SECONDS
            logs.event(_LOG, "cache rests", reason=failure.reason, detail=failure.detail)
            return None


def _stamped(version: bytes, answer: bytes) -> bytes:
    spread = 1 + SPREAD * (secrets.randbelow(2001) - 1000) / 1000
    until = round((time.time() + KEEP_SECONDS * spread) * 1000)
    return version + str(until).encode() + answer


def _put(client: redis.Redis, clinic: str, question: str, kept: bytes) -> None:
    pipe = client.pipeline(transaction=False)
    pipe.hset(_key(clinic), question, kept)
    pipe.expire(_key(clinic), _life())
    pipe.execute()


def _new_version() -> str:
    return secrets.token_hex(_VERSION_BYTES // 2)


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else b""


def _key(clinic: str) -> str:
    return f"journeys:{clinic}"


def _life() -> int:
    """Whole seconds after which a hash that nobody touches is gone: longer than any answer in it is good."""
    return round(2 * KEEP_SECONDS * (1 + SPREAD))
