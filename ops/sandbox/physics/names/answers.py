"""What Route 53 answers for a name: the decision over its records and their health. Pure.

A name has one record, a failover pair, or records by latency. A record is healthy if its check is, and, where it is an
alias that evaluates its target, if the target is. Where nothing is healthy Route 53 answers all the same: the primary
of a pair, the nearest of those by latency.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

_DEEPEST: Final = 8


class NoAnswerError(Exception):
    """There is no answer for a name; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Record:
    """A record: where it leads, and by what it is chosen. `check` is empty if it has no health check."""

    target: str
    failover: Literal["", "PRIMARY", "SECONDARY"] = ""
    region: str = ""
    check: str = ""
    evaluates: bool = False


@dataclass(frozen=True, kw_only=True)
class Health:
    """Whether a health check, and the load balancer behind an alias, is healthy."""

    check: Callable[[str], bool]
    target: Callable[[str], bool]


Records: TypeAlias = Mapping[str, Sequence[Record]]


def answer(records: Records, name: str, health: Health, client_region: str = "") -> str:
    """The address that a client in `client_region` is given for `name`.

    Raises:
        NoAnswerError: the name has no records, or its aliases lead nowhere but to themselves.
    """
    found = _plain(name)
    for _ in range(_DEEPEST):
        if not records.get(found):
            raise NoAnswerError(f"there is no record for {found!a}")
        target = _plain(_chosen(records, records[found], health, client_region).target)
        if target not in records:
            return target
        found = target
    raise NoAnswerError(f"the aliases of {name!a} lead round in a circle")


def distance(client_region: str, region: str) -> tuple[int, str]:
    """How far a region is from a client's, as the regions' names tell: the same, the same continent, elsewhere."""
    if client_region == region:
        return 0, region
    near = client_region.partition("-")[0] == region.partition("-")[0]
    return (1 if near else 2), region


def _chosen(records: Records, choices: Sequence[Record], health: Health, client_region: str) -> Record:
    healthy = [item for item in choices if _healthy(records, item, health, _DEEPEST)]
    if any(item.failover for item in choices):
        return min(healthy or choices, key=lambda item: item.failover != "PRIMARY")
    return min(healthy or choices, key=lambda item: distance(client_region, item.region))


def _healthy(records: Records, item: Record, health: Health, depth: int) -> bool:
    if item.check and not health.check(item.check):
        return False
    if not item.evaluates:
        return True
    target = _plain(item.target)
    if target not in records:
        return health.target(target)
    return depth > 0 and any(_healthy(records, other, health, depth - 1) for other in records[target])


def _plain(name: str) -> str:
    return name.rstrip(".").lower()
