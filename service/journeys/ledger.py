"""Once and only once: a request's rows, its answer and its events are kept together, or none of them.

A request has a key that its sender chose. The same key with the same content gets the first answer again, whichever
instance it reaches; with other content it is refused. What must be told is noted in the outbox in the same transaction:
an event is neither lost when the instance dies after the commit, nor told of a row that was rolled back. ``worker``
publishes it, at least once; whoever hears it twice knows it by its id.
"""

import json
import secrets
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import pymysql
from pymysql.constants import ER
from pymysql.cursors import Cursor

from service.database import Database
from service.journeys import schema
from service.journeys.clinics import Clinic

# The names in these statements are our own.
_NOTE_REQUEST: Final = f"INSERT INTO {schema.REQUESTS} VALUES (%s, %s, %s, '', UTC_TIMESTAMP(3))"  # noqa: S608
_ASK_REQUEST: Final = f"SELECT fingerprint, answer FROM {schema.REQUESTS} WHERE clinic = %s AND request = %s"  # noqa: S608
_KEEP_ANSWER: Final = f"UPDATE {schema.REQUESTS} SET answer = %s WHERE clinic = %s AND request = %s"  # noqa: S608
_NOTE_EVENT: Final = f"INSERT INTO {schema.OUTBOX} VALUES (%s, %s, %s, UTC_TIMESTAMP(3))"  # noqa: S608


class RefusedError(Exception):
    """What was asked cannot be, and nothing of it was done. ``word`` is for whoever asked."""

    def __init__(self, status: int, word: str) -> None:
        """Keep the HTTP status and the word."""
        super().__init__(word)
        self.status = status
        self.word = word


@dataclass(frozen=True)
class Request:
    """Who asks, by which key, and a digest of what."""

    clinic: Clinic
    key: str
    fingerprint: str


@dataclass(frozen=True)
class Outcome:
    """What is answered, and which event is told on which topic. Both hold ids, and nothing of a patient."""

    answer: Mapping[str, str]
    topic: str = ""
    event: str = ""


@dataclass(frozen=True)
class Answer:
    """The answer as JSON, and whether it is that of an earlier request."""

    text: str
    again: bool


class Ledger:
    """The requests of all clinics. Safe to share between threads."""

    def __init__(self, database: Database, topics: Collection[str]) -> None:
        """Remember the database, and which topics there are."""
        self._database = database
        self._topics = frozenset(topics)

    def once(self, request: Request, work: Callable[[Cursor], Outcome]) -> Answer:
        """Do the work unless it was done.

        Raises:
            RefusedError: the work refuses, or the key was used for something else.
            Failure: the database is read-only or could not be used; whether it was done, the same key tells later.

        """

        def statements(cursor: Cursor) -> Answer:
            earlier = _earlier(cursor, request)
            if earlier is not None:
                return Answer(earlier, again=True)
            outcome = work(cursor)
            text = json.dumps(outcome.answer)
            cursor.execute(_KEEP_ANSWER, (text, request.clinic.name, request.key))
            # Nobody listens where there is no topic, and a canary's are nobody's business.
            if outcome.topic in self._topics and not request.clinic.synthetic:
                _tell(cursor, request.clinic, outcome)
            return Answer(text, again=False)

        return self._database.transaction(statements, RefusedError)


def fresh_id() -> str:
    """Return a new id. It begins with the time, so that new rows lie side by side, and is never given twice."""
    return f"{time.time_ns() // 1_000_000:012x}{secrets.token_hex(10)}"


def insert(cursor: Cursor, statement: str, values: tuple[object, ...]) -> bool:
    """Return whether a row was added; False if one with its key is there. Waits for whoever is adding it."""
    try:
        cursor.execute(statement, values)
    except pymysql.IntegrityError as error:
        if error.args[0] == ER.DUP_ENTRY:
            return False
        raise
    return True


def _earlier(cursor: Cursor, request: Request) -> str | None:
    """Return the answer that the key got, None if it is new; it is ours from here on."""
    key = (request.clinic.name, request.key)
    if insert(cursor, _NOTE_REQUEST, (*key, request.fingerprint)):
        return None
    cursor.execute(_ASK_REQUEST, key)
    fingerprint, answer = cursor.fetchone() or ("", "")
    if fingerprint != request.fingerprint:
        raise RefusedError(422, "this idempotency key was used for something else")
    return str(answer)


def _tell(cursor: Cursor, clinic: Clinic, outcome: Outcome) -> None:
    event = {"id": fresh_id(), "event": outcome.event, "clinic": clinic.name, **outcome.answer}
    event["at"] = datetime.now(UTC).isoformat(timespec="milliseconds")
    cursor.execute(_NOTE_EVENT, (event["id"], outcome.topic, json.dumps(event)))
