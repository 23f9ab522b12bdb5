"""The changes that an instance can be put through, and what they leave behind when their time is over.

Owns: how long each takes, in which statuses, and its end. Does not own: what may be asked for and when, which is
`calls`, and what time does to an instance meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ops.sandbox.physics.databases import links
from ops.sandbox.physics.databases.course import BACKING_UP, CREATING, MODIFYING, REBOOTING, RENAMING, course
from ops.sandbox.physics.databases.instance import Instance

if TYPE_CHECKING:
    from ops.sandbox.physics.world import World


class Changes:
    """Those of the account's instances, which moto keeps in `backends`, by region."""

    def __init__(self, world: World, backends: Mapping[str, Any]) -> None:
        """None is under way."""
        self._world = world
        self._backends = backends

    def modify(self, instance: Instance) -> None:
        """Let a modification, which moto has made already, take its time."""
        self._pass(instance, (MODIFYING, self._world.draw("modification", instance.identifier)))

    def grow(self, instance: Instance, gib: int, finish: Callable[[], None]) -> None:
        """Give it storage of `gib`, as RDS does by itself; call `finish` when that is done."""

        def grown() -> None:
            instance.record.allocated_storage = gib
            self._happened("storage-grown", instance, gib=gib)
            finish()

        self._pass(instance, (MODIFYING, self._world.draw("modification", instance.identifier)), finish=grown)

    def rename(self, instance: Instance, new: str) -> None:
        """Give it the identifier `new`, by which it is known when that is done."""
        stage = (RENAMING, self._world.draw("rename", instance.identifier))
        self._pass(instance, stage, finish=lambda: self._renamed(instance, new))

    def reboot(self, instance: Instance) -> None:
        """Restart it."""
        self._pass(instance, (REBOOTING, self._world.draw("reboot", instance.identifier)))

    def create(self, instance: Instance, figure: str) -> None:
        """Let the making of a new instance take what `figure` says."""
        self._pass(instance, (CREATING, self._world.draw(figure, instance.identifier)))

    def back_up(self, instance: Instance) -> None:
        """Take a backup, during which it refuses changes."""
        self._pass(instance, (BACKING_UP, self._world.draw("backup", instance.identifier)))

    def promote(self, instance: Instance, days: int) -> None:
        """Make a replica a primary that keeps backups for `days`. What it has not applied by now it never will."""
        total = self._world.draw("promotion", instance.identifier)
        reboot = min(total, self._world.draw("reboot", instance.identifier))
        instance.promoting = True
        stages = (MODIFYING, total - reboot), (REBOOTING, reboot)
        self._pass(instance, *stages, finish=lambda: self._promoted(instance, days))

    def _pass(self, instance: Instance, *stages: tuple[str, float], finish: Callable[[], None] | None = None) -> None:
        now = self._world.clock.elapsed
        instance.pass_through(course(now, *stages), now, finish)
        statuses = [status for status, _ in stages]
        self._happened("database-passes", instance, statuses=statuses)

    def _promoted(self, instance: Instance, days: int) -> None:
        links.end(instance.record)
        instance.record.backup_retention_period = days
        instance.lead(self._world.clock.elapsed)
        self._happened("promoted", instance)

    def _renamed(self, instance: Instance, new: str) -> None:
        """Know it by its new identifier, unless another instance has taken that meanwhile."""
        databases = self._backends[instance.region].databases
        if new in databases:
            return
        old = instance.identifier
        del databases[old]
        databases[new] = instance.record
        others = [record for backend in self._backends.values() for record in backend.databases.values()]
        links.rename(instance.record, new, others)
        self._happened("renamed", instance, old=old)

    def _happened(self, what: str, instance: Instance, **facts: object) -> None:
        self._world.happened(what, region=instance.region, identifier=instance.identifier, **facts)
