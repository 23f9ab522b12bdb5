"""The side's MySQL: pooled connections over verified TLS, and whether the side may write."""

import contextlib
import ssl
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from enum import StrEnum
from typing import TypeAlias, TypeVar

import pymysql
from pymysql.connections import Connection
from pymysql.constants import CR, ER
from pymysql.cursors import Cursor

from service import tls
from service.config import Database as Settings
from service.credentials import RotatingSecret, Secret
from service.failures import Failure, Reason
from service.pool import Limits, Pool

T = TypeVar("T")

SECONDS = 2.0
"""Longest wait to connect, for an answer, and to send."""

Link: TypeAlias = "Connection[Cursor]"
"""One connection. Written as text because only the type checker knows that it has a cursor's type."""

_PASSWORD_EXPIRED = 1862
_ACCOUNT_LOCKED = 3118
_READ_ONLY_MODE = 1836
_REASONS = {
    ER.ACCESS_DENIED_ERROR: Reason.REFUSED,
    ER.DBACCESS_DENIED_ERROR: Reason.REFUSED,
    ER.TABLEACCESS_DENIED_ERROR: Reason.REFUSED,
    _PASSWORD_EXPIRED: Reason.REFUSED,
    _ACCOUNT_LOCKED: Reason.REFUSED,
    ER.BAD_DB_ERROR: Reason.MISSING,
    ER.NO_SUCH_TABLE: Reason.MISSING,
    CR.CR_SSL_CONNECTION_ERROR: Reason.UNTRUSTED,
    ER.OPTION_PREVENTS_STATEMENT: Reason.READ_ONLY,  # the option is --read-only: no other stops what we execute
    _READ_ONLY_MODE: Reason.READ_ONLY,
}


_ATTEMPTS = 4
"""How often a transaction is begun that the database ends because others hold its rows."""


class _CrowdedError(Exception):
    """Others held the rows, and the database ended the transaction."""


class Role(StrEnum):
    """What the database lets us do."""

    WRITER = "writer"
    READER = "reader"


class Database:
    """A pool of connections. Safe to share between threads."""

    def __init__(self, settings: Settings, secret: RotatingSecret, limits: Limits | None = None) -> None:
        """Read the authorities; nothing is connected yet.

        Raises:
            OSError: the authorities' file cannot be read.

        """
        self._settings = settings
        self._secret = secret
        self._tls = tls.client_context(settings.authority)
        self._pool = Pool(open_item=self._open, is_healthy=_answers, discard=_close, limits=limits)

    def connection(self) -> AbstractContextManager[Link]:
        """Lend a connection in autocommit mode; ``begin()`` starts a transaction. It is closed if the body raises.

        Raises:
            Failure: no connection could be had. What the body's own statements raise is left as it is.

        """
        return self._pool.lease()

    def run(self, statements: Callable[[Cursor], T]) -> T:
        """Return what ``statements`` returns, in autocommit mode.

        Raises:
            Failure: the database could not be used, or takes no writes.

        """
        try:
            with self.connection() as connection, connection.cursor() as cursor:
                return statements(cursor)
        except pymysql.MySQLError as error:
            raise _failure(error) from None

    def transaction(self, statements: Callable[[Cursor], T], undo: type[Exception] = Failure) -> T:
        """Return what ``statements`` returns, committed whole; if they raise ``undo``, nothing of it is kept.

        What only waited for somebody else's rows is done again, so ``statements`` may be called more than once.

        Raises:
            Failure: the database is read-only, which it is asked first because an account with more rights than ours
                could write to it all the same; or it could not be used.

        """
        for _ in range(_ATTEMPTS - 1):
            with contextlib.suppress(_CrowdedError):
                return self._attempt(statements, undo)
        try:
            return self._attempt(statements, undo)
        except _CrowdedError:
            raise Failure(Reason.TIMEOUT, "rows") from None

    def _attempt(self, statements: Callable[[Cursor], T], undo: type[Exception]) -> T:
        try:
            with self.connection() as connection, connection.cursor() as cursor:
                connection.begin()
                try:
                    if _role(cursor) is Role.READER:
                        raise Failure(Reason.READ_ONLY)  # noqa: TRY301  to be rolled back like the others
                    result = statements(cursor)
                except (undo, Failure) as error:
                    connection.rollback()
                    refused = error
                else:
                    connection.commit()
                    return result
        except pymysql.MySQLError as error:
            if error.args and error.args[0] in (ER.LOCK_DEADLOCK, ER.LOCK_WAIT_TIMEOUT):
                raise _CrowdedError from None
            raise _failure(error) from None
        raise refused

    def role(self) -> Role:
        """Ask the database which it is: after a promotion it knows before anybody else.

        Raises:
            Failure: the database could not be asked.

        """
        return self.run(_role)

    def close(self) -> None:
        """Close the connections that are not in use, and the others when they come back."""
        self._pool.close()

    def _open(self) -> Link:
        return self._secret.authenticated(self._connect)

    def _connect(self, secret: Secret) -> Link:
        try:
            return Connection(
                host=self._settings.host,
                port=self._settings.port,
                database=self._settings.name,
                user=secret["username"],
                password=secret["password"].encode(),
                charset="utf8mb4",
                autocommit=True,
                ssl=self._tls,
                connect_timeout=SECONDS,
                read_timeout=SECONDS,
                write_timeout=SECONDS,
            )
        except pymysql.MySQLError as error:
            raise _failure(error) from None


def _role(cursor: Cursor) -> Role:
    cursor.execute("SELECT @@global.read_only")
    row = cursor.fetchone()
    return Role.READER if row and row[0] else Role.WRITER


def _answers(connection: Link) -> bool:
    try:
        connection.ping(reconnect=False)
    except (pymysql.MySQLError, OSError):
        return False
    return True


def _close(connection: Link) -> None:
    with contextlib.suppress(pymysql.MySQLError, OSError):
        connection.close()


def _failure(error: pymysql.MySQLError) -> Failure:
    code = error.args[0] if error.args and isinstance(error.args[0], int) else 0
    detail = f"{type(error).__name__} {code}"
    causes = tuple(_causes(error))
    if any(isinstance(cause, TimeoutError) for cause in causes):
        return Failure(Reason.TIMEOUT, detail)
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return Failure(Reason.UNTRUSTED, detail)
    return Failure(_REASONS.get(code, Reason.UNREACHABLE), detail)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
