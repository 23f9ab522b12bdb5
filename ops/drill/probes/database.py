"""What the databases of a cell are, asked of RDS: who follows whom, who is fenced, who may be promoted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from domain.manifest import Database
from ops.drill.calls import ActionError, call, pages
from ops.drill.model import Observation
from ops.drill.probes import lag
from ops.drill.site import UnreachableError

FENCE: Final = "read_only"
FENCED: Final = "1"
_AVAILABLE: Final = "available"
_BUSY_WITH_BACKUP: Final = "backing-up"
_IN_SYNC: Final = "in-sync"
_DEFAULT: Final = "default"
# Instances that nobody can write to, whatever they are. Source: RDS user guide, "Viewing DB instance status".
_SILENT: Final = frozenset({"creating", "deleting", "failed", "starting", "stopped", "stopping"})


@dataclass(frozen=True, kw_only=True)
class Instance:
    """A database instance as RDS tells of it. `source` is empty for a primary; sources and copies are short names."""

    identifier: str
    status: str
    source: str
    copies: Sequence[str]
    backup_days: int
    parameter_group: str
    apply_status: str
    security_groups: Sequence[str]


def find(rds: Any, identifier: str) -> Instance | None:  # noqa: ANN401 - boto3's clients have no static type
    """The instance called `identifier`; None if there is none."""
    try:
        (found,) = call(rds, "describe_db_instances", DBInstanceIdentifier=identifier)["DBInstances"]
    except ActionError as error:
        if error.code.startswith("DBInstanceNotFound"):
            return None
        raise
    return _instance(found)


def of_cell(rds: Any, stem: str) -> list[Instance]:  # noqa: ANN401 - as above
    """All instances whose identifiers begin with `stem`, those kept aside included."""
    found = pages(rds, "describe_db_instances", "DBInstances")
    return [_instance(item) for item in found if item["DBInstanceIdentifier"].startswith(stem)]


def fence_value(rds: Any, parameter_group: str) -> str:  # noqa: ANN401 - as above
    """What `read_only` was set to in a parameter group; empty if it was not set."""
    found = pages(rds, "describe_db_parameters", "Parameters", DBParameterGroupName=parameter_group, Source="user")
    return next((str(item.get("ParameterValue", "")) for item in found if item["ParameterName"] == FENCE), "")


def fenced(rds: Any, database: Database) -> Observation:  # noqa: ANN401 - as above
    """Whether the instance's own parameter group refuses writes, and the instance has taken it on."""
    instance = find(rds, database.identifier)
    if instance is None:
        return _missing(database.identifier)
    value = fence_value(rds, instance.parameter_group)
    values = {"read_only": value, "apply_status": instance.apply_status, "status": instance.status}
    own = instance.parameter_group == database.parameter_group
    holds = own and value == FENCED and instance.apply_status == _IN_SYNC
    said = f"{instance.parameter_group} has {FENCE}={value or 'unset'} and is {instance.apply_status}"
    if not own:
        said += f"; the instance's own group would be {database.parameter_group}"
    return Observation(holds=holds, text=f"{database.identifier}: {said}", values=values)


def follows(rds: Any, cloudwatch: Any, database: Database, source: str, now: datetime) -> Observation:  # noqa: ANN401
    """Whether the replica is available, follows `source`, and its latest lag is zero."""
    instance = find(rds, database.identifier)
    if instance is None:
        return _missing(database.identifier)
    if instance.status != _AVAILABLE or instance.source != source:
        follows = f"follows {instance.source}" if instance.source else "follows nobody"
        text = f"{database.identifier} is {instance.status} and {follows}; it is to follow {source}"
        return Observation(holds=False, text=text, values={"status": instance.status, "source": instance.source})
    return lag.none_now(cloudwatch, database.identifier, now)


def standing(rds: Any, ec2: Any, database: Database, source: str) -> Observation:  # noqa: ANN401 - as above
    """Whether the replica could be promoted into a writer that is whole: backed up, fenceable, reachable."""
    instance = find(rds, database.identifier)
    if instance is None:
        return _missing(database.identifier)
    wrong = list(_flaws(instance, database, source)) + default_groups(ec2, instance.security_groups)
    values = {"status": instance.status, "backup_days": instance.backup_days}
    text = f"{database.identifier} " + ("; ".join(wrong) or f"is available and follows {source}")
    return Observation(holds=not wrong, text=text, values=values)


