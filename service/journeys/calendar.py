"""A clinic's open slots as ready JSON, from the cache or else from the database."""

import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Protocol

from pymysql.cursors import Cursor

from service.database import Database
from service.journeys import schema
from service.journeys.clinics import Clinic
from service.journeys.forms import InvalidError

MOST_SLOTS: Final = 500
MOST_AHEAD: Final = 92
DAYS: Final = ("1", "7", "14")
"""Few choices, so that few answers stand for all: of a clinic 3 for each first day."""

_DAY: Final = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}")
_OPEN: Final = f"""
SELECT id, practitioner, DATE_FORMAT(starts_at, '%%Y-%%m-%%dT%%H:%%i:%%sZ'), minutes FROM {schema.SLOTS}
WHERE clinic = %s AND taken = 0 AND starts_at >= %s AND starts_at < %s
ORDER BY starts_at LIMIT %s
"""  # noqa: S608  the name is our own


class Answers(Protocol):
    """What keeps answers ready: ``shelf``, or in a measurement nothing."""

    def get(self, clinic: str, question: str, load: Callable[[], bytes]) -> bytes:
        """Return the answer, by ``load`` if there is none."""
        ...

    def forget(self, clinic: str) -> None:
        """Make the clinic's answers void."""
        ...


class Calendar:
    """The open slots of all clinics. Safe to share between threads."""

    def __init__(self, database: Database, shelf: Answers) -> None:
        """Keep the stores; nothing is asked yet."""
        self._database = database
        self._shelf = shelf

    def open_slots(self, clinic: Clinic, start: str | None, days: str | None) -> bytes:
        """Return the clinic's open slots from a day on.

        Raises:
            InvalidError: the day or the number of days breaks the rule.
            Failure: they are not in the cache, and the database could not be used.

        """
        first, length = _first(start), days or "7"
        if length not in DAYS:
            raise InvalidError("days", "1, 7 or 14")

        def load() -> bytes:
            return self._database.run(lambda cursor: _read(cursor, clinic, first, int(length)))

        return self._shelf.get(clinic.name, f"{first}:{length}", load)

    def changed(self, clinic: Clinic) -> None:
        """Make void what is cached of a clinic, after a commit."""
        self._shelf.forget(clinic.name)


def _first(text: str | None) -> date:
    today = datetime.now(UTC).date()
    if text is None:
        return today
    try:
        found = date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        found = None
    # West of Greenwich it is still yesterday, and somebody's today must not be refused. What is over is not listed.
    if found is None or not today - timedelta(days=1) <= found <= today + timedelta(days=MOST_AHEAD):
        raise InvalidError("from", f"a day such as {today}, from yesterday (UTC) to {MOST_AHEAD} days ahead")
    return found


def _read(cursor: Cursor, clinic: Clinic, first: date, days: int) -> bytes:
    morning = datetime.combine(first, time.min)
    start = max(morning, datetime.now(UTC).replace(tzinfo=None))
    cursor.execute(_OPEN, (clinic.name, start, morning + timedelta(days=days), MOST_SLOTS + 1))
    rows = cursor.fetchall()
    keys = ("id", "practitioner", "starts_at", "minutes")
    return json.dumps(
        {
            "clinic": clinic.name,
            "from": str(first),
            "days": days,
            "slots": [dict(zip(keys, row, strict=True)) for row in rows[:MOST_SLOTS]],
            "more": len(rows) > MOST_SLOTS,
        },
        separators=(",", ":"),
    ).encode()
