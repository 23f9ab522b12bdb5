"""Which alarms each watched thing has. Pure: from what is watched and a profile to values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from components.observability import (
    continuity_alarms,
    data_alarms,
    guard_alarms,
    journey_alarms,
    path_alarms,
    work_alarms,
)
from components.observability.model import Alarm
from components.observability.watched import (
    Arriving,
    CacheNode,
    Certificate,
    Conversion,
    Database,
    DeadLetters,
    Firewall,
    Fleet,
    Function,
    Journey,
    Leaving,
    LoadBalancer,
    LogGroup,
    Nat,
    Outbox,
    Queue,
    Recorded,
    Rotator,
    Switch,
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
    Arriving: continuity_alarms.arriving,
    CacheNode: data_alarms.cache_node,
    Certificate: path_alarms.certificate,
    Conversion: work_alarms.conversion,
    Database: data_alarms.database,
    DeadLetters: work_alarms.dead_letters,
    Firewall: guard_alarms.firewall,
    Fleet: path_alarms.fleet,
    Function: work_alarms.function,
    Journey: journey_alarms.journey,
    Leaving: continuity_alarms.leaving,
    LoadBalancer: path_alarms.load_balancer,
    LogGroup: guard_alarms.log_group,
    Nat: path_alarms.nat,
    Outbox: work_alarms.outbox,
    Queue: work_alarms.queue,
    Recorded: guard_alarms.recorded,
    Rotator: work_alarms.rotator,
    Switch: continuity_alarms.switch,
    Vault: data_alarms.vault,
}


def alarms_of(found: Iterable[Watched], profile: Profile) -> tuple[Raised, ...]:
    """The alarms of everything that was found, in its order."""
    return tuple(Raised(watched=item, alarms=tuple(_BY_KIND[type(item)](item, profile))) for item in found)
