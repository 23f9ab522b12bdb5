"""Cells' processes, started and ended: with a tiny program, because what they build does not matter here."""

from __future__ import annotations

import socket
import sys
import time
import urllib.parse
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from typing_extensions import override

from ops.engine.project import ROOT
from ops.sandbox import commands
from ops.sandbox.cells import process
from ops.sandbox.cells.fleet import Fleet, Observer, Outcome
from ops.sandbox.cells.state import Standing, StateFolder
from ops.sandbox.plan import Order
from tests.sandbox.notes import noted
from tests.sandbox.tiny_host import CIDRS
from tests.support import ACCOUNT, HOME, RECOVERY

TINY = Path(__file__).with_name("tiny_host.py")
COMMAND = (sys.executable, str(TINY), process.MODULE)
SECOND = 1 / 3600


class Diary(Observer):
    """What happened, in order."""

    def __init__(self) -> None:
        """An empty page."""
        self.lines: list[str] = []

    @override
    def started(self, cell: str, expected: int | None) -> None:
        self.lines.append(f"{cell} started, {expected} expected")

    @override
    def ended(self, outcome: Outcome) -> None:
        self.lines.append(f"{outcome.cell} ended")


class Impatient(Observer):
    """Somebody who presses Ctrl-C when the first cell stands."""

    @override
    def ended(self, outcome: Outcome) -> None:
        raise KeyboardInterrupt


def orders(*cells: str) -> list[Order]:
    return [Order(cell=cell, stacks=ROOT, account=ACCOUNT, home_region=HOME) for cell in cells]


