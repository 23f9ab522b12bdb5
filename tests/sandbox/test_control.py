"""The control of the local cloud, over HTTP and in this process: one interface, the same answers."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError

from domain import markers
from ops.sandbox.cells import control
from ops.sandbox.cells.polling import waits_let_go
from ops.sandbox.physics.clock import START
from ops.sandbox.physics.world import World
from ops.sandbox.remote import MOST_CATCH_UP_SECONDS, GoneError, LocalWorld, RemoteWorld, WorldError
from tests.small_cell import CELL, DOMAIN, SmallCell, small_cell
from tests.support import HOME, RECOVERY

ONCE = Config(retries={"total_max_attempts": 1})
NAME = f"{CELL}.app.{DOMAIN}"


class Watch:
    """A wall clock that tests turn."""

    def __init__(self) -> None:
        """Zero."""
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture(scope="module")
def cell() -> Iterator[SmallCell]:
    with small_cell() as small:
        yield small


@pytest.fixture(scope="module")
def built(cell: SmallCell) -> Iterator[World]:
    world = World(cell.account)
    with world.installed():
        yield world


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def local(built: World, watch: Watch) -> LocalWorld:
    built.begin(1)
    return LocalWorld(built, lambda settings: {"changed": sorted(settings)}, monotonic=watch)


@pytest.fixture
def url(local: LocalWorld) -> Iterator[str]:
    server = control.serve(local)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://{server.host}:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(params=["local", "remote"])
def driven(request: pytest.FixtureRequest, local: LocalWorld) -> Iterator[LocalWorld | RemoteWorld]:
    if request.param == "local":
        local.begin(7)
        yield local
        return
    remote = RemoteWorld(request.getfixturevalue("url"))
    remote.begin(7)
    yield remote
    remote.close()


@pytest.fixture
def client(url: str) -> Callable[[str, str], Any]:
    """boto3 over HTTP: as whoever knows the endpoint."""

    def make(service: str, region: str) -> Any:  # noqa: ANN401 - boto3's clients have no static type
        session: Any = boto3.Session("whoever", "whatever", region_name=region)
        return session.client(service, endpoint_url=url, config=ONCE)

    return make


def ask(url: str, method: str, path: str, body: bytes = b"") -> tuple[int, dict[str, Any]]:
    connection = http.client.HTTPConnection(url.removeprefix("http://"))
    connection.request(method, path, body)
    answer = connection.getresponse()
    content = answer.status, json.loads(answer.read())
    connection.close()
    return content


def test_time_passes_when_it_is_told_to_and_not_otherwise(driven: LocalWorld | RemoteWorld, watch: Watch) -> None:
    watch.seconds += 1000
    assert START == driven.now()
    assert START + timedelta(seconds=90) == driven.advance(90)
    assert START + timedelta(seconds=90) == driven.now()
    with pytest.raises(WorldError):
        driven.advance(-1)


def test_faults_are_injected_listed_and_lifted(driven: LocalWorld | RemoteWorld) -> None:
    assert [] == driven.faults()
    expected = {"fault": "replica-behind", "region": RECOVERY, "parameters": {"seconds": 60}}
    assert expected == driven.inject("replica-behind", RECOVERY, {"seconds": 60})
    assert [expected] == driven.faults()
    assert driven.lift("replica-behind", RECOVERY)
    assert not driven.lift("replica-behind", RECOVERY), "it is over already"
    with pytest.raises(WorldError, match="no fault of the local cloud"):
        driven.inject("earthquake", HOME)
    with pytest.raises(WorldError, match="no fault of the local cloud"):
        driven.lift("earthquake", HOME)


def test_a_client_resolves_and_asks_the_application(driven: LocalWorld | RemoteWorld, cell: SmallCell) -> None:
    address, cached = driven.resolve("somebody", NAME)
    assert (cell.manifest.home.load_balancer, False) == (address, cached)
    assert (address, True) == driven.resolve("somebody", NAME)
    status, body = driven.request(address, "GET", "/readyz")
    assert (200, "home") == (status, body["side"])
    status, body = driven.request(address, "PUT", markers.path("run-1", 1))
    assert (201, True) == (status, body["row"])


def test_where_nobody_answers_the_caller_is_told_so(driven: LocalWorld | RemoteWorld, cell: SmallCell) -> None:
    driven.inject("region-dark", HOME)
    with pytest.raises(GoneError, match="does not answer"):
        driven.request(cell.manifest.home.load_balancer, "GET", "/readyz")
    with pytest.raises(GoneError):
        driven.resolve("somebody", "nowhere.example.com")
    assert 200 == driven.request(cell.manifest.recovery.load_balancer, "GET", "/readyz")[0]


def test_the_clock_of_whoever_drills_can_be_wrong(driven: LocalWorld | RemoteWorld) -> None:
    driven.inject("clock-skew")
    assert START + timedelta(seconds=240) == driven.now()
    driven.lift("clock-skew")
    assert START == driven.now()


def test_settings_are_applied_and_what_has_changed_is_told(driven: LocalWorld | RemoteWorld) -> None:
    assert {"changed": ["homeGeneration", "writer"]} == driven.apply({"writer": "recovery", "homeGeneration": 2})


def test_nothing_is_applied_while_a_region_does_not_answer(driven: LocalWorld | RemoteWorld) -> None:
    driven.inject("region-dark", HOME)
    with pytest.raises(WorldError, match="lift region-dark"):
        driven.apply({"writer": "recovery"})


def test_a_world_that_no_program_built_is_not_updated(built: World) -> None:
    with pytest.raises(WorldError, match="no program"):
        LocalWorld(built).apply({"writer": "recovery"})


def test_the_clock_follows_the_wall_until_it_is_driven_and_again_when_it_is_let_go(
    local: LocalWorld, watch: Watch
) -> None:
    watch.seconds += 5
    local.catch_up()
    assert START + timedelta(seconds=5) == local.now()
    with pytest.raises(WorldError, match="follows the wall"):
        local.advance(1)
    assert START == local.begin(7)
    watch.seconds += 50
    local.follow()
    watch.seconds += 2
    local.catch_up()
    assert START + timedelta(seconds=2) == local.now(), "what passed while it was driven is not made up for"


def test_no_request_catches_up_for_long_and_nothing_is_forgotten(local: LocalWorld, watch: Watch) -> None:
    watch.seconds += MOST_CATCH_UP_SECONDS + 7
    local.catch_up()
    assert START + timedelta(seconds=MOST_CATCH_UP_SECONDS) == local.now()
    local.catch_up()
    assert START + timedelta(seconds=MOST_CATCH_UP_SECONDS + 7) == local.now()


def test_a_dark_region_hangs_up_at_once_and_the_other_answers(
    client: Callable[[str, str], Any], local: LocalWorld
) -> None:
    local.begin(7)
    assert 1 == len(client("rds", HOME).describe_db_instances()["DBInstances"])
    local.inject("region-dark", HOME)
    began = time.monotonic()
    for service, call in (("rds", "describe_db_instances"), ("s3", "list_buckets"), ("sqs", "list_queues")):
        with pytest.raises(ConnectionClosedError):
            getattr(client(service, HOME), call)()
    assert time.monotonic() - began < 20, "nobody waits for a time-out, which is of 60 seconds each"
    assert 1 == len(client("rds", RECOVERY).describe_db_instances()["DBInstances"])
    assert local.now() > START, "each call took its time"


def test_a_large_upload_to_a_dark_region_ends_as_well(
    client: Callable[[str, str], Any], local: LocalWorld, cell: SmallCell
) -> None:
    local.begin(7)
    s3, bucket = client("s3", HOME), cell.manifest.home.buckets["releases"]
    s3.put_object(Bucket=bucket, Key="large", Body=b"x" * 300_000)
    local.inject("region-dark", HOME)
    with pytest.raises(ConnectionClosedError):
        s3.put_object(Bucket=bucket, Key="larger", Body=b"x" * 300_000)


def test_a_brown_region_answers_every_second_call_503(client: Callable[[str, str], Any], local: LocalWorld) -> None:
    local.begin(7)
    local.inject("region-brown", HOME)
    rds = client("rds", HOME)
    rds.describe_db_instances()
    with pytest.raises(ClientError) as caught:
        rds.describe_db_instances()
    assert 503 == caught.value.response["ResponseMetadata"]["HTTPStatusCode"]


def test_whoever_waits_for_a_message_lets_others_through(client: Callable[[str, str], Any], local: LocalWorld) -> None:
    with waits_let_go(local):
        sqs = client("sqs", HOME)
        queue = sqs.create_queue(QueueName="waited-for")["QueueUrl"]
        found: list[Any] = []

        def wait() -> None:
            found.extend(sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=20)["Messages"])

        waiting = threading.Thread(target=wait)
        waiting.start()
        client("sqs", HOME).send_message(QueueUrl=queue, MessageBody="here")
        waiting.join(timeout=10)
        assert ["here"] == [item["Body"] for item in found]
        local.begin(7)
        assert "Messages" not in sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=20), "told at once"


@pytest.mark.parametrize(
    ("status", "method", "path", "body"),
    [
        (404, "GET", "/_medical/nothing", b""),
        (405, "GET", "/_medical/begin", b""),
        (400, "POST", "/_medical/begin", b"{"),
        (400, "POST", "/_medical/begin", b'{"seed": 1, "sed": 2}'),
        (400, "POST", "/_medical/begin", b'{"seed": "1"}'),
        (400, "POST", "/_medical/advance", b'{"seconds": -1}'),
        (400, "POST", "/_medical/advance", b'{"seconds": 1e9}'),
        (409, "POST", "/_medical/advance", b'{"seconds": 1}'),
        (409, "POST", "/_medical/faults", b'{"fault": "earthquake"}'),
    ],
)
def test_what_cannot_be_done_is_answered_in_json_with_a_status(
    url: str, status: int, method: str, path: str, body: bytes
) -> None:
    found, content = ask(url, method, path, body)
    assert status == found
    assert ["error"] == list(content)
    assert "Traceback" not in content["error"]


def test_a_fault_of_ours_is_told_without_its_traceback(
    url: str, local: LocalWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(_: object) -> dict[str, Any]:
        raise KeyError("a secret")

    local._apply = broken
    status, content = ask(url, "POST", "/_medical/apply", b'{"settings": {}}')
    assert (500, "apply failed; the log of the cell's process says how") == (status, content["error"])
    assert "a secret" in capsys.readouterr().err, "the log has it"


def test_a_process_that_is_gone_is_told_as_such() -> None:
    remote = RemoteWorld("http://127.0.0.1:9")
    with pytest.raises(WorldError, match="does not answer"):
        remote.now()


def test_what_has_truly_happened_can_be_read_by_tests(driven: LocalWorld | RemoteWorld, cell: SmallCell) -> None:
    assert [] == driven.events()
    driven.request(cell.manifest.home.load_balancer, "PUT", markers.path("run-2", 1))
    driven.request(cell.manifest.home.load_balancer, "PUT", markers.path("run-2", 2))
    rows = [item for item in driven.events() if item["what"] == "row"]
    assert [1, 2] == [item["facts"]["number"] for item in rows]
    assert driven.events()[1:] == driven.events(1)
