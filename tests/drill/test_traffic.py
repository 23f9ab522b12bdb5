"""The drill's client: what it asks, what it takes for acknowledged, and what it remembers after a resume."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, Never

import pytest

from domain import markers
from ops.drill.model import Value
from ops.drill.site import Answer, Reply, Site, UnreachableError
from ops.drill.traffic import CLIENT, Traffic, as_data, tries_of

RUN = "us-failover-1"
START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


@dataclass
class Place:
    """A site with one application, whose behaviour a test sets. A request takes a second."""

    name: Literal["sandbox", "aws"] = "sandbox"
    clock: datetime = START
    side: str = "home"
    status: str = "ready"
    reachable: bool = True
    resolvable: bool = True
    breaks_between: bool = False
    wrong_sha: bool = False
    asked: list[tuple[str, str, str, str]] = field(default_factory=list)
    kept: dict[int, str] = field(default_factory=dict)

    def client(self, service: str, region: str) -> Never:
        raise AssertionError(f"a user asks no API: {service} in {region}")

    def now(self) -> datetime:
        return self.clock

    def sleep(self, seconds: float) -> None:
        self.clock += timedelta(seconds=seconds)

    def resolve(self, client: str, name: str) -> Answer:
        if not self.resolvable:
            raise UnreachableError(f"{name} is not known")
        assert CLIENT == client
        return Answer(name=name, address=f"lb.{self.side}", cached=False)

    def send(self, client: str, address: str, method: str, path: str, body: str = "") -> Reply:
        self.asked.append((client, address, method, path))
        self.sleep(1)
        if not self.reachable or (self.breaks_between and method == "PUT"):
            raise UnreachableError(f"{address} did not answer")
        place = {"side": self.side}
        if method == "GET":
            return Reply(status=503 if self.status == "unready" else 200, body={"status": self.status, **place})
        if self.status != "ready":
            return Reply(status=503, body={"error": "read-only", **place})
        self.kept[int(path.rsplit("/", 1)[1])] = body
        sha = "0" * 64 if self.wrong_sha else markers.checksum(body)
        return Reply(status=201, body={"row": True, "object": True, "sha256": sha, **place})

    def inject(self, fault: str, region: str, parameters: Mapping[str, float]) -> Never:
        raise AssertionError(f"a user injects nothing: {fault}, {region}, {parameters}")

    def lift(self, fault: str, region: str) -> Never:
        raise AssertionError(f"a user lifts nothing: {fault}, {region}")

    def declare(self, settings: Mapping[str, Value]) -> str:
        raise AssertionError(f"a user declares nothing: {settings}")


def traffic(site: Site, every: int = 5) -> tuple[Traffic, list[dict[str, Any]]]:
    entries: list[dict[str, Any]] = []
    client = Traffic(site, "us.app.clinic.example", RUN, every, lambda kind, data: entries.append(entry(kind, data)))
    return client, entries


def entry(kind: str, data: dict[str, Any]) -> dict[str, Any]:
    return {"kind": kind, "data": data}


def test_a_visit_reads_then_writes_the_next_marker_through_the_name() -> None:
    place = Place()
    client, entries = traffic(place)
    client.tick()
    assert [
        (CLIENT, "lb.home", "GET", "/readyz"),
        (CLIENT, "lb.home", "PUT", f"/continuity/markers/{RUN}/1"),
    ] == place.asked
    assert {1: markers.content(RUN, 1)} == place.kept
    (seen,) = client.tries
    assert (1, "home", True, "ready", True, True, "") == (
        seen.number,
        seen.side,
        seen.read,
        seen.status,
        seen.row,
        seen.object,
        seen.text,
    )
    assert START + timedelta(seconds=2) == seen.at, "a visit is over when it was answered"
    assert [entry("client", as_data(seen))] == entries


def test_nothing_is_done_until_the_next_marker_is_due() -> None:
    place = Place()
    client, _ = traffic(place, every=5)
    client.tick()
    client.tick()
    assert 1 == len(client.tries)
    place.sleep(3)
    client.tick()
    assert [1, 2] == [seen.number for seen in client.tries]


def test_a_read_only_side_serves_reads_and_acknowledges_nothing() -> None:
    place = Place(side="recovery", status="read-only")
    client, _ = traffic(place)
    client.tick()
    (seen,) = client.tries
    assert (True, "read-only", False, False) == (seen.read, seen.status, seen.row, seen.object)
    assert "writes: HTTP 503" == seen.text
    assert [] == client.acknowledged()


def test_a_side_that_is_not_ready_is_no_read_but_says_who_it_is() -> None:
    client, _ = traffic(Place(status="unready"))
    client.tick()
    (seen,) = client.tries
    assert (False, "", "home", False) == (seen.read, seen.status, seen.side, seen.row)
    assert "reads: HTTP 503; writes: HTTP 503" == seen.text


@pytest.mark.parametrize(("field_", "address"), [("reachable", "lb.home"), ("resolvable", "")])
def test_a_client_that_nobody_answers_records_it_and_goes_on(field_: str, address: str) -> None:
    place = Place()
    setattr(place, field_, False)
    client, entries = traffic(place)
    client.tick()
    (seen,) = client.tries
    assert (address, "", False, False) == (seen.address, seen.side, seen.read, seen.row)
    assert seen.text
    assert 1 == len(entries)
    setattr(place, field_, True)
    place.sleep(5)
    client.tick()
    assert [2] == [seen.number for seen in client.acknowledged()]


def test_an_address_that_does_not_answer_a_read_is_not_asked_to_write() -> None:
    place = Place(reachable=False)
    client, _ = traffic(place)
    client.tick()
    assert ["GET"] == [method for _, _, method, _ in place.asked]


def test_a_read_counts_though_the_side_is_gone_before_the_write() -> None:
    client, _ = traffic(Place(breaks_between=True))
    client.tick()
    (seen,) = client.tries
    assert (True, False, "home") == (seen.read, seen.row, seen.side)


def test_a_marker_is_not_acknowledged_if_its_checksum_is_another() -> None:
    client, _ = traffic(Place(wrong_sha=True))
    client.tick()
    assert [] == client.acknowledged()
    assert "checksum" in client.tries[0].text


def test_acknowledged_visits_are_told_apart_by_a_moment_that_belongs_to_the_first_part() -> None:
    place = Place()
    client, _ = traffic(place)
    for _ in range(4):
        client.tick()
        place.sleep(5)
    moment = client.tries[1].at
    assert [1, 2] == [seen.number for seen in client.acknowledged(until=moment)]
    assert [3, 4] == [seen.number for seen in client.acknowledged(since=moment)]


def test_a_resumed_client_goes_on_with_the_next_number() -> None:
    place = Place()
    client, entries = traffic(place)
    for _ in range(3):
        client.tick()
        place.sleep(5)
    resumed, _ = traffic(place)
    resumed.restore([entry("begin", {}), *entries])
    assert client.tries == resumed.tries == tuple(tries_of(entries))
    resumed.tick()
    assert 4 == resumed.tries[-1].number


def test_a_resumed_client_without_visits_begins_at_once() -> None:
    place = Place()
    client, _ = traffic(place)
    client.restore([])
    client.tick()
    assert 1 == len(client.tries)


@pytest.mark.parametrize(("run", "every"), [("Not A Run", 5), (RUN, 0)])
def test_a_name_or_interval_that_cannot_be_is_refused(run: str, every: int) -> None:
    with pytest.raises(ValueError, match=r"no name of a run|out of range"):
        Traffic(Place(), "us.app.clinic.example", run, every, lambda _kind, _data: None)
