"""A canary's walk through each journey, against a service that answers as docs/journeys.md says."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from functions.canaries import settings, walk
from functions.canaries.door import Answer
from functions.canaries.faults import JourneyError, SettingsError

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
JOURNEYS = ("book", "consult", "prescribe", "pay")
_MADE = {
    "slots": "slot",
    "appointments": "appointment",
    "consultations": "consultation",
    "prescriptions": "prescription",
    "payments": "payment",
}


@dataclass
class Pretended:
    """Answers each step well, and keeps what was asked. `instead` answers in its place what it gives an answer for."""

    instead: Callable[[str, str], Answer | None] = lambda _method, _path: None
    asked: list[tuple[str, str]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    bodies: list[Mapping[str, Any]] = field(default_factory=list)

    def __call__(self, method: str, path: str, body: Mapping[str, Any] | None = None, key: str = "") -> Answer:
        self.asked.append((method, path))
        if body is not None:
            self.keys.append(key)
            self.bodies.append(body)
        other = self.instead(method, path)
        if other:
            return other
        if method == "GET":
            full = {"slot": "a", "consultation": "b", "payment": "c", "notes": 1, "prescriptions": 1}
            return Answer(status=200, body=full)
        kind = path.removeprefix("/journeys/").partition("/")[0]
        return Answer(status=201, body={_MADE[kind]: f"id-of-{kind}"})


def walked(journey: str, service: Pretended, *, must_write: bool = True) -> str:
    numbers = itertools.count()
    return walk.walk(journey, service, must_write=must_write, now=NOW, fresh=lambda: f"{next(numbers):032x}")


def read_only(method: str, _path: str) -> Answer | None:
    return Answer(status=503, body={"error": "read-only"}) if method == "POST" else None


@pytest.mark.parametrize(
    ("journey", "last"),
    [
        ("book", "appointments"),
        ("consult", "consultations/id-of-consultations/notes"),
        ("prescribe", "prescriptions"),
        ("pay", "payments"),
    ],
)
def test_a_journey_reads_the_slots_first_and_what_it_wrote_last(journey: str, last: str) -> None:
    service = Pretended()
    assert "reads and writes answered" == walked(journey, service)
    assert ("GET", "/journeys/slots") == service.asked[0]
    assert ("POST", f"/journeys/{last}") == service.asked[-2]
    assert ("GET", "/journeys/appointments/id-of-appointments") == service.asked[-1]


def test_each_write_has_a_key_of_its_own() -> None:
    service = Pretended()
    walked("pay", service)
    assert 3 == len(service.keys) == len(set(service.keys))
    assert all(16 <= len(key) <= 64 for key in service.keys)


def test_a_slot_lies_ahead_and_is_a_practitioners_of_its_own() -> None:
    service = Pretended()
    walked("book", service)
    assert "2026-11-23T09:30:00Z" == service.bodies[0]["starts_at"]
    assert service.bodies[0]["practitioner"].startswith("canary-")


@pytest.mark.parametrize("journey", JOURNEYS)
def test_a_side_that_need_not_write_may_refuse_as_read_only_and_nothing_else(journey: str) -> None:
    assert "reads answered, writes refused as read-only" == walked(journey, Pretended(read_only), must_write=False)
    unreachable = Pretended(
        lambda method, _: Answer(status=503, body={"error": "unreachable"}) if method == "POST" else None
    )
    with pytest.raises(JourneyError, match=r"answered 503 \(unreachable\)"):
        walked(journey, unreachable, must_write=False)


@pytest.mark.parametrize("journey", JOURNEYS)
def test_the_side_that_writes_fails_if_it_is_read_only(journey: str) -> None:
    with pytest.raises(JourneyError, match="read-only on the side that is to take them"):
        walked(journey, Pretended(read_only))


def test_a_side_that_took_over_is_walked_whole_though_it_need_not_write() -> None:
    assert "reads and writes answered" == walked("pay", Pretended(), must_write=False)


def test_reads_that_fail_fail_the_walk_of_either_side() -> None:
    broken = Pretended(lambda method, _: Answer(status=500, body={}) if method == "GET" else None)
    for must_write in (True, False):
        with pytest.raises(JourneyError, match=r"GET /journeys/slots was answered 500 \(no word of why\), not 200"):
            walked("book", broken, must_write=must_write)


def test_what_was_written_and_cannot_be_read_fails_the_walk() -> None:
    forgetful = Pretended(
        lambda _, path: Answer(status=200, body={"slot": "a", "payment": None}) if "/appointments/" in path else None
    )
    with pytest.raises(JourneyError, match="not there to be read: payment"):
        walked("pay", forgetful)
    assert "reads and writes answered" == walked("book", forgetful), "its slot is there"


def test_an_answer_without_an_id_fails_the_walk() -> None:
    with pytest.raises(JourneyError, match="names no slot"):
        walked("book", Pretended(lambda method, _: Answer(status=201, body={}) if method == "POST" else None))


def test_a_journey_that_nobody_knows_is_refused() -> None:
    with pytest.raises(JourneyError, match="choose one of book, consult, prescribe, pay"):
        walked("browse", Pretended())


TOLD = {
    "ADDRESS": "lb.example",
    "HOST": "us.app.example.com",
    "JOURNEY": "pay",
    "SIDE": "home",
    "WRITES": "required",
    "AWS_REGION": "us-east-2",
}


def test_a_canary_knows_its_cell_from_the_name_that_it_asks_for() -> None:
    found = settings.read(TOLD)
    assert ("us", True) == (found.cell, found.must_write)
    assert not settings.read({**TOLD, "WRITES": "optional"}).must_write


@pytest.mark.parametrize("name", TOLD)
def test_a_canary_that_was_not_told_says_what_is_missing(name: str) -> None:
    with pytest.raises(SettingsError, match=f"lacks {name}"):
        settings.read({**TOLD, name: ""})


def test_a_canary_refuses_what_cannot_be() -> None:
    with pytest.raises(SettingsError, match="WRITES must be required or optional"):
        settings.read({**TOLD, "WRITES": "yes"})
