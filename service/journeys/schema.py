"""The journeys' tables. Each row belongs to a clinic, and every key begins with it: no statement reaches another's.

There are no foreign keys: they would cost the account a right more, and nothing is deleted but a canary's own rows.
The names are known to the rotation of the account too, which grants the right to create exactly these tables.
"""

from typing import Final

from pymysql.cursors import Cursor

SLOTS: Final = "journey_slots"
APPOINTMENTS: Final = "journey_appointments"
CONSULTATIONS: Final = "journey_consultations"
NOTES: Final = "journey_notes"
PRESCRIPTIONS: Final = "journey_prescriptions"
PAYMENTS: Final = "journey_payments"
REQUESTS: Final = "journey_requests"
OUTBOX: Final = "journey_outbox"
NOTICES: Final = "journey_notices"

_NAME: Final = "CHARACTER SET ascii COLLATE ascii_bin NOT NULL"
_CLINIC: Final = f"clinic VARCHAR(24) {_NAME}"
_ID: Final = f"id CHAR(32) {_NAME}"
_MADE: Final = "made_at DATETIME(3) NOT NULL"

_COLUMNS: Final = {
    SLOTS: f"""
        {_CLINIC}, {_ID}, practitioner VARCHAR(32) {_NAME}, starts_at DATETIME NOT NULL,
        minutes SMALLINT UNSIGNED NOT NULL, taken TINYINT UNSIGNED NOT NULL DEFAULT 0, {_MADE},
        PRIMARY KEY (clinic, id), UNIQUE KEY once (clinic, practitioner, starts_at),
        KEY open_ones (clinic, taken, starts_at)""",
    APPOINTMENTS: f"""
        {_CLINIC}, {_ID}, slot CHAR(32) {_NAME}, patient VARCHAR(64) {_NAME}, {_MADE},
        PRIMARY KEY (clinic, id), UNIQUE KEY once (clinic, slot)""",
    CONSULTATIONS: f"""
        {_CLINIC}, {_ID}, appointment CHAR(32) {_NAME}, {_MADE},
        PRIMARY KEY (clinic, id), UNIQUE KEY once (clinic, appointment)""",
    NOTES: f"""
        {_CLINIC}, {_ID}, consultation CHAR(32) {_NAME}, text VARCHAR(2000) CHARACTER SET utf8mb4 NOT NULL, {_MADE},
        PRIMARY KEY (clinic, id), KEY of_one (clinic, consultation)""",
    PRESCRIPTIONS: f"""
        {_CLINIC}, {_ID}, consultation CHAR(32) {_NAME}, medicine VARCHAR(120) CHARACTER SET utf8mb4 NOT NULL,
        dose VARCHAR(120) CHARACTER SET utf8mb4 NOT NULL, days SMALLINT UNSIGNED NOT NULL, {_MADE},
        PRIMARY KEY (clinic, id), KEY of_one (clinic, consultation)""",
    PAYMENTS: f"""
        {_CLINIC}, {_ID}, appointment CHAR(32) {_NAME}, amount INT UNSIGNED NOT NULL, currency CHAR(3) {_NAME},
        token VARCHAR(64) {_NAME}, {_MADE},
        PRIMARY KEY (clinic, id), UNIQUE KEY once (clinic, appointment)""",
    REQUESTS: f"""
        {_CLINIC}, request VARCHAR(64) {_NAME}, fingerprint CHAR(64) {_NAME}, answer VARCHAR(1000) {_NAME}, {_MADE},
        PRIMARY KEY (clinic, request), KEY by_age (made_at)""",
    OUTBOX: f"""
        {_ID}, topic VARCHAR(64) {_NAME}, body VARCHAR(1000) {_NAME}, {_MADE},
        PRIMARY KEY (id), KEY by_topic (topic, id)""",
    NOTICES: f"""
        {_CLINIC}, {_ID}, appointment CHAR(32) {_NAME}, event VARCHAR(32) {_NAME}, told_at DATETIME(3), {_MADE},
        PRIMARY KEY (clinic, id), KEY of_one (clinic, appointment, told_at)""",
}
TABLES: Final = tuple(_COLUMNS)


def make(cursor: Cursor) -> None:
    """Make the tables that are not there. Asking first spares the log a warning for each that is."""
    cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()")
    there = {str(row[0]) for row in cursor.fetchall()}
    for table, columns in _COLUMNS.items():
        if table not in there:
            cursor.execute(f"CREATE TABLE IF NOT EXISTS {table} ({columns}) ENGINE=InnoDB")
