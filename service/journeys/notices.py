"""What becomes of an event of the journeys: a notice of the appointment that it belongs to, once for each event.

A message is the event as the ledger has written it, or the word of an upload's end (docs/documents.md). One that is of
no known form, or of an appointment that is not there, is left in its queue, whose redrive policy gives it up.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Final

from pymysql.cursors import Cursor

from service.database import Database
from service.journeys import forms, schema
from service.journeys.clinics import Clinic
from service.journeys.ledger import RefusedError

MOST: Final = 100

_OF_APPOINTMENTS: Final = ("appointment.booked", "consultation.opened", "payment.requested")
_OF_CONSULTATIONS: Final = ("consultation.noted", "prescription.made")
_OF_DOCUMENTS: Final = ("document.converted", "document.refused")
_CLINIC: Final = forms.Text(r"[a-z0-9][a-z0-9-]{0,23}", "a clinic")

# The names in these statements are our own. A second one of an event leaves the first as it is.
_NOTE: Final = f"""
INSERT INTO {schema.NOTICES} VALUES (%s, %s, %s, %s, %s, UTC_TIMESTAMP(3)) ON DUPLICATE KEY UPDATE id = id
"""  # noqa: S608
_APPOINTMENT: Final = f"SELECT id FROM {schema.APPOINTMENTS} WHERE clinic = %s AND id = %s"  # noqa: S608
_OF_CONSULTATION: Final = f"SELECT appointment FROM {schema.CONSULTATIONS} WHERE clinic = %s AND id = %s"  # noqa: S608
_LIST: Final = f"""
SELECT id, event, DATE_FORMAT(told_at, '%%Y-%%m-%%dT%%H:%%i:%%sZ') FROM {schema.NOTICES}
WHERE clinic = %s AND appointment = %s ORDER BY told_at, id LIMIT {MOST + 1}
"""  # noqa: S608


@dataclass(frozen=True)
class Event:
    """What happened to which clinic's appointment or consultation, when (UTC). A document's names none of them."""

    id: str
    name: str
    clinic: str = ""
    of: str = ""
    at: datetime | None = None


def read(body: str) -> Event | None:
    """Return the event that a message tells of, None if it tells of none that is known."""
    try:
        found: object = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    name = found.get("event")
    if name in _OF_DOCUMENTS:
        return _of_document(str(name), found)
    if name not in (*_OF_APPOINTMENTS, *_OF_CONSULTATIONS):
        return None
    of = found.get("appointment" if name in _OF_APPOINTMENTS else "consultation")
    identifier, clinic, at = found.get("id"), found.get("clinic"), _moment(found.get("at"))
    if not (forms.ID.accepts(identifier) and forms.ID.accepts(of) and _CLINIC.accepts(clinic) and at):
        return None
    return Event(str(identifier), str(name), str(clinic), str(of), at)


def note(cursor: Cursor, event: Event) -> bool:
    """Keep the notice of an event, unless it is kept; return whether what it is of is there."""
    if event.name in _OF_DOCUMENTS:
        cursor.execute(_NOTE, ("", event.id, "", event.name, None))
        return True
    cursor.execute(_APPOINTMENT if event.name in _OF_APPOINTMENTS else _OF_CONSULTATION, (event.clinic, event.of))
    row = cursor.fetchone()
    if row is None:
        return False
    cursor.execute(_NOTE, (event.clinic, event.id, row[0], event.name, event.at))
    return True


def of_appointment(database: Database, clinic: Clinic, identifier: str) -> dict[str, object]:
    """Return what the patient of an appointment is to be told, in the order in which it happened.

    Raises:
        RefusedError: there is no such appointment.
        Failure: the database could not be used.

    """

    def found(cursor: Cursor) -> list[tuple[object, ...]] | None:
        cursor.execute(_APPOINTMENT, (clinic.name, identifier))
        if cursor.fetchone() is None:
            return None
        cursor.execute(_LIST, (clinic.name, identifier))
        return list(cursor.fetchall())

    rows = database.run(found)
    if rows is None:
        raise RefusedError(HTTPStatus.NOT_FOUND, "no such appointment")
    listed = [dict(zip(("notice", "event", "at"), row, strict=True)) for row in rows[:MOST]]
    return {"appointment": identifier, "notices": listed, "more": len(rows) > MOST}


def _of_document(name: str, found: Mapping[str, object]) -> Event | None:
    """Return the event of an upload, known by the upload: its message has no id of its own, and may come twice."""
    key, version = found.get("key"), found.get("version")
    if not (isinstance(key, str) and isinstance(version, str)):
        return None
    return Event(hashlib.sha256(repr((name, key, version)).encode()).hexdigest()[:32], name)


def _moment(text: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return found.replace(tzinfo=None) if found and found.utcoffset() is not None and not found.utcoffset() else None
