"""What each patient journey promises, and when its canary says that it is not kept. Pure.

Owns: the journeys by the verb that a patient's or a doctor's step goes by, the form of `journeyObjectives`, and what
follows from an objective. Does not own: what a cell needs to recover, which no journey can promise less than:
`domain.budget`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

BOOK, CONSULT, PRESCRIBE, PAY = "book", "consult", "prescribe", "pay"
JOURNEYS: Final = (BOOK, CONSULT, PRESCRIBE, PAY)

LEAST_MINUTES, MOST_MINUTES = 1, 60  # between two walks of a canary; CloudWatch Synthetics takes no longer rate
MONTH: Final = timedelta(days=30)

_AVAILABILITY, _LATENCY, _RTO, _RPO = "availabilityPercent", "latencyMs", "rtoSeconds", "rpoSeconds"
_LEAST_PERCENT, _MOST_PERCENT = 90, 99.999
# Whole numbers: the least, the most, and what the program itself ships.
_WHOLE: Final[Mapping[str, tuple[int, int, int]]] = {
    _LATENCY: (100, 60_000, 3000),
    _RTO: (1, 86_400, 1800),
    _RPO: (1, 86_400, 300),
}
_EXAMPLE: Final = f"{{{_AVAILABILITY}: 99.9, {', '.join(f'{key}: {usual}' for key, (_, _, usual) in _WHOLE.items())}}}"


class ObjectiveError(ValueError):
    """Objectives that cannot be; the message names the nested key, the rule and the way out."""


@dataclass(frozen=True, kw_only=True)
class Objective:
    """What a journey promises.

    It works in `availability_percent` of a month, and 95 of 100 walks through it are done within `latency_ms`
    milliseconds, each with a new connection. After the loss of home a walk through it succeeds again within
    `rto_seconds`, and what was written in the last `rpo_seconds` before may be lost.
    """

    availability_percent: float
    latency_ms: int
    rto_seconds: int
    rpo_seconds: int

    @property
    def allowed_outage(self) -> timedelta:
        """How long the journey may be down in a month of 30 days, to the second."""
        allowed = MONTH.total_seconds() * (100 - self.availability_percent) / 100
        return timedelta(seconds=round(allowed))


@dataclass(frozen=True, kw_only=True)
class Objectives:
    """The objective of each journey."""

    book: Objective
    consult: Objective
    prescribe: Objective
    pay: Objective

    def __getitem__(self, journey: str) -> Objective:
        """The objective of `journey`, one of `JOURNEYS`."""
        return {BOOK: self.book, CONSULT: self.consult, PRESCRIBE: self.prescribe, PAY: self.pay}[journey]


def parse(value: object) -> Objectives:
    """The objectives from the setting as it was given.

    Raises:
        ObjectiveError: a journey or a figure is missing, unknown, or out of bounds.
    """
    if not isinstance(value, Mapping):
        raise ObjectiveError(f"must be an object with {', '.join(JOURNEYS)}, each such as {_EXAMPLE}")
    _refuse_unknown("it", value, JOURNEYS)
    return Objectives(**{journey: _objective(journey, value.get(journey)) for journey in JOURNEYS})


def _objective(journey: str, given: object) -> Objective:
    if not isinstance(given, Mapping):
        raise ObjectiveError(f"{journey} is missing or no object; give it such as {journey}: {_EXAMPLE}")
    _refuse_unknown(journey, given, (_AVAILABILITY, *_WHOLE))
    percent = _number(given.get(_AVAILABILITY))
    if percent is None or not _LEAST_PERCENT <= percent <= _MOST_PERCENT:
        raise ObjectiveError(
            f"{journey}.{_AVAILABILITY} must be a number between {_LEAST_PERCENT} and {_MOST_PERCENT}; set 99.9, which "
            "allows 43 minutes a month, or what you promise"
        )
    return Objective(
        availability_percent=float(percent),
        latency_ms=_whole(journey, given, _LATENCY),
        rto_seconds=_whole(journey, given, _RTO),
        rpo_seconds=_whole(journey, given, _RPO),
    )


def _whole(journey: str, given: Mapping[Any, Any], key: str) -> int:
    found, (least, most, usual) = _number(given.get(key)), _WHOLE[key]
    if not isinstance(found, int) or not least <= found <= most:
        raise ObjectiveError(
            f"{journey}.{key} must be a whole number between {least} and {most}; set {usual}, or what you promise"
        )
    return found


def _number(value: object) -> float | int | None:
    """`value` if it is a number, which JSON's true is not."""
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _refuse_unknown(what: str, given: Mapping[Any, Any], known: tuple[str, ...]) -> None:
    if any(key not in known for key in given):
        raise ObjectiveError(f"{what} has a key that is not known; keep to {', '.join(known)}")
