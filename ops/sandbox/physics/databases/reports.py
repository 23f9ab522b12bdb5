"""What RDS reports of its instances to CloudWatch, once a minute and late.

A datapoint is of the minute that its timestamp begins, was measured at that minute's end, and can be read only after
the delay that CloudWatch has. Owns the metrics of `AWS/RDS` and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from ops.sandbox.physics.databases.instance import Instance

if TYPE_CHECKING:
    from ops.sandbox.physics.world import World

NAMESPACE: Final = "AWS/RDS"
_MINUTE: Final = 60
_BEFORE: Final = 5
"""Minutes that were reported before the beginning: an instance that stands has been heard of."""
_CPU_PERCENT: Final = 15.0  # assumption: a light load; no step and no alarm depends on it
_GIB: Final = 1024**3
_CONNECTIONS: Final = 4.0  # as above


@dataclass(frozen=True, kw_only=True)
class _Datum:
    """A datapoint that can be read from `due` on, in seconds since the beginning."""

    due: float
    region: str
    identifier: str
    metric: str
    minute: datetime
    value: float
    unit: str


class Reports:
    """The datapoints that have been taken and are on their way."""

    def __init__(self, world: World, connected: Callable[[Instance], bool]) -> None:
        """Begin with the minute that it is; `connected` says whether a replica receives."""
        self._world = world
        self._connected = connected
        self._minute = _minute(world.now)
        self.begun = False
        self._pending: list[_Datum] = []

    def begin(self, instances: Iterable[Instance]) -> None:
        """Report what was so before the beginning."""
        self.begun = True
        for instance in instances:
            for back in range(_BEFORE, 0, -1):
                self._measure(instance, self._minute - timedelta(seconds=back * _MINUTE), due=0)

    @property
    def due(self) -> bool:
        """Whether a minute has ended that was not measured."""
        return _minute(self._world.now) != self._minute

    def measure(self, instances: Iterable[Instance]) -> None:
        """Measure `instances` for the minute that has ended."""
        for instance in instances:
            due = self._world.clock.elapsed + self._world.draw("metric_delay", instance.identifier)
            self._measure(instance, self._minute, due=due)
        self._minute = _minute(self._world.now)

    def _measure(self, instance: Instance, minute: datetime, due: float) -> None:
        for metric, value, unit in _values(instance, connected=self._connected(instance)):
            self._pending.append(
                _Datum(
                    due=due,
                    region=instance.region,
                    identifier=instance.identifier,
                    metric=metric,
                    minute=minute,
                    value=value,
                    unit=unit,
                )
            )

    def publish(self) -> None:
        """Let be read what is due."""
        now = self._world.clock.elapsed
        due = [datum for datum in self._pending if datum.due <= now]
        if not due:
            return
        self._pending = [datum for datum in self._pending if datum.due > now]
        for datum in due:
            self._world.metrics.put(
                datum.region,
                NAMESPACE,
                datum.metric,
                {"DBInstanceIdentifier": datum.identifier},
                datum.value,
                datum.unit,
                at=datum.minute,
            )


def _values(instance: Instance, *, connected: bool) -> Iterator[tuple[str, float, str]]:
    yield "CPUUtilization", _CPU_PERCENT, "Percent"
    yield "DatabaseConnections", _CONNECTIONS, "Count"
    free = int(instance.record.allocated_storage) - instance.storage.used
    yield "FreeStorageSpace", max(0.0, free) * _GIB, "Bytes"
    if instance.position and instance.source and not instance.promoting:
        lag = instance.position.lag(written=instance.source.written, connected=connected)
        yield "ReplicaLag", float(lag), "Seconds"


def _minute(moment: datetime) -> datetime:
    """The minute that `moment` is in, by its beginning."""
    return moment.replace(second=0, microsecond=0)
