"""The four journeys, step by step, as made-up patients of the clinic `canary` walk them. Pure: what asks is given.

A walk reads the open slots first. Then it writes, and reads what it wrote: where the side refuses a write as read-only
the walk ends there, well if the side is not the one that writes. Rows of this clinic are told to nobody and swept away
by the service after a day, so every walk makes its own: docs/journeys.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, Final, Protocol

from functions.canaries.door import Answer
from functions.canaries.faults import JourneyError

KEY_HEADER: Final = "Idempotency-Key"
READ_ONLY: Final = "read-only"
_PATH: Final = "/journeys"
_AHEAD: Final = timedelta(days=1)
_SLOT_MINUTES: Final = 15


class Ask(Protocol):
    """Asks the service: method, path, and for a write its body and the key that makes it happen once."""

    def __call__(self, method: str, path: str, body: Mapping[str, Any] | None = None, key: str = "") -> Answer:
        """What was answered."""


class _ReadOnlyError(Exception):
    """The side takes no writes now, and said so as it should."""


@dataclass(frozen=True, kw_only=True)
class _Walker:
    """What every step is taken with. `fresh` gives texts of 32 hexadecimal digits that nobody had before."""

    ask: Ask
    now: datetime
    fresh: Callable[[], str]

    def read(self, path: str) -> Mapping[str, Any]:
        return self._well("GET", path, self.ask("GET", f"{_PATH}/{path}"), HTTPStatus.OK)

    def write(self, path: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        answer = self.ask("POST", f"{_PATH}/{path}", body, self.fresh())
        if answer.status == HTTPStatus.SERVICE_UNAVAILABLE and answer.body.get("error") == READ_ONLY:
            raise _ReadOnlyError
        return self._well("POST", path, answer, HTTPStatus.CREATED)

    def _well(self, method: str, path: str, answer: Answer, status: HTTPStatus) -> Mapping[str, Any]:
        if answer.status != status:
            word = str(answer.body.get("error", "no word of why"))[:80]
            raise JourneyError(f"{method} {_PATH}/{path} was answered {answer.status} ({word}), not {status.value}")
        return answer.body

    def book(self) -> str:
        """Open a slot, find nothing of it amiss, and book it; the appointment's id."""
        starts_at = (self.now + _AHEAD).strftime("%Y-%m-%dT%H:%M:00Z")
        offer = {"practitioner": f"canary-{self.fresh()[:16]}", "starts_at": starts_at, "minutes": _SLOT_MINUTES}
        slot = _id(self.write("slots", offer), "slot")
        return _id(self.write("appointments", {"slot": slot, "patient": f"canary-{self.fresh()[:8]}"}), "appointment")

    def consult(self) -> tuple[str, str]:
        """The ids of an appointment and of its consultation."""
        appointment = self.book()
        return appointment, _id(self.write("consultations", {"appointment": appointment}), "consultation")


def walk(journey: str, ask: Ask, *, must_write: bool, now: datetime, fresh: Callable[[], str]) -> str:
    """Walk `journey` once, and say what was seen.

    Raises:
        JourneyError: a step was answered otherwise than the journey needs; or writes were refused though `must_write`.
    """
    steps = _JOURNEYS.get(journey)
    if steps is None:
        raise JourneyError(f"there is no journey {journey!a}: choose one of {', '.join(_JOURNEYS)}")
    walker = _Walker(ask=ask, now=now, fresh=fresh)
    walker.read("slots")
    try:
        steps(walker)
    except _ReadOnlyError:
        if must_write:
            raise JourneyError("writes are refused as read-only on the side that is to take them") from None
        return "reads answered, writes refused as read-only"
    return "reads and writes answered"


def _book(walker: _Walker) -> None:
    _kept(walker, walker.book(), "slot")


def _consult(walker: _Walker) -> None:
    appointment, consultation = walker.consult()
    walker.write(f"consultations/{consultation}/notes", {"text": "Walked by a canary."})
    _kept(walker, appointment, "consultation", "notes")


def _prescribe(walker: _Walker) -> None:
    appointment, consultation = walker.consult()
    walker.write("prescriptions", {"consultation": consultation, "medicine": "placebo", "dose": "one a day", "days": 1})
    _kept(walker, appointment, "consultation", "prescriptions")


def _pay(walker: _Walker) -> None:
    appointment = walker.book()
    token = f"canary_{walker.fresh()}"
    walker.write("payments", {"appointment": appointment, "amount": 1, "currency": "USD", "token": token})
    _kept(walker, appointment, "payment")


def _kept(walker: _Walker, appointment: str, *fields: str) -> None:
    """Read the appointment again, and see that what was written is there."""
    found = walker.read(f"appointments/{appointment}")
    missing = [field for field in fields if not found.get(field)]
    if missing:
        raise JourneyError(f"what was written is not there to be read: {', '.join(missing)}")


def _id(answer: Mapping[str, Any], name: str) -> str:
    found = answer.get(name)
    if not isinstance(found, str):
        raise JourneyError(f"the answer names no {name}")
    return found


_JOURNEYS: Final[Mapping[str, Callable[[_Walker], None]]] = {
    "book": _book,
    "consult": _consult,
    "prescribe": _prescribe,
    "pay": _pay,
}
