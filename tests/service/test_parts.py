"""The parts that further endpoints will use: pool, secrets, logs, authorities."""

import json
import logging
import ssl
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
import redis
from cryptography import x509

from service import logs, tls
from service.credentials import RotatingSecret, Secret
from service.failures import Failure, Reason
from service.pool import Limits, Pool
from tests.service.running import ROOT, environment


class Things:
    """What a pool may hold, with a record of what became of each."""

    def __init__(self) -> None:
        """Begin with none."""
        self.opened = 0
        self.discarded: list[int] = []
        self.sick: set[int] = set()

    def pool(self, **limits: float) -> Pool[int]:
        """Return a pool of these."""
        size = int(limits.pop("size", 2))
        return Pool(
            open_item=self._open,
            is_healthy=lambda item: item not in self.sick,
            discard=self.discarded.append,
            limits=Limits(size=size, wait_seconds=0.05, **limits),
        )

    def _open(self) -> int:
        self.opened += 1
        return self.opened


def test_a_pool_lends_the_same_item_again_and_never_more_than_its_size() -> None:
    things = Things()
    pool = things.pool(size=2)
    for _ in range(3):
        with pool.lease() as item:
            assert 1 == item
    with pool.lease(), pool.lease(), pytest.raises(Failure) as refusal, pool.lease():
        pytest.fail("a third was lent")
    assert Reason.TIMEOUT == refusal.value.reason
    with pool.lease(), pool.lease():
        assert 2 == things.opened


def test_a_pool_replaces_what_is_sick_old_or_was_used_in_vain() -> None:
    things = Things()
    pool = things.pool()
    with pool.lease() as item:
        things.sick.add(item)
    with pool.lease() as item:
        assert 2 == item
    with pytest.raises(ValueError, match="body"), pool.lease():
        raise ValueError("body")
    with pool.lease() as item:
        assert 3 == item
    assert [1, 2] == things.discarded
    aged = Things()
    pool = aged.pool(age_seconds=0)
    for expected in (1, 2):
        with pool.lease() as item:
            assert expected == item


def test_a_pool_whose_opening_fails_keeps_its_places() -> None:
    def fail() -> int:
        raise Failure(Reason.UNREACHABLE)

    pool = Pool(open_item=fail, is_healthy=bool, discard=print, limits=Limits(size=1, wait_seconds=0.05))
    for _ in range(3):
        with pytest.raises(Failure) as refusal, pool.lease():
            pytest.fail("something was lent")
        assert Reason.UNREACHABLE == refusal.value.reason


def test_a_closed_pool_discards_what_comes_back() -> None:
    things = Things()
    pool = things.pool()
    with pool.lease():
        pool.close()
        assert [] == things.discarded
    assert [1] == things.discarded


def test_a_refused_secret_is_fetched_again_but_not_in_a_flood(monkeypatch: pytest.MonkeyPatch) -> None:
    fetched: list[str] = []
    versions = iter(('{"token": "old"}', '{"token": "new"}'))

    def read(name: str) -> str:
        fetched.append(name)
        return next(versions)

    def attempt(given: Secret) -> str:
        if given["token"] == "old":  # noqa: S105  a made-up one
            raise Failure(Reason.REFUSED)
        return given["token"]

    secret = RotatingSecret("a", ("token",), read)
    with pytest.raises(Failure):
        secret.authenticated(attempt)
    assert ["a"] == fetched, "it was fetched a moment ago: not again at once"
    monkeypatch.setattr("service.credentials.REFETCH_SECONDS", 0)
    assert "new" == secret.authenticated(attempt)
    assert "new" == secret.authenticated(attempt)
    assert ["a", "a"] == fetched


def test_a_failure_that_is_no_refusal_fetches_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.credentials.REFETCH_SECONDS", 0)
    fetched: list[str] = []

    def read(name: str) -> str:
        fetched.append(name)
        return '{"token": "t"}'

    def attempt(_: Secret) -> None:
        raise Failure(Reason.UNREACHABLE)

    secret = RotatingSecret("a", ("token",), read)
    for _ in range(3):
        with pytest.raises(Failure):
            secret.authenticated(attempt)
    assert ["a"] == fetched


