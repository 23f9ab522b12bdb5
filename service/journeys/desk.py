"""The rules of the four journeys, as statements in one transaction each. The database decides; the cache never does.

A slot is booked by the one statement that finds it free, so of any number who try at once one succeeds. An appointment
has one consultation and one payment; a consultation has notes and prescriptions.
"""

from datetime import datetime
from http import HTTPStatus
from typing import Final

from pymysql.cursors import Cursor

from service.database import Database
from service.journeys import forms, schema
from service.journeys.clinics import Clinic
from service.journeys.forms import Values
from service.journeys.ledger import Outcome, RefusedError, fresh_id, insert

# The names in these statements are our own.
_OFFER: Final = f"INSERT INTO {schema.SLOTS} VALUES (%s, %s, %s, %s, %s, 0, UTC_TIMESTAMP(3))"  # noqa: S608
# What may reach into a slot has begun no longer ago than the longest one lasts. Waits for whoever is adding one there.
_BESIDE: Final = f"""
SELECT 1 FROM {schema.SLOTS}
WHERE clinic = %s AND practitioner = %s AND starts_at > %s - INTERVAL {forms.MOST_MINUTES} MINUTE
  AND starts_at < %s + INTERVAL %s MINUTE AND starts_at + INTERVAL minutes MINUTE > %s AND id <> %s
LIMIT 1 FOR UPDATE
"""  # noqa: S608
_TAKE: Final = f"""
UPDATE {schema.SLOTS} SET taken = 1 WHERE clinic = %s AND id = %s AND taken = 0 AND starts_at > UTC_TIMESTAMP()
"""  # noqa: S608
_WHY_NOT: Final = f"SELECT taken FROM {schema.SLOTS} WHERE clinic = %s AND id = %s"  # noqa: S608
_BOOK: Final = f"INSERT INTO {schema.APPOINTMENTS} VALUES (%s, %s, %s, %s, UTC_TIMESTAMP(3))"  # noqa: S608
_CONSULT: Final = f"INSERT INTO {schema.CONSULTATIONS} VALUES (%s, %s, %s, UTC_TIMESTAMP(3))"  # noqa: S608
_NOTE: Final = f"INSERT INTO {schema.NOTES} VALUES (%s, %s, %s, %s, UTC_TIMESTAMP(3))"  # noqa: S608
_PRESCRIBE: Final = f"INSERT INTO {schema.PRESCRIPTIONS} VALUES (%s, %s, %s, %s, %s, %s, UTC_TIMESTAMP(3))"  # noqa: S608
_PAY: Final = f"INSERT INTO {schema.PAYMENTS} VALUES (%s, %s, %s, %s, %s, %s, UTC_TIMESTAMP(3))"  # noqa: S608
_APPOINTMENT: Final = f"""
SELECT a.slot, c.id, p.id,
  (SELECT COUNT(*) FROM {schema.NOTES} n WHERE n.clinic = a.clinic AND n.consultation = c.id),
  (SELECT COUNT(*) FROM {schema.PRESCRIPTIONS} r WHERE r.clinic = a.clinic AND r.consultation = c.id)
FROM {schema.APPOINTMENTS} a
LEFT JOIN {schema.CONSULTATIONS} c ON c.clinic = a.clinic AND c.appointment = a.id
LEFT JOIN {schema.PAYMENTS} p ON p.clinic = a.clinic AND p.appointment = a.id
WHERE a.clinic = %s AND a.id = %s
"""  # noqa: S608


def offer(cursor: Cursor, clinic: Clinic, values: Values) -> Outcome:
    """Open a slot of a practitioner, who has no other for as long as it lasts.

    It is looked for others after the slot was added: of two who add at once, one waits for the other or is undone and
    looks again.
    """
    slot, starts_at = fresh_id(), _moment(values["starts_at"])
    who, minutes = values["practitioner"], values["minutes"]
    added = insert(cursor, _OFFER, (clinic.name, slot, who, starts_at, minutes))
    if not added or cursor.execute(_BESIDE, (clinic.name, who, starts_at, starts_at, minutes, starts_at, slot)):
        raise RefusedError(HTTPStatus.CONFLICT, "the practitioner has a slot then")
    return Outcome({"slot": slot})


