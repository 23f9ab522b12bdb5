"""The calls to RDS that moto carries out at once, whole or wrongly, as RDS carries them out.

Owns: what each call refuses, with the code and the kind of message of RDS, and what it sets off in `world.databases`,
which is looked up at each call. A cell that is being built, before the world runs, gets what moto gives. One thing is
left as it is in moto: what RDS keeps for the maintenance window without `ApplyImmediately` is done at once.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, Final
from unittest import mock

from ops.sandbox.physics.databases.copies import create_replica
from ops.sandbox.physics.databases.refusals import EXISTS, STATE, Replacement, named, refusal, require_available

if TYPE_CHECKING:
    from moto.rds.models import DBInstance, RDSBackend
    from moto.rds.responses import RDSResponse

    from ops.sandbox.physics.world import World

_PROMOTED_DAYS: Final = 1  # RDS: the retention of a promoted replica unless the call gives another
_NO_CHANGE: Final = frozenset({"db_instance_identifier", "apply_immediately"})


@contextmanager
def installed(world: World) -> Generator[None]:
    """Until the block ends, RDS behaves over time in moto."""
    from moto.rds.models import DBInstance, RDSBackend  # noqa: PLC0415 - moto reads its environment first
    from moto.rds.responses import RDSResponse  # noqa: PLC0415 - as above

    with ExitStack() as stack:
        for make in (_promote, _reboot, _modify, _create, create_replica, _delete, _snapshot):
            name, replacement = make(world, RDSBackend)
            stack.enter_context(mock.patch.object(RDSBackend, name, replacement))
        shown = property(_shown_groups(world))
        stack.enter_context(mock.patch.object(DBInstance, "db_parameter_group_status_list", shown))
        stack.enter_context(mock.patch.object(RDSResponse, "reset_db_parameter_group", _reset, create=True))
        yield


def _promote(world: World, backend: type[RDSBackend]) -> Replacement:
    original = backend.promote_read_replica

    def promote_read_replica(self: RDSBackend, db_kwargs: Mapping[str, Any]) -> Any:  # noqa: ANN401 - moto's instance
        if not world.running:
            return original(self, dict(db_kwargs))
        with world.lock:
            instance = named(world, self, db_kwargs["db_instance_identifier"])
            if not instance.record.is_replica:
                raise refusal(STATE, f"DB instance {instance.identifier} is not a read replica.")
            require_available(instance)
            if window := db_kwargs.get("preferred_backup_window"):
                instance.record.preferred_backup_window = window
            days = db_kwargs.get("backup_retention_period")
            world.databases.changes.promote(instance, _PROMOTED_DAYS if days is None else days)
            return instance.record

    return "promote_read_replica", promote_read_replica


def _reboot(world: World, backend: type[RDSBackend]) -> Replacement:
    original = backend.reboot_db_instance

    def reboot_db_instance(self: RDSBackend, db_instance_identifier: str) -> Any:  # noqa: ANN401 - moto's instance
        if not world.running:
            return original(self, db_instance_identifier)
        with world.lock:
            instance = named(world, self, db_instance_identifier)
            require_available(instance)
            world.databases.changes.reboot(instance)
            return instance.record

    return "reboot_db_instance", reboot_db_instance


def _modify(world: World, backend: type[RDSBackend]) -> Replacement:
    original = backend.modify_db_instance

    def modify_db_instance(self: RDSBackend, db_instance_identifier: str, db_kwargs: Mapping[str, Any]) -> Any:  # noqa: ANN401 - moto's instance
        if not world.running:
            return original(self, db_instance_identifier, dict(db_kwargs))
        with world.lock:
            instance = named(world, self, db_instance_identifier)
            require_available(instance)
            changes = dict(db_kwargs)
            new = changes.pop("new_db_instance_identifier", "").lower()
            if new and new in self.databases:
                raise refusal(EXISTS, f"DB instance {new} already exists.")
            record = original(self, db_instance_identifier, changes)
            if new:
                world.databases.changes.rename(instance, new)
            elif set(changes) - _NO_CHANGE:
                world.databases.changes.modify(instance)
            return record

    return "modify_db_instance", modify_db_instance


def _create(world: World, backend: type[RDSBackend]) -> Replacement:
    original = backend.create_db_instance

    def create_db_instance(self: RDSBackend, db_kwargs: dict[str, Any]) -> Any:  # noqa: ANN401 - moto's instance
        with world.lock:
            record = original(self, db_kwargs)
            if world.running:
                world.databases.changes.create(world.databases.of(record), "instance_creation")
            return record

    return "create_db_instance", create_db_instance


def _delete(world: World, backend: type[RDSBackend]) -> Replacement:
    original = backend.delete_db_instance

    def delete_db_instance(self: RDSBackend, db_instance_identifier: str, **options: Any) -> Any:  # noqa: ANN401 - as above
        record = self.databases.get(db_instance_identifier)
        if not world.running or record is None or not record.is_replica:
            return original(self, db_instance_identifier, **options)
        with world.lock:
            record.is_replica = False  # moto fails to take it off its source's list, which the law does
            try:
                return original(self, db_instance_identifier, **options)
            finally:
                record.is_replica = True

    return "delete_db_instance", delete_db_instance


def _snapshot(world: World, backend: type[RDSBackend]) -> Replacement:
    original = backend.create_db_snapshot

    def create_db_snapshot(
        self: RDSBackend,
        db_instance_identifier: str,
        db_snapshot_identifier: str,
        snapshot_type: str = "manual",
        **options: Any,  # noqa: ANN401 - moto's own
    ) -> Any:  # noqa: ANN401 - moto's snapshot
        arguments = (self, db_instance_identifier, db_snapshot_identifier, snapshot_type)
        if not world.running or snapshot_type != "manual":  # moto takes an automated one of whatever it creates
            return original(*arguments, **options)
        with world.lock:
            instance = named(world, self, db_instance_identifier)
            require_available(instance)
            snapshot = original(*arguments, **options)
            world.databases.changes.back_up(instance)
            return snapshot

    return "create_db_snapshot", create_db_snapshot


def _shown_groups(world: World) -> Callable[[DBInstance], Any]:
    def db_parameter_group_status_list(self: DBInstance) -> Any:  # noqa: ANN401 - moto's groups
        """Copies: moto writes the status of each instance on the group that they share."""
        with world.lock:
            shown = [copy.copy(group) for group in self.db_parameter_groups()]
            status = world.databases.of(self).parameter_status if world.running else "in-sync"
        for group in shown:
            group.ParameterApplyStatus = status  # type: ignore[attr-defined]
        return shown

    return db_parameter_group_status_list


def _reset(self: RDSResponse) -> Any:  # noqa: ANN401 - moto's answer has no public type
    """ResetDBParameterGroup, which moto lacks: a parameter that is not in the group has its default."""
    from moto.core.responses import ActionResult  # noqa: PLC0415 - moto reads its environment first
    from moto.rds.exceptions import DBParameterGroupNotFoundError  # noqa: PLC0415 - as above

    name = self.params["DBParameterGroupName"]
    if name not in self.backend.db_parameter_groups:
        raise DBParameterGroupNotFoundError(name)
    group = self.backend.db_parameter_groups[name]
    chosen = [parameter["ParameterName"] for parameter in self.params.get("Parameters") or []]
    for parameter in chosen or list(group.parameters):
        group.parameters.pop(parameter, None)
    return ActionResult({"DBParameterGroupName": group.name})
