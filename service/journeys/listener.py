"""Works the side's queues off: each message becomes a notice in the database, and is deleted after the commit.

A thread for each queue. Nothing is received unless the database takes writes and has the table: a message that is
received too often is given up by its queue, and a database that is away must not make it so. So a side that does not
write leaves its messages where they are. What is received and not deleted comes back after the queue's time-out, to
whichever instance, and a message that was kept already is known by its event's id.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Final, TypeAlias

from pymysql.cursors import Cursor

from service import logs
from service.database import Database, Role
from service.failures import Failure
from service.journeys import notices, schema
from service.queues import Message

PAUSE_SECONDS: Final = 1.0
"""Between two calls to a queue without messages: one that answers at once must not be flooded."""

REST_SECONDS: Final = 10.0
"""How long a side that does not write waits before it asks its database again."""

LONGEST_REST_SECONDS: Final = 60.0
"""Longest rest after a failure; the first is a second, each next one twice as long."""

FAREWELL_SECONDS: Final = 15.0
"""Longest wait at the end for what is under way. What is not deleted by then is not lost."""

_TABLE: Final = f"SELECT 1 FROM {schema.NOTICES} LIMIT 0"  # noqa: S608  the name is our own
_LOG: Final = logging.getLogger(__name__)

Receive: TypeAlias = Callable[[str], list[Message]]
Delete: TypeAlias = Callable[[str, Iterable[Message]], None]


class Listener:
    """The threads that work the queues off. Nobody waits for them but at the end."""

    def __init__(self, database: Database, queues: Mapping[str, str], receive: Receive, delete: Delete) -> None:
        """Keep what it needs; it does nothing before ``start``. ``queues`` are ARNs by journey."""
        self._database = database
        self._receive = receive
        self._delete = delete
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._work, args=(journey, arn), name=f"queue-{journey}", daemon=True)
            for journey, arn in queues.items()
        ]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Receive nothing more. Safe in a signal handler."""
        self._stop.set()

    def close(self) -> None:
        """End after what is under way, or when that takes too long."""
        self.stop()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(FAREWELL_SECONDS)

    def turn(self, journey: str, arn: str) -> float:
        """Receive once and keep what was told; return after how many seconds to come again.

        Raises:
            Failure: the database or the queue could not be used. Nothing is deleted that is not kept.

        """
        if self._database.role() is Role.READER:
            return REST_SECONDS
        self._database.run(lambda cursor: cursor.execute(_TABLE))
        messages = self._receive(arn)
        if not messages:
            return PAUSE_SECONDS
        told = [(message, notices.read(message.body)) for message in messages]

        def keep(cursor: Cursor) -> list[Message]:
            return [message for message, event in told if event is not None and notices.note(cursor, event)]

        kept = self._database.transaction(keep)
        self._delete(arn, kept)
        for message in messages:
            if message not in kept:
                logs.event(_LOG, "message cannot be used", queue=journey, message=message.id)
        return 0.0

    def _work(self, journey: str, arn: str) -> None:
        failures, last = 0, ""
        while not self._stop.is_set():
            try:
                wait, word, detail = self.turn(journey, arn), "ok", ""
            except Failure as failure:
                wait, word, detail = _rest(failures), str(failure.reason), failure.detail
            except Exception:  # noqa: BLE001  a defect here must not end what hears of bookings
                _LOG.exception("a queue's thread failed")
                wait, word, detail = _rest(failures), "fault", ""
            failures = 0 if word == "ok" else failures + 1
            if word != last:
                logs.event(_LOG, "journeys' queue", queue=journey, reason=word, detail=detail)
            last = word
            self._stop.wait(wait)


def _rest(failures: int) -> float:
    return min(PAUSE_SECONDS * 2**failures, LONGEST_REST_SECONDS)
