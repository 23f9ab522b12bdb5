"""Which alarms each watched thing has. Pure: from what is watched and a profile to values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from components.observability import data_alarms, journey_alarms, path_alarms, work_alarms
from components.observability.model import Alarm
from components.observability.watched import (
    CacheNode,
    Certificate,
    Database,
    DeadLetters,
    Fleet,
    Function,
    Journey,
    LoadBalancer,
    Nat,
    Outbox,
    Queue,
    Vault,
    Watched,
)
from domain.alarms import Profile


@dataclass(frozen=True, kw_only=True)
class Raised:
    """What is watched, and its alarms: what dashboards put beside each other."""

    watched: Watched
    alarms: tuple[Alarm, ...]


_BY_KIND: Final[Mapping[type[Any], Callable[[Any, Profile], Iterator[Alarm]]]] = {
    CacheNode: data_alarms.cache_node,
    Certificate: path_alarms.certificate,
    Database: data_alarms.database,
    DeadLetters: work_alarms.dead_letters,
    Fleet: path_alarms.fleet,
    Function: work_alarms.function,
    Journey: journey_alarms.journey,
    LoadBalancer: path_alarms.load_balancer,
    Nat: path_alarms.nat,
    Outbox: work_alarms.outbox,
    Queue: work_alarms.queue,
    Vault: data_alarms.vault,
}


def alarms_of(found: Iterable[Watched], profile: Profile) -> tuple[Raised, ...]:
    """The alarms of everything that was found, in its order."""
    return tuple(Raised(watched=item, alarms=tuple(_BY_KIND[type(item)](item, profile))) for item in found)
