"""Markers as rows of the side's database, in a table that the first one to write makes."""

from collections.abc import Mapping
from typing import Final

import pymysql
from pymysql.constants import ER
from pymysql.cursors import Cursor

from service.database import Database, Role
from service.failures import Failure, Reason

TABLE: Final = "continuity_markers"

# Names and digests are ASCII, and compared byte by byte. No account and no person is in it.
_MAKE: Final = f"""
CREATE TABLE IF NOT EXISTS {TABLE} (
  run VARCHAR(63) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  number INT UNSIGNED NOT NULL,
  sha256 CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  written_at DATETIME(3) NOT NULL,
  PRIMARY KEY (run, number)
) ENGINE=InnoDB
"""
_ONE: Final = f"SELECT sha256 FROM {TABLE} WHERE run = %s AND number = %s"  # noqa: S608  the name is our own
_COUNT: Final = f"SELECT COUNT(*) FROM {TABLE} WHERE run = %s"  # noqa: S608  as above
_ALL: Final = f"SELECT number, sha256 FROM {TABLE} WHERE run = %s"  # noqa: S608  as above
# Two who write the same marker at once leave one row: the first one's.
_ADD: Final = f"""
INSERT INTO {TABLE} (run, number, sha256, written_at) VALUES (%s, %s, %s, UTC_TIMESTAMP(3))
ON DUPLICATE KEY UPDATE run = run
"""  # noqa: S608  as above


class Rows:
    """The rows of all runs. Safe to share between threads."""

    def __init__(self, database: Database) -> None:
        """Remember the database; nothing is asked yet."""
        self._database = database

    def add(self, run: str, number: int, sha256: str, most: int) -> str | None:
        """Keep a marker unless one is there; return the checksum of the one that is kept, None if ``most`` others are.

        Raises:
            Failure: the database is read-only, which it is asked first because an account with more rights than ours
                could write to it all the same; or it could not be used.

        """
        if self._database.role() is Role.READER:
            raise Failure(Reason.READ_ONLY)

        def write(cursor: Cursor) -> str | None:
            if not _exists(cursor):
                cursor.execute(_MAKE)
            kept = _one(cursor, run, number)
            if kept is not None:
                return kept
            cursor.execute(_COUNT, (run,))
            if int((cursor.fetchone() or (0,))[0]) >= most:
                return None
            cursor.execute(_ADD, (run, number, sha256))
            return _one(cursor, run, number)

        return self._database.run(write)

    def all(self, run: str) -> Mapping[int, str]:
        """Return the checksums of a run's markers by number; none where no table is.

        Raises:
            Failure: the database could not be used.

        """

        def read(cursor: Cursor) -> Mapping[int, str]:
            if not _exists(cursor):
                return {}
            cursor.execute(_ALL, (run,))
            return {int(number): str(sha256) for number, sha256 in cursor.fetchall()}

        return self._database.run(read)


def _exists(cursor: Cursor) -> bool:
    try:
        cursor.execute(f"SELECT 1 FROM {TABLE} LIMIT 0")  # noqa: S608  as above
    except pymysql.ProgrammingError as error:
        if error.args[0] == ER.NO_SUCH_TABLE:
            return False
        raise
    return True


def _one(cursor: Cursor, run: str, number: int) -> str | None:
    cursor.execute(_ONE, (run, number))
    row = cursor.fetchone()
    return str(row[0]) if row else None
