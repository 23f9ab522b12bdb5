"""The times that an audit is asked about: durations and moments as people write them, and the period between. Pure.

Strict, for a misread time would give a wrong answer that looks right: `2h`, `3d`, a day of UTC, or a moment with its
zone, and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import Final

_UNITS: Final = MappingProxyType({"m": 60, "h": 3600, "d": 86_400, "w": 604_800})
_DURATION: Final = re.compile(r"([0-9]{1,6})([mhdw])")
_MOMENT: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2})?(?P<zone>Z|[+-][0-9]{2}:[0-9]{2})?)?"
)
_DAY: Final = len("2026-11-01")
LONGEST: Final = timedelta(days=3660)
"""Evidence is kept for years, and for no more than ten of them."""
FORMS: Final = "give a duration such as 30m, 2h, 3d or 1w, a day of UTC such as 2026-11-01, or 2026-11-01T14:00Z"


class TimeError(ValueError):
    """A time that cannot be meant; the message says value, rule and way out."""


@dataclass(frozen=True, kw_only=True)
class Period:
    """What is asked about: from `since` on and before `until`, in UTC. `open` if nobody has said until when."""

    since: datetime
    until: datetime
    open: bool

    def holds(self, at: datetime) -> bool:
        """Whether a moment is in it."""
        return self.since <= at < self.until

    def days(self, later: timedelta) -> Iterator[date]:
        """The days of UTC that it touches, and those up to `later` after it."""
        day, last = self.since.date(), (self.until + later).date()
        while day <= last:
            yield day
            day += timedelta(days=1)


def period(since: str, until: str | None, now: datetime) -> Period:
    """The period from `since` until `until`, at the time `now`; until now if `until` is None.

    Raises:
        TimeError: either is no time, is still to come or too long ago, or they are the wrong way round.
    """
    begin = moment("--since", since, now)
    # What happens this very second is in it.
    end = now + timedelta(seconds=1) if until is None else moment("--until", until, now)
    if end <= begin:
        raise TimeError(
            f"--until {until} ({told(end)}) is not after --since {since} ({told(begin)}): nothing lies between; "
            f"exchange them, or leave --until out"
        )
    return Period(since=begin, until=end, open=until is None)


def moment(option: str, text: str, now: datetime) -> datetime:
    """The moment that `text` means at the time `now`; `option` is whose value it is.

    Raises:
        TimeError: it means none, or one that is still to come or too long ago.
    """
    found = _ago(option, text, now) if _DURATION.fullmatch(text) else _written(option, text)
    if found > now:
        raise TimeError(f"{option} {text} is still to come: it is {told(now)} now; {FORMS}")
    if now - found > LONGEST:
        raise TimeError(f"{option} {text} is more than {LONGEST.days} days ago, longer than evidence is kept; {FORMS}")
    return found


def told(at: datetime) -> str:
    """A moment as the answers write it."""
    return f"{at:%Y-%m-%d %H:%M:%S}Z"


def _ago(option: str, text: str, now: datetime) -> datetime:
    matched = _DURATION.fullmatch(text)
    number, unit = matched.groups() if matched else ("0", "m")
    seconds = int(number) * _UNITS[unit]
    if not seconds:
        raise TimeError(f"{option} {text} is no time at all: a duration is above zero; {FORMS}")
    if seconds > LONGEST.total_seconds():
        raise TimeError(f"{option} {text} is more than {LONGEST.days} days ago, longer than evidence is kept; {FORMS}")
    return now - timedelta(seconds=seconds)


def _written(option: str, text: str) -> datetime:
    matched = _MOMENT.fullmatch(text)
    if not matched:
        raise TimeError(f"{option} {text!a} is no time; {FORMS}")
    if len(text) > _DAY and not matched["zone"]:
        raise TimeError(f"{option} {text!a} does not say its zone, and an hour's mistake hides what was done; add Z")
    try:
        found = datetime.fromisoformat(text)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise TimeError(f"{option} {text!a} is no time: {error}; {FORMS}") from None