def book(cursor: Cursor, clinic: Clinic, values: Values) -> Outcome:
    """Give a slot that is open, and still to come, to a patient."""
    appointment, slot = fresh_id(), values["slot"]
    if not cursor.execute(_TAKE, (clinic.name, slot)):
        cursor.execute(_WHY_NOT, (clinic.name, slot))
        row = cursor.fetchone()
        if row is None:
            raise RefusedError(HTTPStatus.NOT_FOUND, "no such slot")
        raise RefusedError(HTTPStatus.CONFLICT, "the slot is taken" if row[0] else "the slot is over")
    if not insert(cursor, _BOOK, (clinic.name, appointment, slot, values["patient"])):
        raise RefusedError(HTTPStatus.CONFLICT, "the slot is taken")
    return Outcome({"appointment": appointment, "slot": str(slot)}, "appointments", "appointment.booked")


def consult(cursor: Cursor, clinic: Clinic, values: Values) -> Outcome:
    """Open the consultation of an appointment."""
    consultation, appointment = fresh_id(), values["appointment"]
    _demand(cursor, clinic, schema.APPOINTMENTS, appointment, "appointment")
    if not insert(cursor, _CONSULT, (clinic.name, consultation, appointment)):
        raise RefusedError(HTTPStatus.CONFLICT, "the appointment has a consultation")
    answer = {"consultation": consultation, "appointment": str(appointment)}
    return Outcome(answer, "consultations", "consultation.opened")


def note(cursor: Cursor, clinic: Clinic, values: Values) -> Outcome:
    """Add a note to a consultation."""
    identifier, consultation = fresh_id(), values["consultation"]
    _demand(cursor, clinic, schema.CONSULTATIONS, consultation, "consultation")
    cursor.execute(_NOTE, (clinic.name, identifier, consultation, values["text"]))
    answer = {"note": identifier, "consultation": str(consultation)}
    return Outcome(answer, "consultations", "consultation.noted")


def prescribe(cursor: Cursor, clinic: Clinic, values: Values) -> Outcome:
    """Prescribe in a consultation."""
    prescription, consultation = fresh_id(), values["consultation"]
    _demand(cursor, clinic, schema.CONSULTATIONS, consultation, "consultation")
    what = (values["medicine"], values["dose"], values["days"])
    cursor.execute(_PRESCRIBE, (clinic.name, prescription, consultation, *what))
    answer = {"prescription": prescription, "consultation": str(consultation)}
    return Outcome(answer, "prescriptions", "prescription.made")


def pay(cursor: Cursor, clinic: Clinic, values: Values) -> Outcome:
    """Record that an appointment is to be paid, by a token of the payment provider. Who hears of it charges."""
    payment, appointment = fresh_id(), values["appointment"]
    _demand(cursor, clinic, schema.APPOINTMENTS, appointment, "appointment")
    how = (values["amount"], values["currency"], values["token"])
    if not insert(cursor, _PAY, (clinic.name, payment, appointment, *how)):
        raise RefusedError(HTTPStatus.CONFLICT, "the appointment has a payment")
    return Outcome({"payment": payment, "appointment": str(appointment)}, "payments", "payment.requested")


def appointment(database: Database, clinic: Clinic, identifier: str) -> dict[str, object]:
    """Return how far an appointment has come: ids and counts, nothing of the patient.

    Raises:
        RefusedError: there is no such appointment.
        Failure: the database could not be used.

    """

    def read(cursor: Cursor) -> tuple[object, ...] | None:
        cursor.execute(_APPOINTMENT, (clinic.name, identifier))
        return cursor.fetchone()

    row = database.run(read)
    if row is None:
        raise RefusedError(HTTPStatus.NOT_FOUND, "no such appointment")
    keys = ("slot", "consultation", "payment", "notes", "prescriptions")
    return {"appointment": identifier, **dict(zip(keys, row, strict=True))}


def _demand(cursor: Cursor, clinic: Clinic, table: str, identifier: str | int, what: str) -> None:
    cursor.execute(f"SELECT 1 FROM {table} WHERE clinic = %s AND id = %s", (clinic.name, identifier))  # noqa: S608
    if cursor.fetchone() is None:
        raise RefusedError(HTTPStatus.NOT_FOUND, f"no such {what}")


def _moment(text: str | int) -> datetime | None:
    """Return the moment as the database keeps it: UTC, without saying so."""
    found = forms.moment(str(text))
    return found.replace(tzinfo=None) if found else None
