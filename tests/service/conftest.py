"""Starts what the service needs, once for all tests, and stops it again whatever happens."""

import copy
import json
import os
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest
from moto.server import ThreadedMotoServer

from tests.service.certificates import Authority
from tests.service.drills import Sts
from tests.service.journeys import PEOPLE
from tests.service.running import Json, Service, Start, section
from tests.service.servers import Aws, MariaDb, Valkey, find, free_port
from tests.service.settings import configuration


@pytest.fixture(scope="session", autouse=True)
def _aws_of_tests() -> Generator[None]:
    """No test can reach a real account by accident."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "testing")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        yield


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs real servers, by its fixtures, so that none is forgotten; skip it where there are none."""
    reason = _missing()
    for item in items:
        if isinstance(item, pytest.Function) and "programs" in item.fixturenames:
            item.add_marker(pytest.mark.service)
            if reason and not _in_ci():
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def programs() -> None:
    """Fail in CI without MariaDB and Valkey or Redis: there nothing is skipped."""
    if reason := _missing():
        pytest.fail(reason)


def _missing() -> str | None:
    wanted = {"mariadbd": ("mariadbd",), "valkey-server (or redis-server)": ("valkey-server", "redis-server")}
    missing = " and ".join(name for name, choices in wanted.items() if not find(*choices))
    return f"not on this machine: {missing}; run tests/install-services as root" if missing else None


def _in_ci() -> bool:
    return os.environ.get("CI") == "true"


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tls"), "authority")


@pytest.fixture(scope="session")
def foreign_authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("foreign"), "foreign")


@pytest.fixture(scope="module")
def aws() -> Generator[Aws]:
    """AWS, anew for each module: what is tested in between in this process empties moto."""
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        endpoint = f"http://{host}:{port}"
        yield Aws(endpoint)
        httpx.post(f"{endpoint}/moto-api/reset").raise_for_status()  # its content would outlive the server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def started_sts() -> Generator[Sts]:
    with Sts(*PEOPLE.values()) as server:
        yield server


@pytest.fixture
def sts(started_sts: Sts) -> Generator[Sts]:
    """AWS STS, which has not been asked anything, and answers as it should again after the test."""
    started_sts.forget()
    yield started_sts
    started_sts.forget()


@pytest.fixture(scope="session")
def started_database(
    programs: None,  # noqa: ARG001  only for its refusal
    authority: Authority,
    tmp_path_factory: pytest.TempPathFactory,
) -> Generator[MariaDb]:
    server = MariaDb(tmp_path_factory.mktemp("db"), authority)
    try:
        server.install()
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def started_cache(
    programs: None,  # noqa: ARG001  only for its refusal
    authority: Authority,
    tmp_path_factory: pytest.TempPathFactory,
) -> Generator[Valkey]:
    server = Valkey(tmp_path_factory.mktemp("cache"), authority)
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture
def database(started_database: MariaDb) -> Generator[MariaDb]:
    """The database, a writer that runs: before the test, and again after it whatever the test does."""
    yield started_database
    started_database.start()
    started_database.sql("SET GLOBAL read_only = 0")


@pytest.fixture
def cache(started_cache: Valkey) -> Generator[Valkey]:
    """The cache, which runs: before the test, and again after it whatever the test does."""
    yield started_cache
    started_cache.start()


@pytest.fixture(scope="module")
def settings(aws: Aws, authority: Authority, started_database: MariaDb, started_cache: Valkey) -> Json:
    """What the service is told when all is well."""
    return configuration(aws, authority, started_database, started_cache)


@pytest.fixture(scope="session")
def hidden(started_database: MariaDb, started_cache: Valkey) -> set[str]:
    """Every secret of these tests: what no process may ever write. A test that makes another adds it."""
    return {started_database.password, started_cache.token}


@pytest.fixture(scope="module")
def endpoints(aws: Aws, started_sts: Sts) -> tuple[str, str]:
    """Where the service finds AWS, and where STS."""
    return aws.endpoint, started_sts.endpoint


@contextmanager
def _running(
    directory: Path, config: Json, authority: Authority, endpoints: tuple[str, str], hidden: set[str]
) -> Generator[Service]:
    service = Service(directory, config, authority.certificate, *endpoints)
    try:
        service.start()
        yield service
    finally:
        service.stop()
    assert [json.loads(line) for line in service.output.splitlines()], "every line is JSON"
    assert not [secret for secret in hidden if secret in service.output], "a secret was written"


@pytest.fixture
def config(settings: Json) -> Json:
    """A copy to change, with a port of its own."""
    own = copy.deepcopy(settings)
    section(own, "listen")["port"] = free_port()
    return own


@pytest.fixture
def start(
    tmp_path_factory: pytest.TempPathFactory, authority: Authority, endpoints: tuple[str, str], hidden: set[str]
) -> Generator[Start]:
    """Starts services that end with the test, and sees that none has written a secret."""
    with ExitStack() as running:

        def start_one(config: Json) -> Service:
            folder = tmp_path_factory.mktemp("service")
            return running.enter_context(_running(folder, config, authority, endpoints, hidden))

        yield start_one


@pytest.fixture(scope="module")
def steady(
    tmp_path_factory: pytest.TempPathFactory,
    settings: Json,
    authority: Authority,
    endpoints: tuple[str, str],
    hidden: set[str],
) -> Generator[Service]:
    """One service for all tests of a module that leave it as it was."""
    own = copy.deepcopy(settings)
    section(own, "listen")["port"] = free_port()
    with _running(tmp_path_factory.mktemp("service"), own, authority, endpoints, hidden) as service:
        yield service
