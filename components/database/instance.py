"""One database instance: what it is made or promoted from, and what is its own.

Owns: the instance, its parameter group, its logs, and the alarm on a replica's lag. Does not own: the ground that all
instances of a side stand on, which `database` makes.

The logical name depends on side and generation alone, so an instance is the same one through every move. How it changes
on the way:

- A replica that is promoted loses its source, in place. From then on it has nothing that it could be made from, so the
  program can never make an empty one in its stead: the provider refuses that.
- An instance that is kept aside is renamed in place, fenced, and loses its standby. This waits for the writer: where
  the writer is not in order, what it left behind is not touched.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
from pulumi_aws import ec2, iam, rds

from components.database.args import PORT, SCHEMA, DatabaseArgs
from components.database.monitoring import INTERVAL_SECONDS, LOGS, build_log_groups
from components.database.parameters import FAMILY, FENCE, PARAMETERS
from domain import windows
from domain.continuity import Instance, Role
from domain.naming import DATABASE

ENGINE_VERSION: Final = "8.4"
# The default authority of new instances, valid into 2061, written down so that a new default does not slip in; the
# service trusts the authorities of its region.
CERTIFICATE_AUTHORITY: Final = "rds-ca-rsa2048-g1"
INSIGHTS_DAYS: Final = 7  # what is free of charge

# Rotation changes the password and AWS the minor version; the others are creation's alone.
_GIVEN_ONCE = ("engine", "engine_version", "username", "password", "db_name")
_LONGEST_CREATION = "12h"  # a replica of a large database takes hours; the provider would give up after 40 minutes


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What the instances of a side stand on."""

    subnets: rds.SubnetGroup
    security_group: ec2.SecurityGroup
    options: rds.OptionGroup
    role: iam.Role
    before: Sequence[pulumi.Resource]


@dataclass(frozen=True, kw_only=True)
class Made:
    """An instance that was declared, and what RDS calls it."""

    identifier: str
    resource: rds.Instance


def build_instance(
    name: str,
    args: DatabaseArgs,
    instance: Instance,
    ground: Ground,
    writer: rds.Instance | None,
    parent: pulumi.Resource,
) -> Made:
    """Declare `instance` of the database `name`; `writer` is the cell's instance that writes, None if it is this."""
    own = f"{name}-{instance.generation}"
    plain = args.names.of(f"db-{instance.generation}", DATABASE)
    identifier = args.names.of(f"db-{instance.generation}-aside", DATABASE) if instance.aside else plain
    child = pulumi.ResourceOptions(parent=parent)

    logs = build_log_groups(own, args, plain, child)
    if instance.aside:  # RDS logs under the name that an instance has; what it logged under the other is kept
        logs += build_log_groups(f"{own}-aside", args, identifier, child)

    waits = [writer] if instance.aside and writer else []
    settings = _settings(args, instance, ground, identifier)
    settings.parameter_group_name = _build_parameter_group(own, args, instance, waits, parent).name
    _add_origin(settings, args, instance, writer)
    if instance.role is not Role.REPLICA and not args.throw_away:
        settings.final_snapshot_identifier = f"{plain}-final"
    resource = rds.Instance(
        own,
        settings,
        pulumi.ResourceOptions(
            parent=parent,
            protect=not args.throw_away,
            ignore_changes=list(_GIVEN_ONCE),
            depends_on=[*logs, *ground.before, *waits],
            custom_timeouts=pulumi.CustomTimeouts(create=_LONGEST_CREATION),
        ),
    )
    return Made(identifier=identifier, resource=resource)


def _build_parameter_group(
    name: str, args: DatabaseArgs, instance: Instance, waits: Sequence[pulumi.Resource], parent: pulumi.Resource
) -> rds.ParameterGroup:
    """An instance's own parameters, so that a fence around it is around no other."""
    parameters = (*PARAMETERS, FENCE) if instance.aside else PARAMETERS
    return rds.ParameterGroup(
        name,
        # With the family in its name, a new family's group can be made before the old one's is deleted.
        name=args.names.of(f"db-{instance.generation}-{FAMILY.replace('.', '')}"),
        family=FAMILY,
        description="TLS only, utf8mb4, slow queries logged",
        parameters=[rds.ParameterGroupParameterArgs(**parameter._asdict()) for parameter in parameters],
        opts=pulumi.ResourceOptions(parent=parent, depends_on=list(waits)),
    )


def _settings(args: DatabaseArgs, instance: Instance, ground: Ground, identifier: str) -> rds.InstanceArgs:
    """What all instances have in common."""
    return rds.InstanceArgs(
        identifier=identifier,
        instance_class=args.instance_class,
        storage_type="gp3",
        # A replica grows by itself as its source does, or it would fill up and stop.
        max_allocated_storage=args.max_storage_gib,
        storage_encrypted=True,
        kms_key_id=args.key_arn,
        # A replica is itself the second copy, and its standby would double its price.
        multi_az=instance.writes,
        port=PORT,
        publicly_accessible=False,
        db_subnet_group_name=ground.subnets.name,
        vpc_security_group_ids=[ground.security_group.id],
        option_group_name=ground.options.name,
        ca_cert_identifier=CERTIFICATE_AUTHORITY,
        iam_database_authentication_enabled=False,
        allow_major_version_upgrade=False,
        auto_minor_version_upgrade=True,
        # At once where nobody is served, and where a writer without a replica waits for its standby.
        apply_immediately=instance.aside or instance.alone,
        backup_retention_period=args.backup_days,
        backup_window=windows.backup(args.region),
        maintenance_window=windows.maintenance(args.region),
        copy_tags_to_snapshot=True,
        delete_automated_backups=args.throw_away,
        deletion_protection=args.deletion_protection,
        # RDS refuses a final snapshot of a replica.
        skip_final_snapshot=instance.role is Role.REPLICA or args.throw_away,
        enabled_cloudwatch_logs_exports=list(LOGS),
        monitoring_interval=INTERVAL_SECONDS,
        monitoring_role_arn=ground.role.arn,
        performance_insights_enabled=True,
        performance_insights_kms_key_id=args.key_arn,
        performance_insights_retention_period=INSIGHTS_DAYS,
    )


def _add_origin(
    settings: rds.InstanceArgs, args: DatabaseArgs, instance: Instance, writer: rds.Instance | None
) -> None:
    """What the instance would be made from, if it did not stand yet. Promoted and kept-aside ones always stand."""
    if instance.role is Role.REPLICA and writer:
        settings.replicate_source_db = writer.arn
    elif instance.role is Role.ORIGINAL and instance.writes:
        settings.engine = "mysql"
        settings.engine_version = ENGINE_VERSION
        settings.username = args.master.username
        settings.password = args.master.password
        settings.db_name = SCHEMA
        settings.allocated_storage = args.storage_gib
