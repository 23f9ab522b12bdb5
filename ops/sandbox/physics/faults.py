"""The faults that can be injected into the local cloud, by name. Pure.

A law of the physics asks `Faults.active(name, region)`; nothing else knows how a fault came about. A fault is of one
region unless its row says that it has none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What happens, the side that it happens to unless told otherwise, its parameters, and what must hold meanwhile."""

    name: str
    title: str
    side: str
    holds: str
    parameters: Mapping[str, float] = field(default_factory=dict)


_ALL: Final = (
    Fault(
        name="region-dark",
        title="every call to the region fails, and nothing in it answers",
        side="home",
        holds="reads come back from recovery within their target, and nobody writes until a promotion",
    ),
    Fault(
        name="region-brown",
        title="calls to the region are slow, and many answer 503",
        side="home",
        holds="reads stay within their target, and no acknowledged write is lost",
    ),
    Fault(
        name="replica-behind",
        title="the replica falls behind the writer",
        side="recovery",
        holds="the lag's alarm is raised and notifies, and a switchover is not begun",
        parameters={"seconds": 900},
    ),
    Fault(
        name="replication-stalled",
        title="objects are no longer copied to the region",
        side="recovery",
        holds="the delay is seen and alarmed, and all objects arrive once it is over",
    ),
    Fault(
        name="key-missing",
        title="the region's key is disabled",
        side="recovery",
        holds="the parity check finds it before a failover needs the key",
    ),
    Fault(
        name="secret-missing",
        title="the region's copy of the database's password is gone",
        side="recovery",
        holds="the parity check finds it before a failover needs the password",
    ),
    Fault(
        name="capacity-short",
        title="the region has no more instances to give",
        side="recovery",
        holds="what runs goes on running, and the shortage is told as such",
        parameters={"instances": 0},
    ),
    Fault(
        name="storage-filling",
        title="the storage of the region's databases fills",
        side="home",
        holds="RDS grows it within the maximum, and the writer goes on; at the maximum the alarm on storage is raised",
        parameters={"percent": 97, "gib_per_hour": 1},
    ),
    Fault(
        name="disk-full",
        title="the disk of an instance is full",
        side="home",
        holds="the alarm on disks is raised, the instance is replaced by itself, and the alarm is over",
        parameters={"instances": 1, "percent": 97},
    ),
    Fault(
        name="checks-fail",
        title="instances fail the load balancer's checks",
        side="home",
        holds="Auto Scaling replaces them, and as many serve again as are wanted",
        parameters={"instances": 1},
    ),
    Fault(
        name="health-flap",
        title="home's health check fails and passes in turns",
        side="home",
        holds="whoever is answered by either side is served, and there is one writer",
        parameters={"seconds": 40},
    ),
    Fault(
        name="control-plane-gone",
        title="the control planes of Route 53 and IAM do not answer",
        side="",
        holds="a failover does without them",
    ),
    Fault(
        name="clock-skew",
        title="the clock of whoever runs the drill is wrong",
        side="",
        holds="no step is judged by a datapoint of another time",
        parameters={"seconds": 240},
    ),
    Fault(
        name="stale-dns",
        title="clients keep DNS answers far beyond their TTL",
        side="",
        holds="the fence refuses what they write to the old writer",
        parameters={"seconds": 3600},
    ),
)
FAULTS: Final = MappingProxyType({fault.name: fault for fault in _ALL})


class UnknownFaultError(ValueError):
    """A fault or parameter that is not in the table; the message says which ones are."""


@dataclass(frozen=True, kw_only=True)
class Active:
    """A fault that is in force, in `region` (empty for none), with its parameters."""

    fault: Fault
    region: str
    parameters: Mapping[str, float]


class Faults:
    """Those in force now."""

    def __init__(self) -> None:
        """None."""
        self._active: dict[tuple[str, str], Active] = {}

    def inject(self, name: str, region: str = "", parameters: Mapping[str, float] | None = None) -> Active:
        """Put the fault `name` in force, with `parameters` over its defaults.

        Raises:
            UnknownFaultError: there is no such fault or parameter, or it needs a region.
        """
        fault = find(name)
        unknown = sorted(set(parameters or {}) - set(fault.parameters))
        if unknown:
            raise UnknownFaultError(f"{name} has no parameter {unknown[0]!a}; it has {_listed(fault.parameters)}")
        if bool(fault.side) != bool(region):
            raise UnknownFaultError(f"{name} {'needs a region' if fault.side else 'is of no region'}")
        active = Active(fault=fault, region=region, parameters={**fault.parameters, **(parameters or {})})
        self._active[name, region] = active
        return active

    def lift(self, name: str, region: str = "") -> bool:
        """Take the fault out of force; whether it was in force."""
        return self._active.pop((find(name).name, region), None) is not None

    def active(self, name: str, region: str = "") -> Active | None:
        """The fault called `name` in `region`, if it is in force."""
        return self._active.get((name, region))

    def all(self) -> tuple[Active, ...]:
        """Those in force, in the order in which they came."""
        return tuple(self._active.values())


def find(name: str) -> Fault:
    """The fault called `name`.

    Raises:
        UnknownFaultError: there is none.
    """
    if name not in FAULTS:
        raise UnknownFaultError(f"{name!a} is no fault of the local cloud; choose one of {', '.join(FAULTS)}")
    return FAULTS[name]


def _listed(names: Mapping[str, float]) -> str:
    return ", ".join(names) or "none"
