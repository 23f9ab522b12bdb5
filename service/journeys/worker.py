"""What an instance does besides answering: make the tables, publish what the outbox holds, tell its age, sweep.

It does so where the database takes writes, and asks each time: a replica's outbox is the writer's to empty, and after a
promotion it is ours. Rows are taken out and published in one transaction, which is rolled back if the publishing fails.
An instance that dies in between, or whose commit is lost, leaves them to be published again, by the same ids. A topic
that fails holds up no other's events.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeAlias

from pymysql.cursors import Cursor

from service import logs
from service.database import Database, Role
from service.failures import Failure, Reason
from service.journeys import schema
from service.journeys.clinics import CANARY

EVERY_SECONDS: Final = 1.0
BATCH: Final = 10
"""Most events published at a time: as many as Amazon SNS takes in a call."""

AGE_EVERY_SECONDS: Final = 300.0
"""How often the age of the oldest event is told: as often as its alarm looks, and each time is a call."""

_SWEEP_EVERY_SECONDS: Final = 60.0
_SWEPT: Final = 1000  # rows of a table at a time, so that no statement takes long
_SWEEPS: Final = 60  # of a table, one after the other: more than a busy side makes in a minute
_TOPICS: Final = f"SELECT DISTINCT topic FROM {schema.OUTBOX}"  # noqa: S608  the names are our own
_TAKE: Final = f"""
SELECT id, body FROM {schema.OUTBOX} WHERE topic = %s ORDER BY id LIMIT {BATCH} FOR UPDATE SKIP LOCKED
"""  # noqa: S608  the names are our own
_REMOVE: Final = f"DELETE FROM {schema.OUTBOX} WHERE id IN %s"  # noqa: S608  as above
# Ids begin with the time, so the first row is the oldest: whatever waits, for whichever topic.
_AGE: Final = f"""
SELECT TIMESTAMPDIFF(SECOND, made_at, UTC_TIMESTAMP(3)) FROM {schema.OUTBOX} ORDER BY id LIMIT 1
"""  # noqa: S608  as above
_OURS: Final = (
    schema.SLOTS,
    schema.APPOINTMENTS,
    schema.CONSULTATIONS,
    schema.NOTES,
    schema.PRESCRIPTIONS,
    schema.PAYMENTS,
)
_LOG: Final = logging.getLogger(__name__)

Publish: TypeAlias = Callable[[str, Mapping[str, str]], None]
"""Publishes bodies, by their ids, to the topic of an ARN; raises Failure unless all were taken."""

TellAge: TypeAlias = Callable[[float], None]
"""Tells for how many seconds the oldest event has waited; raises Failure if nobody hears."""


@dataclass
class _Turn:
    """Something that is due every so often, the first time at once."""

    seconds: float
    next_at: float = 0.0

    def due(self) -> bool:
        """Whether it is due; if so it is not for a while."""
        now = time.monotonic()
        if now < self.next_at:
            return False
        self.next_at = now + self.seconds
        return True


class Worker:
    """One thread. Nobody waits for it."""

    def __init__(self, database: Database, topics: Mapping[str, str], publish: Publish, tell_age: TellAge) -> None:
        """Keep what it needs; it does nothing before ``start``."""
        self._database = database
        self._topics = topics
        self._publish = publish
        self._tell_age = tell_age
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="journeys", daemon=True)
        self._there = False
        self._aging = _Turn(AGE_EVERY_SECONDS)
        self._sweeping = _Turn(_SWEEP_EVERY_SECONDS)
        self._last: Reason | None = None

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def close(self) -> None:
        """End after what is under way."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def tick(self) -> None:
        """Do what there is to do; what fails holds up nothing else.

        Raises:
            Failure: the database, a topic or the metric could not be used: the first of those.

        """
        if self._database.role() is Role.READER:
            return
        if not self._there:
            self._database.run(schema.make)
            self._there = True
        waiting = self._database.run(_waiting)
        steps = [partial(self._empty, topic) for topic in self._topics if topic in waiting]
        # After the publishing: what waits now is what could not be told.
        if self._topics and self._aging.due():
            steps.append(self._say_age)
        if self._sweeping.due():
            steps.append(partial(self._database.run, _sweep))
        failures = [failure for step in steps if (failure := _failing(step))]
        if failures:
            raise failures[0]

    def _work(self) -> None:
        while not self._stop.is_set():
            try:
                self.tick()
                self._note(None, "")
            except Failure as failure:
                self._note(failure.reason, failure.detail)
            except Exception:  # noqa: BLE001  a defect here must not end what tells of bookings
                _LOG.exception("journeys' worker failed")
            self._stop.wait(EVERY_SECONDS)

    def _note(self, reason: Reason | None, detail: str) -> None:
        if reason != self._last:
            logs.event(_LOG, "journeys' worker", reason=reason or "ok", detail=detail)
        self._last = reason

    def _empty(self, topic: str) -> None:
        def drain(cursor: Cursor) -> int:
            cursor.execute(_TAKE, (topic,))
            rows = cursor.fetchall()
            if rows:
                # Taken out first: a database that takes no writes says so before anything is told.
                cursor.execute(_REMOVE, (tuple(row[0] for row in rows),))
                self._publish(self._topics[topic], {str(row[0]): str(row[1]) for row in rows})
            return len(rows)

        while not self._stop.is_set() and self._database.transaction(drain) == BATCH:
            pass

    def _say_age(self) -> None:
        self._tell_age(self._database.run(_age))


def _failing(step: Callable[[], None]) -> Failure | None:
    try:
        step()
    except Failure as failure:
        return failure
    return None


def _waiting(cursor: Cursor) -> set[str]:
    cursor.execute(_TOPICS)
    return {str(row[0]) for row in cursor.fetchall()}


def _age(cursor: Cursor) -> float:
    cursor.execute(_AGE)
    row = cursor.fetchone()
    return float(max(row[0], 0)) if row else 0.0


def _sweep(cursor: Cursor) -> None:
    """Delete what a canary made, and the keys of requests, after a day."""
    old = f"made_at < UTC_TIMESTAMP() - INTERVAL 1 DAY LIMIT {_SWEPT}"
    for table in _OURS:
        _delete(cursor, f"DELETE FROM {table} WHERE clinic = %s AND {old}", (CANARY,))  # noqa: S608  as above
    _delete(cursor, f"DELETE FROM {schema.REQUESTS} WHERE {old}", ())  # noqa: S608  as above


def _delete(cursor: Cursor, statement: str, values: tuple[str, ...]) -> None:
    for _ in range(_SWEEPS):
        if cursor.execute(statement, values) < _SWEPT:
            return