def test_many_threads_that_are_refused_fetch_once(monkeypatch: pytest.MonkeyPatch) -> None:
    versions = iter(('{"token": "old"}', '{"token": "new"}'))
    secret = RotatingSecret("a", ("token",), lambda _: next(versions))
    secret.get()
    monkeypatch.setattr("service.credentials.REFETCH_SECONDS", 0)
    together = threading.Barrier(8)
    results: list[str] = []

    def attempt(given: Secret) -> str:
        if given["token"] == "old":  # noqa: S105  a made-up one
            together.wait(5)
            raise Failure(Reason.REFUSED)
        return given["token"]

    threads = [threading.Thread(target=lambda: results.append(secret.authenticated(attempt))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)
    assert ["new"] * 8 == results, "a second fetch would have found no further version"


@pytest.mark.parametrize("text", ["", "hunter2", '"hunter2"', '{"password": "hunter2"}', '{"username": 1}'])
def test_a_malformed_secret_is_told_without_its_value(text: str) -> None:
    with pytest.raises(Failure) as refusal:
        RotatingSecret("a", ("username", "password"), lambda _: text).get()
    assert Reason.MALFORMED == refusal.value.reason
    assert "hunter2" not in f"{refusal.value!r} {refusal.value.detail}"


def test_a_secret_does_not_show_itself() -> None:
    secret = Secret({"password": "hunter2"})
    assert "hunter2" not in f"{secret} {secret!r} {[secret]}"


def test_a_logged_exception_is_its_type_and_place_without_its_message(capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    root.handlers.clear()
    try:
        logs.configure()
        try:
            int("hunter2")
        except ValueError:
            logging.getLogger("some").exception("it failed")
        logs.event(logging.getLogger("other"), "request", path="/\n", status=200)
    finally:
        root.handlers[:] = before[0]
        root.setLevel(before[1])
    failed, request = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert ("it failed", "ValueError", "error") == (failed["event"], failed["error"], failed["level"])
    assert __file__ in failed["at"][-1]
    assert "hunter2" not in json.dumps(failed)
    assert ("request", "/\n", 200) == (request["event"], request["path"], request["status"])


@pytest.mark.parametrize("region", tls.rds_authorities())
def test_the_authorities_of_rds_are_three_of_that_region_and_valid_for_decades(region: str) -> None:
    found = x509.load_pem_x509_certificates(tls.rds_authorities()[region].read_bytes())
    names = {certificate.subject.rfc4514_string() for certificate in found}
    for algorithm in ("RSA2048", "RSA4096", "ECC384"):
        assert any(f"CN=Amazon RDS {region} Root CA {algorithm} G1" in name for name in names)
    for certificate in found:
        certificate.verify_directly_issued_by(certificate)
        assert certificate.not_valid_after_utc > datetime(2060, 1, 1, tzinfo=UTC)
    assert 3 == tls.client_context(tls.rds_authorities()[region]).cert_store_stats()["x509_ca"]


def test_every_region_of_the_design_has_its_authorities() -> None:
    cells = {"us-east-2", "us-west-2", "eu-central-1", "eu-west-1", "ap-northeast-1", "ap-northeast-3"}
    assert cells <= set(tls.rds_authorities())


def test_our_contexts_check_the_host_and_refuse_old_tls() -> None:
    for authority in (None, tls.rds_authorities()["us-east-2"]):
        context = tls.client_context(authority)
        assert context.check_hostname
        assert ssl.CERT_REQUIRED == context.verify_mode
        assert context.minimum_version >= ssl.TLSVersion.TLSv1_2


RELEASE = (
    *("service", "starlette", "uvicorn", "pymysql", "redis", "botocore"),
    *("anyio", "click", "dateutil", "h11", "idna", "jmespath", "six.py", "typing_extensions.py", "urllib3"),
)
"""What is packed side by side: the service, the packages it names and theirs. All are pure Python."""


def test_the_release_runs_from_its_own_packages_alone(tmp_path: Path) -> None:
    for name in RELEASE:
        origin = ROOT if name == "service" else Path(redis.__file__).parents[1]
        (tmp_path / name).symlink_to(origin / name)
        assert not list((origin / name).rglob("*.so")), f"{name} has a binary: it would not run on the instances' arm64"
    program = "import service.__main__, uvicorn.protocols.http.h11_impl, uvicorn.lifespan.on"
    done = subprocess.run(  # noqa: S603  our own arguments
        [sys.executable, "-S", "-W", "error", "-c", f"{program}; service.aws.s3('us-east-2')"],
        cwd=tmp_path,
        env=environment(PYTHONPATH=str(tmp_path), AWS_EC2_METADATA_DISABLED="true"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (0, "") == (done.returncode, done.stderr)
