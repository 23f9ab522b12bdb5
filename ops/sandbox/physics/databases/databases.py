"""The law of the databases: who can be written, who follows whom, and how long each change takes.

Owns: the rows and positions of all instances of the account, the fence that a parameter group puts around one, backups
in the daily window, and both sides of each link. Beside it stand `calls`, what RDS is asked and refuses,
`changes`, how long that takes, and `reports`, what CloudWatch is told. Does not own: whether a
region's API can be reached at all, and the application, which asks `role`, `read` and `write`.

A load of writing is taken to go on all the time at whichever instance can be written; markers are rows among it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final, Literal

from ops.sandbox.physics.clock import TICK_SECONDS
from ops.sandbox.physics.databases import growth, links
from ops.sandbox.physics.databases.calls import installed
from ops.sandbox.physics.databases.changes import Changes
from ops.sandbox.physics.databases.course import AVAILABLE, within
from ops.sandbox.physics.databases.instance import Instance
from ops.sandbox.physics.databases.positions import Pace, Row
from ops.sandbox.physics.databases.reports import Reports

if TYPE_CHECKING:
    from ops.sandbox.physics.world import World

__all__ = ["DatabaseGoneError", "Databases", "ReadOnlyError", "installed"]

Role = Literal["writer", "read-only", "gone"]
_PACE_SECONDS: Final = 60  # how long a replica keeps a pace before chance gives it another
_BACKUP_PAUSE_SECONDS: Final = 12 * 3600  # a window opens once a day


class DatabaseGoneError(Exception):
    """Nobody answers there: the region is dark, or the instance is unknown, being made, restarted or renamed."""


class ReadOnlyError(Exception):
    """The instance answers and takes no write: it is a replica, or fenced."""


class Databases:
    """All instances of the account, over time."""

    def __init__(self, world: World) -> None:
        """Take those that stand: replicas have all that their sources have, and nothing is under way."""
        from moto.backends import get_backend  # noqa: PLC0415 - after moto's environment is set

        self._world = world
        self._backends: dict[str, Any] = get_backend("rds")[world.account]
        self._instances: dict[int, Instance] = {}
        self._reports = Reports(world, self.connected)
        self.changes: Final = Changes(world, self._backends)
        self._standing()

    def step(self) -> None:
        """Let a tick pass for each instance."""
        instances = self._standing()
        if not self._reports.begun:
            self._reports.begin(self._reporting(instances))
        for instance in instances:
            instance.pass_time(self._now)
            self._settle(instance)
            if instance.writable and not self._dark(instance):
                instance.load(self._now)
        for instance in instances:
            if instance.applies:
                self._follow(instance)
        for instance in instances:
            self._mend(instance, instances)
            self._back_up(instance)
        if self._reports.due:
            for instance in self._reporting(instances):
                growth.pass_minute(self._world, self.changes, instance)
            self._reports.measure(self._reporting(instances))
        self._reports.publish()

    def write(self, region: str, identifier: str, run: str, number: int, sha256: str) -> None:
        """Write a marker's row.

        Raises:
            DatabaseGoneError: nobody answers.
            ReadOnlyError: the instance takes no writes.
        """
        with self._world.lock:
            instance = self._answering(region, identifier)
            if not instance.writable:
                raise ReadOnlyError(f"{identifier} in {region} takes no writes: it is a replica, or fenced")
            # Calls come between two ticks: a replica at this very second has not received the row.
            instance.write(Row(run=run, number=number, sha256=sha256, at=self._now + TICK_SECONDS / 2))
            self._world.happened("row", region=region, identifier=identifier, run=run, number=number)

    def read(self, region: str, identifier: str, run: str) -> dict[int, str]:
        """The checksums of the run's rows that this instance has, by number.

        Raises:
            DatabaseGoneError: nobody answers.
        """
        with self._world.lock:
            rows = self._answering(region, identifier).rows
            return {row.number: row.sha256 for row in rows if row.run == run}

    def role(self, region: str, identifier: str) -> Role:
        """What a service that asks the database would find."""
        with self._world.lock:
            instance = self.find(region, identifier)
            if instance is None or not instance.answers or self._dark(instance):
                return "gone"
            return "writer" if instance.writable else "read-only"

    def writers(self) -> list[tuple[str, str]]:
        """The instances that would take a write from whoever reaches them now, by region and identifier."""
        with self._world.lock:
            found = ((one.region, one.identifier) for one in self._standing())
            return [key for key in found if self.role(*key) == "writer"]

    def find(self, region: str, identifier: str) -> Instance | None:
        """The instance, if there is one."""
        if region not in self._backends:
            return None
        record = self._backends[region].databases.get(identifier)
        return None if record is None else self.of(record)

    def of(self, record: Any) -> Instance:  # noqa: ANN401 - moto's instance, loaded later
        """The instance that moto keeps as `record`."""
        if id(record) not in self._instances:
            self._standing()
        if id(record) not in self._instances:  # moto has deleted it, and still answers with it
            return Instance(record, self._now)
        return self._instances[id(record)]

    def connected(self, instance: Instance) -> bool:
        """Whether a replica receives what its source writes."""
        source = instance.source
        if source is None or not instance.applies or self._dark(instance) or self._dark(source):
            return False
        return source.answers and self.find(source.region, source.identifier) is source

    @property
    def _now(self) -> float:
        return self._world.clock.elapsed

    def _standing(self) -> list[Instance]:
        """All of them in a fixed order, those that have come since the last look among them."""
        records = [record for region in sorted(self._backends) for record in self._backends[region].databases.values()]
        new = [record for record in records if id(record) not in self._instances]
        known = {id(record): self._instances.get(id(record)) or Instance(record, self._now) for record in records}
        self._instances = known
        for record in new:
            source = links.source_key(record)
            leader = self.find(*source) if source else None
            if leader:
                known[id(record)].follow(leader)
        return list(known.values())

    def _dark(self, instance: Instance) -> bool:
        return self._world.faults.active("region-dark", instance.region) is not None

    def _reporting(self, instances: Iterable[Instance]) -> list[Instance]:
        return [one for one in instances if one.answers and not self._dark(one)]

    def _answering(self, region: str, identifier: str) -> Instance:
        instance = self.find(region, identifier)
        if instance is None or self.role(region, identifier) == "gone":
            raise DatabaseGoneError(f"{identifier} in {region} does not answer")
        return instance

    def _settle(self, instance: Instance) -> None:
        """Put a changed fence in force when it is time; an instance that does not answer reads it when it does."""
        if not instance.answers:
            return
        if instance.settle_parameters(self._now, lambda: self._world.draw("parameter", instance.identifier)):
            what = "fenced" if instance.fenced else "unfenced"
            self._world.happened(what, region=instance.region, identifier=instance.identifier)

    def _follow(self, instance: Instance) -> None:
        pace = instance.pace
        if pace is None or self._now % _PACE_SECONDS < TICK_SECONDS:
            pace = instance.pace = self._drawn(instance.identifier)
        behind = self._world.faults.active("replica-behind", instance.region)
        if behind:
            delay = max(pace.delay, behind.parameters["seconds"])
            pace = Pace(transit=pace.transit, delay=delay, catch_up=pace.catch_up)
        instance.apply(now=self._now, connected=self.connected(instance), pace=pace, seconds=TICK_SECONDS)

    def _drawn(self, identifier: str) -> Pace:
        draw = self._world.draw
        return Pace(
            transit=draw("received", identifier), delay=draw("lag", identifier), catch_up=draw("catch_up", identifier)
        )

    def _mend(self, instance: Instance, instances: Iterable[Instance]) -> None:
        """Do what a side of a link could not learn while its region, or the other one, was dark."""
        if self._dark(instance):
            return
        source = links.source_key(instance.record)
        leader = self.find(*source) if source else None
        if source and instance.status == AVAILABLE and (leader is None or leader is not instance.source):
            # Its source was deleted: RDS promotes it by itself.
            self.changes.promote(instance, instance.record.backup_retention_period)
        if not instance.record.replicas:
            return
        me = links.key(instance.record)
        followers = [one for one in instances if self._dark(one) or links.source_key(one.record) == me]
        links.forget_lost(instance.record, [one.record for one in followers])

    def _back_up(self, instance: Instance) -> None:
        """Begin the automatic backup when its window is open."""
        record = instance.record
        if instance.status != AVAILABLE or not record.backup_retention_period:
            return
        taken = instance.backed_up is not None and self._now - instance.backed_up < _BACKUP_PAUSE_SECONDS
        if not taken and within(record.preferred_backup_window, self._world.now):
            instance.backed_up = self._now
            self.changes.back_up(instance)
