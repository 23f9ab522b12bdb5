"""What an instance does besides answering: make the tables, publish what the outbox holds, sweep.

It does so where the database takes writes, and asks each time: a replica's outbox is the writer's to empty, and after a
promotion it is ours. Rows are taken out and published in one transaction, which is rolled back if the publishing fails.
An instance that dies in between, or whose commit is lost, leaves them to be published again, by the same ids.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from itertools import groupby
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

_SWEEP_EVERY: Final = 60
_SWEPT: Final = 1000  # rows of a table at a time, so that no statement takes long
_TAKE: Final = f"""
SELECT id, topic, body FROM {schema.OUTBOX} WHERE topic IN %s ORDER BY id LIMIT {BATCH} FOR UPDATE SKIP LOCKED
"""  # noqa: S608  the names are our own
_REMOVE: Final = f"DELETE FROM {schema.OUTBOX} WHERE id IN %s"  # noqa: S608  as above
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


class Worker:
    """One thread. Nobody waits for it."""

    def __init__(self, database: Database, topics: Mapping[str, str], publish: Publish) -> None:
        """Keep what it needs; it does nothing before ``start``."""
        self._database = database
        self._topics = topics
        self._publish = publish
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="journeys", daemon=True)
        self._there = False
        self._ticks = 0
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
        """Do what there is to do.

        Raises:
            Failure: the database or a topic could not be used.

        """
        if self._database.role() is Role.READER:
            return
        if not self._there:
            self._database.run(schema.make)
            self._there = True
        while not self._stop.is_set() and self._database.transaction(self._drain) == BATCH:
            pass
        if self._ticks % _SWEEP_EVERY == 0:
            self._database.run(_sweep)
        self._ticks += 1

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

    def _drain(self, cursor: Cursor) -> int:
        if not self._topics:
            return 0
        cursor.execute(_TAKE, (tuple(self._topics),))
        rows = sorted(cursor.fetchall(), key=lambda row: (row[1], row[0]))
        if not rows:
            return 0
        # Taken out first: a database that takes no writes says so before anything is told.
        cursor.execute(_REMOVE, (tuple(row[0] for row in rows),))
        for topic, events in groupby(rows, key=lambda row: str(row[1])):
            self._publish(self._topics[topic], {str(row[0]): str(row[2]) for row in events})
        return len(rows)


def _sweep(cursor: Cursor) -> None:
    """Delete what a canary made, and the keys of requests, after a day."""
    for table in _OURS:
        cursor.execute(
            f"DELETE FROM {table} WHERE clinic = %s AND made_at < UTC_TIMESTAMP() - INTERVAL 1 DAY LIMIT {_SWEPT}",  # noqa: S608
            (CANARY,),
        )
    cursor.execute(
        f"DELETE FROM {schema.REQUESTS} WHERE made_at < UTC_TIMESTAMP() - INTERVAL 1 DAY LIMIT {_SWEPT}"  # noqa: S608
    )