def default_groups(ec2: Any, group_ids: Sequence[str]) -> list[str]:  # noqa: ANN401 - as above
    """What is wrong with security groups: there are none, or one is its network's default."""
    if not group_ids:
        return ["has no security group, so nobody is let in"]
    found = pages(ec2, "describe_security_groups", "SecurityGroups", GroupIds=list(group_ids))
    named = sorted(item["GroupId"] for item in found if item["GroupName"] == _DEFAULT)
    return [f"has the default security group {name}" for name in named]


def may_promote(rds: Any, identifier: str) -> Observation:  # noqa: ANN401 - as above
    """Whether RDS would promote the instance now."""
    instance = find(rds, identifier)
    if instance is None:
        return _missing(identifier)
    why = f"is {instance.status}"
    if instance.status == _BUSY_WITH_BACKUP:
        why += ": RDS promotes none meanwhile, and a backup cannot be cancelled"
    if not instance.source:
        why += ", and no replica"
    holds = instance.status == _AVAILABLE and bool(instance.source)
    return Observation(holds=holds, text=f"{identifier} {why}", values={"status": instance.status})


def promoted(rds: Any, other: Any, identifier: str, source_stem: str) -> Observation:  # noqa: ANN401 - as above
    """Whether the instance stands alone. `other` is the client of the former source's region, asked if it answers."""
    instance = find(rds, identifier)
    if instance is None:
        return _missing(identifier)
    ties: list[str] = []
    asked = ""
    try:
        ties = sorted(item.identifier for item in of_cell(other, source_stem) if identifier in item.copies)
    except UnreachableError:
        asked = "; the other region does not answer, and was not needed"
    source = f"follows {instance.source}" if instance.source else "follows nobody"
    tied = f", and {', '.join(ties)} still counts it as a replica" if ties else ""
    holds = instance.status == _AVAILABLE and not instance.source and not ties
    values = {"status": instance.status, "source": instance.source}
    return Observation(holds=holds, text=f"{identifier} is {instance.status} and {source}{tied}{asked}", values=values)


def writers(clients: Mapping[str, Any], stems: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """The primaries of the cell that take writes, and the sides that did not answer; both by side.

    A fence that is not yet in force is none.

    Raises:
        UnreachableError: no side answered.
    """
    found: list[str] = []
    silent: list[str] = []
    for side, rds in clients.items():
        try:
            found += [item.identifier for item in of_cell(rds, stems[side]) if _takes_writes(rds, item)]
        except UnreachableError:
            silent.append(side)
    if len(silent) == len(clients):
        raise UnreachableError("no region of the cell answers, so its writers are not known")
    return found, silent


def _takes_writes(rds: Any, instance: Instance) -> bool:  # noqa: ANN401 - as above
    if instance.source or instance.status in _SILENT:
        return False
    return not (instance.apply_status == _IN_SYNC and fence_value(rds, instance.parameter_group) == FENCED)


def _flaws(instance: Instance, database: Database, source: str) -> list[str]:
    group = instance.parameter_group
    rules = (
        (instance.status != _AVAILABLE, f"is {instance.status}"),
        (instance.source != source, f"follows {instance.source or 'nobody'} instead of {source}"),
        (not instance.backup_days, "keeps no backups"),
        (group != database.parameter_group, f"has the parameter group {group} instead of {database.parameter_group}"),
    )
    return [text for wrong, text in rules if wrong]


def _instance(found: Mapping[str, Any]) -> Instance:
    group: Mapping[str, str] = next(iter(found.get("DBParameterGroups", [])), {})
    return Instance(
        identifier=found["DBInstanceIdentifier"],
        status=found.get("DBInstanceStatus", ""),
        source=_short(found.get("ReadReplicaSourceDBInstanceIdentifier") or ""),
        copies=[_short(name) for name in found.get("ReadReplicaDBInstanceIdentifiers", [])],
        backup_days=found.get("BackupRetentionPeriod", 0),
        parameter_group=group.get("DBParameterGroupName", ""),
        apply_status=group.get("ParameterApplyStatus", ""),
        security_groups=[item["VpcSecurityGroupId"] for item in found.get("VpcSecurityGroups", [])],
    )


def _short(name: str) -> str:
    """An identifier out of what may be an ARN, as it is across regions."""
    return name.rpartition(":")[2]


def _missing(identifier: str) -> Observation:
    return Observation(holds=None, text=f"there is no instance {identifier}")
