"""S3's metrics on replication, and the ways that they are about.

S3 reports each minute on a rule by which something is waiting, has arrived or has failed; one more time when that is
over; and then nothing. What waits is reported in the destination's region, what failed in the source's. Source: S3 user
guide, "Using S3 Replication metrics", as of November 2026. A source that is dark reports nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from ops.sandbox.physics.objects import replicas
from ops.sandbox.physics.objects.replicas import Rule

if TYPE_CHECKING:  # the world imports its laws
    from ops.sandbox.physics.world import World

NAMESPACE: Final = "AWS/S3"
REPORT: Final = timedelta(minutes=1)


@dataclass(frozen=True)
class Route:
    """A way that objects go, between two of moto's buckets."""

    source: Any
    destination: Any
    rule: str

    @property
    def dimensions(self) -> dict[str, str]:
        """Under which S3 reports on it."""
        return {"SourceBucket": self.source.name, "DestinationBucket": self.destination.name, "RuleId": self.rule}


@dataclass(order=True)
class Copying:
    """A version on its way since a second of the clock, and the one at which it arrives if nothing is in the way."""

    due: float
    order: int
    route: Route = field(compare=False)
    rule: Rule = field(compare=False)
    version: Any = field(compare=False)
    since: float = field(compare=False)

    @property
    def size(self) -> int:
        """Bytes that wait; a delete marker has none."""
        return 0 if replicas.is_marker(self.version) else int(self.version.size)

    @property
    def name(self) -> str:
        """The version's place, as chance knows it."""
        return f"{self.route.source.name}/{self.version.name}"


@dataclass
class _Minute:
    """What has happened on a route since the last report; the longest time that one which arrived had taken."""

    slowest: float = 0.0
    arrived: int = 0
    failed: int = 0


class Reports:
    """What there is to report, and when."""

    def __init__(self, world: World) -> None:
        """Begin with nothing, a minute before the first report."""
        self._world = world
        self._minutes: dict[Route, _Minute] = defaultdict(_Minute)
        self._next = world.now + REPORT

    @property
    def due(self) -> bool:
        """Whether a minute is over."""
        return self._world.now >= self._next

    def arrived(self, route: Route, seconds: float) -> None:
        """Note a replica that was made, `seconds` after its original."""
        minute = self._minutes[route]
        minute.arrived += 1
        minute.slowest = max(minute.slowest, seconds)

    def failed(self, route: Route) -> None:
        """Note a version that is never copied."""
        self._minutes[route].failed += 1

    def put(self, pending: Iterable[Copying]) -> None:
        """Put the metrics on the minute that has ended, with what is `pending` at its end."""
        self._next += REPORT
        waiting: dict[Route, list[Copying]] = defaultdict(list)
        for copying in pending:
            waiting[copying.route].append(copying)
        minutes, self._minutes = self._minutes, defaultdict(_Minute)
        for route in {**dict.fromkeys(waiting), **dict.fromkeys(minutes)}:
            minute = minutes[route]
            if waiting[route] or minute.arrived or minute.failed:
                self._minutes[route] = _Minute()  # so that there is one more report
            if not self._world.faults.active("region-dark", route.source.region_name):
                self._put(route, waiting[route], minute)

    def _put(self, route: Route, copyings: list[Copying], minute: _Minute) -> None:
        at = self._world.now.replace(second=0, microsecond=0) - REPORT
        ages = [self._world.clock.elapsed - copying.since for copying in copyings]
        source, destination = route.source.region_name, route.destination.region_name
        for region, name, value, unit in (
            (destination, "ReplicationLatency", max(minute.slowest, *ages, 0), "Seconds"),
            (destination, "OperationsPendingReplication", len(copyings), "Count"),
            (destination, "BytesPendingReplication", sum(copying.size for copying in copyings), "Bytes"),
            (source, "OperationsFailedReplication", minute.failed, "Count"),
        ):
            self._world.metrics.put(region, NAMESPACE, name, route.dimensions, value, unit, at)