@pytest.fixture
def fleet(folder: StateFolder, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Fleet]]:
    """Makes fleets of tiny cells; everything that they started is ended with the test."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    made: list[Fleet] = []

    def make(observer: Observer | None = None, *, jobs: int = 4, keep_hours: float | None = 1) -> Fleet:
        made.append(Fleet(folder, observer or Observer(), jobs=jobs, keep_hours=keep_hours, command=COMMAND))
        return made[-1]

    yield make
    for item in made:
        item.end()


@pytest.fixture
def build(fleet: Callable[..., Fleet]) -> Callable[..., list[Outcome]]:
    def run(*cells: str, **options: Any) -> list[Outcome]:  # noqa: ANN401 - those of a fleet
        with fleet(**options) as made:
            return made.build(orders(*cells))

    return run


def client(service: str, standing: Standing, region: str = HOME) -> Any:  # noqa: ANN401 - boto3's clients have no type
    session: Any = boto3.Session("whoever", "whatever", region_name=region)
    return session.client(service, endpoint_url=standing.endpoint_url)


def cidrs(standing: Standing, region: str) -> set[str]:
    return {item["CidrBlock"] for item in client("ec2", standing, region).describe_vpcs()["Vpcs"]}


def stood(outcome: Outcome) -> Standing:
    assert outcome.standing is not None, outcome.failed
    return outcome.standing


@pytest.mark.slow("builds cells in processes of their own")
def test_two_cells_stand_side_by_side_and_answer_over_http(build: Callable[..., list[Outcome]]) -> None:
    us, eu = map(stood, build("us", "eu"))
    for cell in (us, eu):
        assert CIDRS["home"] in cidrs(cell, HOME)
        assert CIDRS["recovery"] in cidrs(cell, RECOVERY)
        assert ACCOUNT == client("sts", cell).get_caller_identity()["Account"]
    client("ec2", us).create_vpc(CidrBlock="10.50.0.0/16")
    assert "10.50.0.0/16" in cidrs(us, HOME)
    assert "10.50.0.0/16" not in cidrs(eu, HOME), "what is written into one cell is not in the other"


@pytest.mark.slow("builds cells in processes of their own")
def test_only_the_process_that_was_started_as_an_instance_is_ended(build: Callable[..., list[Outcome]]) -> None:
    standing = stood(build("us")[0])
    assert not process.end(standing.pid, "another")
    assert standing.alive
    assert process.end(standing.pid, standing.instance)
    assert not standing.alive


def test_down_ends_what_stands_and_closes_its_port(
    build: Callable[..., list[Outcome]], capsys: pytest.CaptureFixture[str]
) -> None:
    standing = stood(build("us")[0])
    port = urllib.parse.urlsplit(standing.endpoint_url).port
    assert port is not None
    socket.create_connection(("127.0.0.1", port)).close()
    assert 0 == commands.down([])
    assert "us: ended" in capsys.readouterr().out
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))
    assert 0 == commands.down(["us"])
    assert "us: did not stand\n" == capsys.readouterr().out


@pytest.mark.slow("builds cells in processes of their own")
def test_a_refused_creation_is_told_by_name_and_the_other_cells_stand(
    build: Callable[..., list[Outcome]], folder: StateFolder
) -> None:
    us, apac = build("us", "apac")
    assert stood(us).alive
    assert apac.failed is not None
    assert apac.failed.resource in {"home-gateway", "recovery-gateway"}
    assert "aws:ec2/internetGateway:InternetGateway" == apac.failed.type
    assert "no creator" in apac.failed.reason
    assert apac.standing is None
    assert ["us"] == list(folder.noted()), "nothing half-made is left claimed"


def test_a_process_that_dies_unheard_is_told_with_its_last_words(build: Callable[..., list[Outcome]]) -> None:
    (outcome,) = build("eu-dies")
    assert outcome.failed is not None
    assert "status 3" in outcome.failed.reason
    assert "out of luck" in outcome.failed.reason


@pytest.mark.slow("builds cells in processes of their own")
def test_one_job_builds_one_cell_after_the_other(build: Callable[..., list[Outcome]]) -> None:
    diary = Diary()
    build("a-dies", "b-dies", observer=diary, jobs=1)
    expected = ["a-dies started, None expected", "a-dies ended", "b-dies started, None expected", "b-dies ended"]
    assert expected == diary.lines


@pytest.mark.slow("builds cells in processes of their own")
def test_two_jobs_build_two_cells_at_a_time(build: Callable[..., list[Outcome]]) -> None:
    diary = Diary()
    build("a-dies", "b-dies", observer=diary, jobs=2)
    assert ["a-dies started, None expected", "b-dies started, None expected"] == diary.lines[:2]


@pytest.mark.slow("builds cells in processes of their own")
def test_a_build_is_told_how_many_resources_the_cell_had_last(
    build: Callable[..., list[Outcome]], folder: StateFolder
) -> None:
    folder.note(noted("a-dies", resources=4))
    diary = Diary()
    build("a-dies", observer=diary)
    assert "a-dies started, 4 expected" == diary.lines[0]


@pytest.mark.slow("builds cells in processes of their own")
def test_a_cell_that_is_not_kept_is_reported_and_gone(build: Callable[..., list[Outcome]], folder: StateFolder) -> None:
    (outcome,) = build("us", keep_hours=None)
    assert outcome.report is not None
    assert [("home", HOME, 2), ("recovery", RECOVERY, 2)] == [
        (side["side"], side["region"], side["resources"]) for side in outcome.report["sides"]
    ]
    assert outcome.standing is None
    assert {} == folder.noted()


@pytest.mark.slow("builds cells in processes of their own")
def test_a_forgotten_cell_ends_itself_when_its_time_is_over(build: Callable[..., list[Outcome]]) -> None:
    standing = stood(build("us", keep_hours=SECOND / 10)[0])
    deadline = time.monotonic() + 10
    while standing.alive:
        assert time.monotonic() < deadline, "it outlived its time"
        time.sleep(0.02)


@pytest.mark.slow("builds cells in processes of their own")
@pytest.mark.parametrize("later", [False, True], ids=["its note is gone", "its note is about another"])
def test_a_cell_that_no_command_would_find_any_more_ends_itself(
    build: Callable[..., list[Outcome]], folder: StateFolder, *, later: bool
) -> None:
    us, eu = map(stood, build("us", "eu"))
    folder.forget(us)
    if later:
        folder.note(noted("us", instance="later"))
    deadline = time.monotonic() + 20
    while us.alive:
        assert time.monotonic() < deadline, "it outlived its note"
        time.sleep(0.02)
    assert eu.alive, "its note is there"


@pytest.mark.slow("builds cells in processes of their own")
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere 127.0.0.2 is no address of this machine")
def test_a_cell_listens_on_one_address_that_nobody_else_reaches(build: Callable[..., list[Outcome]]) -> None:
    port = urllib.parse.urlsplit(stood(build("us")[0]).endpoint_url).port
    assert port is not None
    socket.create_connection(("127.0.0.1", port)).close()
    with pytest.raises(ConnectionRefusedError):  # what listens on every address answers at this one too
        socket.create_connection(("127.0.0.2", port))


@pytest.mark.slow("builds cells in processes of their own")
def test_an_interrupted_build_ends_every_process_that_it_started(
    fleet: Callable[..., Fleet], folder: StateFolder
) -> None:
    interrupted = fleet(Impatient())
    with pytest.raises(KeyboardInterrupt), interrupted:
        interrupted.build(orders("us", "eu"))
    assert {} == folder.noted()
    assert [] == [worker.order.cell for worker in interrupted._workers if worker.process.poll() is None]
