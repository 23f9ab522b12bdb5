"""The stores against real servers, where a process of the service is not needed."""

import json
from pathlib import Path

import pymysql
import pytest

from service import config
from service.cache import SECONDS, Cache
from service.credentials import RotatingSecret
from service.database import Database, Role
from service.failures import Failure, Reason
from service.pool import Limits
from tests.service.certificates import Authority
from tests.service.servers import MariaDb, Valkey, free_port


def database_at(server: MariaDb, authority: Path, host: str = "localhost", name: str = "medical") -> Database:
    """Return the store, with the right password."""
    secret = json.dumps({"username": "service", "password": server.password})
    settings = config.Database(host=host, port=server.port, name=name, secret="any", authority=authority)  # noqa: S106  a name
    return Database(settings, RotatingSecret("any", ("username", "password"), lambda _: secret), Limits(size=2))


def cache_at(
    server: Valkey, authority: Path, host: str = "localhost", port: int = 0, seconds: float = SECONDS
) -> Cache:
    """Return the store, with the right token."""
    settings = config.Cache(host=host, port=port or server.port, secret="any", authority=authority)  # noqa: S106  a name
    return Cache(settings, RotatingSecret("any", ("token",), lambda _: json.dumps({"token": server.token})), seconds)


def test_right_authority_and_host_are_trusted(database: MariaDb, cache: Valkey, authority: Authority) -> None:
    store = database_at(database, authority.certificate)
    assert Role.WRITER == store.role()
    store.close()
    other = cache_at(cache, authority.certificate)
    assert b"b" == other.run(lambda client: client.set("a", "b") and client.get("a"))
    other.close()


@pytest.mark.parametrize("fault", ["a foreign authority", "another host's certificate", "no TLS at all"])
def test_a_database_that_cannot_prove_itself_gets_no_password(
    fault: str, database: MariaDb, authority: Authority, foreign_authority: Authority
) -> None:
    believed = foreign_authority if fault == "a foreign authority" else authority
    host = "127.0.0.1" if fault == "another host's certificate" else "localhost"  # certificates are for localhost
    if fault == "no TLS at all":
        database.stop()
        database.start(with_tls=False)
    try:
        with pytest.raises(Failure) as refusal:
            database_at(database, believed.certificate, host).role()
    finally:
        if fault == "no TLS at all":
            database.stop()
    assert Reason.UNTRUSTED == refusal.value.reason


@pytest.mark.parametrize("fault", ["a foreign authority", "another host's certificate"])
def test_a_cache_that_cannot_prove_itself_gets_no_token(
    fault: str, cache: Valkey, authority: Authority, foreign_authority: Authority
) -> None:
    believed = foreign_authority if fault == "a foreign authority" else authority
    host = "127.0.0.1" if fault == "another host's certificate" else "localhost"
    with pytest.raises(Failure) as refusal:
        cache_at(cache, believed.certificate, host).ping()
    assert Reason.UNTRUSTED == refusal.value.reason


def test_a_schema_that_is_not_granted_is_refused(database: MariaDb, authority: Authority) -> None:
    with pytest.raises(Failure) as refusal:
        database_at(database, authority.certificate, name="elsewhere").role()
    assert Reason.REFUSED == refusal.value.reason


def test_nobody_listening_is_unreachable(cache: Valkey, authority: Authority) -> None:
    with pytest.raises(Failure) as refusal:
        cache_at(cache, authority.certificate, port=free_port()).ping()
    assert Reason.UNREACHABLE == refusal.value.reason


def test_a_connection_that_was_cut_is_replaced_before_it_is_lent(database: MariaDb, authority: Authority) -> None:
    store = database_at(database, authority.certificate)
    assert Role.WRITER == store.role()
    database.disconnect_everybody()
    assert Role.WRITER == store.role()
    store.close()


def test_what_was_not_committed_is_not_kept(database: MariaDb, authority: Authority) -> None:
    database.sql("CREATE TABLE IF NOT EXISTS medical.note (text VARCHAR(20))", "TRUNCATE medical.note")
    store = database_at(database, authority.certificate)

    def fail_half_way() -> None:
        with store.connection() as link, link.cursor() as cursor:
            link.begin()
            cursor.execute("INSERT INTO note VALUES ('lost')")
            cursor.execute("SELECT nonsense FROM nowhere")

    with pytest.raises(pymysql.ProgrammingError):
        fail_half_way()
    with store.connection() as link, link.cursor() as cursor:
        cursor.execute("INSERT INTO note VALUES ('kept')")
        cursor.execute("SELECT text FROM note")
        assert (("kept",),) == cursor.fetchall()
    store.close()


def test_the_account_may_not_write_on_a_replica(database: MariaDb, authority: Authority) -> None:
    database.sql("CREATE TABLE IF NOT EXISTS medical.note (text VARCHAR(20))", "SET GLOBAL read_only = 1")
    store = database_at(database, authority.certificate)
    assert Role.READER == store.role()
    with pytest.raises(pymysql.MySQLError, match="read-only"), store.connection() as link, link.cursor() as cursor:
        cursor.execute("INSERT INTO note VALUES ('x')")
    store.close()
