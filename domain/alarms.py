"""How sensitive a cell's alarms are: one setting, `alarmProfile`, chooses among reviewed sets of thresholds. Pure.

Only thresholds that are a matter of taste and load are here. What follows from the design (a queue's visibility
time-out, a replica's lag, the days that ACM takes to renew) stands with what it belongs to and is the same in every
profile: it must not be tuned away.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

STEADY: Final = "steady"
STRICT: Final = "strict"
QUIET: Final = "quiet"


@dataclass(frozen=True, kw_only=True)
class Profile:
    """The thresholds that differ. All are the most that is well; `lasting_minutes` is how long it may be worse.

    `errors_percent` is of requests or calls, `used_percent` of processors, memory and connections; `matched_count` is
    of requests that the firewall's rules match, `returned_count` of messages with uploads that are tried again.
    """

    errors_percent: float
    refused_count: int
    latency_seconds: float
    used_percent: float
    evictions_count: int
    matched_count: int
    returned_count: int
    lasting_minutes: int


# Assumptions until a cell's own traffic says better. The strict one suits a cell whose journeys are well known, the
# quiet one a cell that is being tried, or one of so few users that single requests decide.
PROFILES: Final[Mapping[str, Profile]] = MappingProxyType(
    {
        STEADY: Profile(
            errors_percent=5,
            refused_count=10,
            latency_seconds=2,
            used_percent=80,
            evictions_count=1000,
            matched_count=1000,
            returned_count=10,
            lasting_minutes=5,
        ),
        STRICT: Profile(
            errors_percent=1,
            refused_count=5,
            latency_seconds=1,
            used_percent=70,
            evictions_count=100,
            matched_count=500,
            returned_count=5,
            lasting_minutes=3,
        ),
        QUIET: Profile(
            errors_percent=10,
            refused_count=50,
            latency_seconds=5,
            used_percent=90,
            evictions_count=10_000,
            matched_count=5000,
            returned_count=50,
            lasting_minutes=10,
        ),
    }
)
