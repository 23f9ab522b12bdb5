"""The whole service: the real process over HTTPS, a real database, a real cache, AWS as moto serves it."""

import re
import secrets
import socket
import threading
import time
from collections.abc import Generator

import httpx
import pytest

from tests.service.running import Json, Service, Start, section
from tests.service.servers import Aws, MariaDb, Valkey


def test_with_a_writer_and_everything_in_place_it_is_ready(steady: Service, database: MariaDb, cache: Valkey) -> None:
    del database, cache
    report = steady.becomes("ready")
    place = {key: report[key] for key in ("cell", "side", "region", "release")}
    assert {"cell": "us", "side": "home", "region": "us-east-2", "release": "starter"} == place
    checks = section(report, "checks")
    assert {"database", "cache", "bucket"} == set(checks)
    assert "writer" == section(checks, "database")["role"]
    assert steady.get("/readyz").status_code == 200


def test_on_a_replica_it_is_read_only_and_still_answers_200(steady: Service, database: MariaDb) -> None:
    database.sql("SET GLOBAL read_only = 1")
    report = steady.becomes("read-only")
    assert "reader" == section(section(report, "checks"), "database")["role"]
    assert steady.get("/readyz").status_code == 200, "recovery serves reads: it must not be taken out"
    assert "Read-only" in steady.get("/").text


def test_it_outlives_its_database_and_its_cache_and_needs_no_restart(
    steady: Service, database: MariaDb, cache: Valkey
) -> None:
    steady.becomes("ready")
    database.kill()
    checks = section(steady.fails("database", "unreachable"), "checks")
    assert section(checks, "cache")["ok"], "a check does not suffer from another"
    assert steady.get("/livez").status_code == 200, "a lost database must not have every instance replaced"
    cache.stop()
    database.start()
    checks = section(steady.fails("cache", "unreachable"), "checks")
    assert section(checks, "database")["ok"], "it comes back by itself"
    cache.start()
    steady.becomes("ready")


def test_a_bucket_or_a_secret_that_is_not_there_is_missing_until_it_is(
    start: Start, config: Json, database: MariaDb, cache: Valkey, aws: Aws
) -> None:
    del database
    section(config, "buckets").update({"uploads": "medical-later"})
    section(config, "cache").update({"secret": "medical/later"})
    service = start(config)
    service.fails("bucket", "missing")
    service.fails("cache", "missing")
    aws.create_bucket("medical-later")
    aws.secret({"token": cache.token}, "medical/later")
    service.becomes("ready")


def test_wrong_secrets_are_told_but_not_shown_and_rotating_them_mends_it(
    start: Start, config: Json, database: MariaDb, cache: Valkey, aws: Aws, hidden: set[str]
) -> None:
    wrong = secrets.token_hex(16)
    hidden.add(wrong)
    password, token = aws.secret({"username": "service", "password": wrong}), aws.secret({"token": wrong})
    section(config, "database")["secret"], section(config, "cache")["secret"] = password, token
    service = start(config)
    service.fails("database", "refused credentials")
    service.fails("cache", "refused credentials")
    said = service.get("/").text + service.get("/readyz").text
    assert not [word for word in (*hidden, "localhost", str(database.port), "arn:aws") if word in said]
    assert not [secret for secret in hidden if secret in service.output]
    aws.rotate(password, {"username": "service", "password": database.password})
    aws.rotate(token, {"token": cache.token})
    service.becomes("ready")


def test_a_rotation_under_a_running_service_passes_unnoticed(
    start: Start, config: Json, database: MariaDb, cache: Valkey, aws: Aws, hidden: set[str]
) -> None:
    old, fresh = database.password, secrets.token_hex(16)
    old_token, fresh_token = cache.token, secrets.token_hex(16)
    hidden.update((fresh, fresh_token))
    password = aws.secret({"username": "service", "password": old})
    token = aws.secret({"token": cache.token})
    section(config, "database")["secret"], section(config, "cache")["secret"] = password, token
    service = start(config)
    service.becomes("ready")
    try:
        cache.rotate(fresh_token)
        aws.rotate(token, {"token": fresh_token})
        database.sql(f"ALTER USER 'service'@'%' IDENTIFIED BY '{fresh}'")
        aws.rotate(password, {"username": "service", "password": fresh})
        database.disconnect_everybody()
        service.becomes("ready")
        assert "refused" not in service.output, "the first refusal fetches the secret and tries again"
    finally:
        cache.rotate(old_token)
        database.sql(f"ALTER USER 'service'@'%' IDENTIFIED BY '{old}'")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/", 200), ("GET", "/livez", 200), ("GET", "/readyz", 200), ("GET", "/no", 404), ("POST", "/", 405)],
)
def test_every_answer_carries_the_security_headers_and_no_banner(
    method: str, path: str, status: int, steady: Service, database: MariaDb
) -> None:
    del database
    steady.becomes("ready")
    answer = steady.request(method, path)
    assert status == answer.status_code
    assert "max-age=" in answer.headers["Strict-Transport-Security"]
    assert "nosniff" == answer.headers["X-Content-Type-Options"]
    assert "DENY" == answer.headers["X-Frame-Options"]
    assert "no-store" == answer.headers["Cache-Control"]
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "Server" not in answer.headers


def test_the_access_log_has_the_trace_id_and_neither_query_nor_unknown_paths(steady: Service) -> None:
    trace = f"Root=1-67891233-{secrets.token_hex(12)}"
    answer = steady.get("/livez?patient=Erika-Mustermann", X_Amzn_Trace_Id=trace)
    steady.get("/patients/Erika-Mustermann")
    assert trace == answer.headers["X-Amzn-Trace-Id"]
    line = next(line for line in steady.lines("request") if line["trace"] == trace)
    assert ("GET", "/livez", 200) == (line["method"], line["path"], line["status"])
    assert "Erika-Mustermann" not in steady.output, "what a visitor types may name a patient"


def test_a_trace_id_that_is_none_is_replaced(steady: Service) -> None:
    answer = steady.get("/livez", X_Amzn_Trace_Id='"} injected {"')
    assert re.fullmatch(r"Root=1-[0-9a-f]{8}-[0-9a-f]{24}", answer.headers["X-Amzn-Trace-Id"])


def test_old_tls_is_refused(steady: Service) -> None:
    context = steady.context()
    with pytest.warns(DeprecationWarning, match="deprecated"):
        context.maximum_version = context.maximum_version.TLSv1_1
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{steady.address}/livez", verify=context)


@pytest.fixture
def black_hole() -> Generator[int]:
    """A port that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield int(listener.getsockname()[1])


def test_a_hanging_cache_delays_nobody_else_and_sigterm_finishes_what_is_under_way(
    start: Start, config: Json, database: MariaDb, black_hole: int
) -> None:
    del database
    section(config, "cache").update(host="127.0.0.1", port=black_hole)
    service = start(config)
    answers: list[httpx.Response] = []
    slow = threading.Thread(target=lambda: answers.append(service.get("/readyz")))
    slow.start()
    time.sleep(0.2)
    assert service.get("/livez").elapsed.total_seconds() < 0.5
    with service.idle_connection():  # as the load balancer keeps them
        service.terminate()
        slow.join(10)
        assert 0 == service.ends(within_seconds=5), "a stop that was asked for is a success, and waits for nobody idle"
    answer = answers[0]
    checks = answer.json()["checks"]
    assert 503 == answer.status_code, "a request under way is answered"
    assert 2 <= answer.elapsed.total_seconds() < 3.5, "a check is bounded at two seconds"
    assert ("timeout", True) == (checks["cache"]["reason"], checks["database"]["ok"])
