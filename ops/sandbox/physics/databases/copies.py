"""CreateDBInstanceReadReplica as RDS does it: what it refuses, and what a replica does not have of its source.

moto makes a replica as a copy of its source, with its zone, its groups and its backups.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ops.sandbox.physics.databases.course import ANSWERING
from ops.sandbox.physics.databases.refusals import EXISTS, STATE, Replacement, refusal

if TYPE_CHECKING:
    from moto.rds.models import RDSBackend

    from ops.sandbox.physics.world import World


def create_replica(world: World, backend: type[RDSBackend]) -> Replacement:
    """The call that makes a replica."""
    original = backend.create_db_instance_read_replica

    def create_db_instance_read_replica(self: RDSBackend, db_kwargs: Mapping[str, Any]) -> Any:  # noqa: ANN401 - moto's instance
        if not world.running:
            return original(self, db_kwargs)  # type: ignore[arg-type]
        with world.lock:
            given = dict(db_kwargs)
            source = self.find_db_from_id(given["source_db_instance_identifier"])
            _require_source(world, self, source, given)
            subnets = given.pop("db_subnet_group_name", None)  # moto would look for it in the source's region
            record = original(self, given)
            _set_apart(world, record, given, same_region=source.region == record.region)
            if subnets:
                record.db_subnet_group_name = subnets
            world.databases.changes.create(world.databases.of(record), "replica_creation")
            return record

    return "create_db_instance_read_replica", create_db_instance_read_replica


def _require_source(world: World, backend: RDSBackend, source: Any, given: Mapping[str, Any]) -> None:  # noqa: ANN401 - moto's instance
    """Refuse a replica that RDS would not make of `source`."""
    name, identifier = given["db_instance_identifier"], source.db_instance_identifier
    if name in backend.databases:
        raise refusal(EXISTS, f"DB instance {name} already exists.")
    if not source.backup_retention_period:
        raise refusal(
            STATE,
            "Automated backups are not enabled for this database instance. To enable automated backups, use "
            "ModifyDBInstance to set the backup retention period to a non-zero value.",
        )
    if source.is_replica:
        raise refusal(STATE, f"DB instance {identifier} is itself a read replica of another instance.")
    if source.status not in ANSWERING or world.faults.active("region-dark", source.region):
        raise refusal(STATE, f"The source instance {identifier} in {source.region} is not available.")


def _set_apart(world: World, record: Any, given: Mapping[str, Any], *, same_region: bool) -> None:  # noqa: ANN401 - as above
    """Take from a replica what RDS does not give it of its source, unless it was `given`."""
    own: dict[str, Any] = {
        "availability_zone": f"{record.region}a",
        "multi_az": False,
        "deletion_protection": False,
        "backup_retention_period": 0,
        "monitoring_interval": 0,
        "monitoring_role_arn": None,
        "tags": [],
        "enabled_cloudwatch_logs_exports": list(given.get("enable_cloudwatch_logs_exports", [])),
    }
    if not same_region:
        ec2 = world.backend("ec2", record.region)
        own["db_parameter_group_name"] = None
        own["vpc_security_group_ids"] = [ec2.get_default_security_group(ec2.default_vpc.id).id]
    for name, value in own.items():
        if name not in given:
            setattr(record, name, value)
