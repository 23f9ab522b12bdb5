"""A side's MySQL over verified TLS: who opens it, whether it writes, and its accounts."""

from __future__ import annotations

import re
import ssl
from collections.abc import Callable, Generator, Iterable
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING, Final, TypeVar

import pymysql
from pymysql.connections import Connection
from pymysql.constants import ER

from functions.rotation.faults import RotationError
from functions.rotation.settings import Place
from functions.rotation.vault import Values

if TYPE_CHECKING:
    from pymysql.cursors import Cursor

T = TypeVar("T")

SECONDS: Final = 10
"""Longest wait to connect, for an answer, and to send."""

TABLES: Final = (
    "continuity_markers",
    "journey_slots",
    "journey_appointments",
    "journey_consultations",
    "journey_notes",
    "journey_prescriptions",
    "journey_payments",
    "journey_requests",
    "journey_outbox",
    "journey_notices",
)
"""The tables that the starter makes by itself."""

_PASSWORD_EXPIRED: Final = 1862
_ACCOUNT_LOCKED: Final = 3118
_DENIED: Final = frozenset(
    {str(code) for code in (ER.ACCESS_DENIED_ERROR, ER.DBACCESS_DENIED_ERROR, _PASSWORD_EXPIRED, _ACCOUNT_LOCKED)}
)
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,31}")
_ADVICE: Final = "the database did not do what was asked; see that it runs and that its security group lets us in"


class DeniedError(Exception):
    """The database does not let this name in with this password."""


class Database:
    """One instance, by its address."""

    def __init__(self, place: Place, schema: str) -> None:
        """Read the authorities; nothing is connected yet."""
        self._place = place
        self._schema = schema
        self._tls = ssl.create_default_context(cafile=str(place.authority))
        self._tls.minimum_version = ssl.TLSVersion.TLSv1_2

    def opens(self, values: Values, *, schema: bool) -> bool:
        """Whether the door opens; with `schema` the application's data must be within reach too."""
        try:
            self._run([values], lambda cursor: cursor.execute("SELECT 1"), schema=schema)
        except DeniedError:
            return False
        return True

    def writes(self, masters: Iterable[Values]) -> bool:
        """Whether this is the instance that takes writes: after a promotion it knows before anybody else.

        Raises:
            RotationError: it cannot be asked.
        """

        def ask(cursor: Cursor) -> bool:
            cursor.execute("SELECT @@global.read_only")
            row = cursor.fetchone()
            return bool(row) and not row[0]

        return self._as_master(masters, ask)

    def set_account(self, masters: Iterable[Values], account: Values) -> None:
        """Make the account or give it its password, and the rights that the service needs: rows, and its own tables.

        What it had before it keeps, connections included. Raises RotationError.
        """
        name, schema = _checked(account["username"]), _checked(self._schema)
        user = f"'{name}'@'%'"
        rights = (
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON `{schema}`.* TO {user}",
            *(f"GRANT CREATE ON `{schema}`.`{table}` TO {user}" for table in TABLES),
        )

        def change(cursor: Cursor) -> None:
            # The name is ours and checked; the driver quotes the password.
            for verb in ("CREATE USER IF NOT EXISTS", "ALTER USER"):
                cursor.execute(f"{verb} '{name}'@'%%' IDENTIFIED BY %s REQUIRE SSL", (account["password"],))
            for right in rights:
                cursor.execute(right)

        self._as_master(masters, change)

    def set_own_password(self, masters: Iterable[Values], master: Values) -> None:
        """Give the master, as whom this logs in, the password of `master`. Raises RotationError."""
        name = _checked(master["username"])

        def change(cursor: Cursor) -> None:
            cursor.execute(f"ALTER USER '{name}'@'%%' IDENTIFIED BY %s", (master["password"],))

        self._as_master(masters, change)

    def _as_master(self, masters: Iterable[Values], statements: Callable[[Cursor], T]) -> T:
        try:
            return self._run(masters, statements, schema=False)
        except DeniedError:
            raise RotationError(
                "MasterDenied",
                "no version of the master's secret opens the database: set its password there by ModifyDBInstance, "
                "and write it into the secret",
            ) from None

    def _run(self, candidates: Iterable[Values], statements: Callable[[Cursor], T], *, schema: bool) -> T:
        """Return what `statements` return, as the first of the candidates who is let in.

        Raises:
            DeniedError: none is.
            RotationError: the database cannot be used.
        """
        for values in candidates:
            # Only being let in is tried with the next one; a statement that is denied is a fault.
            with (
                suppress(DeniedError),
                self._connected(values, schema=schema) as connection,
                _told(),
                connection.cursor() as cursor,
            ):
                return statements(cursor)
        raise DeniedError

    @contextmanager
    def _connected(self, values: Values, *, schema: bool) -> Generator[Connection[Cursor]]:
        try:
            with _told():
                connection = Connection(
                    host=self._place.host,
                    port=self._place.port,
                    database=self._schema if schema else None,
                    user=values["username"],
                    password=values["password"].encode(),
                    charset="utf8mb4",
                    autocommit=True,
                    ssl=self._tls,
                    connect_timeout=SECONDS,
                    read_timeout=SECONDS,
                    write_timeout=SECONDS,
                )
        except RotationError as error:
            if error.code in _DENIED:
                raise DeniedError from None
            raise
        with closing(connection):
            yield connection


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise RotationError("NameRefused", "an account or schema has up to 32 of a-z, 0-9 and _, a letter first")
    return name


@contextmanager
def _told() -> Generator[None]:
    """Translate what the driver raises: its messages may quote a statement, and with it a password."""
    try:
        yield
    except (pymysql.MySQLError, OSError) as error:
        code = str(error.args[0]) if error.args and isinstance(error.args[0], int) else type(error).__name__
        raise RotationError(code, _ADVICE) from None
