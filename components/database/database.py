"""A side's MySQL instance: the primary that writes, or a read replica of the other side's.

Owns: the instance, its subnet group, parameter group, security group (without rules: who connects adds its own), logs
and monitoring role. Does not own: the credentials, which belong to the cell, and the network.

An instance is never replaced by an edit. A change of the identifier, the KMS key, encryption, the engine, the master
user or the database's name would need a new one. Hence identifiers are stable; what is given only once, at creation, is
ignored afterwards, so that it may also be missing, as on a replica that was promoted; and `protect` refuses the rest.
To have a new instance made on purpose, raise `generation`: the old one stays until a person lets it go.

A `Replica` that becomes `Primary` is promoted in place. AWS refuses the way back.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pulumi
from pulumi_aws import ec2, iam, rds

from components.database.args import PORT, SCHEMA, DatabaseArgs, Primary, Replica
from components.database.monitoring import INTERVAL_SECONDS, LOGS, build_log_groups, build_role
from components.database.parameters import FAMILY, PARAMETERS
from domain import windows
from domain.naming import DATABASE

ENGINE_VERSION: Final = "8.4"
# The default authority of new instances, valid into 2061, written down so that a new default does not slip in; the
# service trusts the authorities of its region.
CERTIFICATE_AUTHORITY: Final = "rds-ca-rsa2048-g1"
INSIGHTS_DAYS: Final = 7  # what is free of charge

# Rotation changes the password and AWS the minor version; the others are creation's alone.
_GIVEN_ONCE = ("engine", "engine_version", "username", "password", "db_name")
_LONGEST_CREATION = "12h"  # a replica of a large database takes hours; the provider would give up after 40 minutes


class Database(pulumi.ComponentResource):
    """RDS for MySQL 8.4 in the isolated data subnets of a side."""

    arn: pulumi.Output[str]
    address: pulumi.Output[str]
    port: int
    schema: str
    identifier: str
    security_group_id: pulumi.Output[str]

    def __init__(self, name: str, args: DatabaseArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Make the instance and what it stands on."""
        super().__init__("medical:database:Database", name, None, opts)
        self._name = name
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        # The generation is in the logical name too: a new one is made beside the old one, not in its place.
        self._instance_name = f"{name}-{args.generation}"
        self.identifier = args.names.of(f"db-{args.generation}", DATABASE)

        group = self._build_security_group()
        role, attachment = build_role(name, args, self._child)
        logs = build_log_groups(self._instance_name, args, self.identifier, self._child)
        settings = self._settings(group, role, self._build_subnet_group(), self._build_parameter_group())
        instance = self._build_instance(settings, [*logs, attachment])

        self.arn = instance.arn
        self.address = instance.address
        self.port = PORT
        self.schema = SCHEMA
        self.security_group_id = group.id
        self.register_outputs({"arn": self.arn, "address": self.address})

    def _build_security_group(self) -> ec2.SecurityGroup:
        name = self._args.names.of("db")
        return ec2.SecurityGroup(
            self._name,
            name=name,
            description="The database",
            vpc_id=self._args.vpc_id,
            tags={"Name": name},
            opts=self._child,
        )

    def _build_subnet_group(self) -> rds.SubnetGroup:
        return rds.SubnetGroup(
            self._name,
            name=self._args.names.of("db"),
            description="The isolated data subnets",
            subnet_ids=list(self._args.subnet_ids),
            opts=self._child,
        )

    def _build_parameter_group(self) -> rds.ParameterGroup:
        return rds.ParameterGroup(
            self._name,
            # With the family in its name, a new family's group can be made before the old one's is deleted.
            name=self._args.names.of(f"db-{FAMILY.replace('.', '')}"),
            family=FAMILY,
            description="TLS only, utf8mb4, slow queries logged",
            parameters=[rds.ParameterGroupParameterArgs(**parameter._asdict()) for parameter in PARAMETERS],
            opts=self._child,
        )

    def _settings(
        self, group: ec2.SecurityGroup, role: iam.Role, subnets: rds.SubnetGroup, parameters: rds.ParameterGroup
    ) -> rds.InstanceArgs:
        """What a primary and a replica have in common."""
        args = self._args
        return rds.InstanceArgs(
            identifier=self.identifier,
            instance_class=args.instance_class,
            storage_type="gp3",
            # A replica grows by itself as its source does, or it would fill up and stop.
            max_allocated_storage=args.max_storage_gib,
            storage_encrypted=True,
            kms_key_id=args.key_arn,
            multi_az=args.multi_az,
            port=PORT,
            publicly_accessible=False,
            db_subnet_group_name=subnets.name,
            vpc_security_group_ids=[group.id],
            parameter_group_name=parameters.name,
            ca_cert_identifier=CERTIFICATE_AUTHORITY,
            iam_database_authentication_enabled=False,
            allow_major_version_upgrade=False,
            auto_minor_version_upgrade=True,
            apply_immediately=False,
            backup_retention_period=args.backup_days,
            backup_window=windows.backup(args.region),
            maintenance_window=windows.maintenance(args.region),
            copy_tags_to_snapshot=True,
            delete_automated_backups=args.throw_away,
            deletion_protection=args.deletion_protection,
            enabled_cloudwatch_logs_exports=list(LOGS),
            monitoring_interval=INTERVAL_SECONDS,
            monitoring_role_arn=role.arn,
            performance_insights_enabled=True,
            performance_insights_kms_key_id=args.key_arn,
            performance_insights_retention_period=INSIGHTS_DAYS,
        )

    def _build_instance(self, settings: rds.InstanceArgs, before: Sequence[pulumi.Resource]) -> rds.Instance:
        match self._args.source:
            case Primary() as primary:
                self._add_primary(settings, primary)
            case Replica() as replica:
                settings.replicate_source_db = replica.of_arn
                settings.skip_final_snapshot = True  # RDS refuses a final snapshot of a replica
        return rds.Instance(
            self._instance_name,
            settings,
            pulumi.ResourceOptions(
                parent=self,
                protect=not self._args.throw_away,
                ignore_changes=list(_GIVEN_ONCE),
                depends_on=before,
                custom_timeouts=pulumi.CustomTimeouts(create=_LONGEST_CREATION),
            ),
        )

    def _add_primary(self, settings: rds.InstanceArgs, primary: Primary) -> None:
        settings.engine = "mysql"
        settings.engine_version = ENGINE_VERSION
        settings.username = primary.username
        settings.password = primary.password
        settings.db_name = SCHEMA
        settings.allocated_storage = self._args.storage_gib
        settings.skip_final_snapshot = self._args.throw_away
        if not self._args.throw_away:
            settings.final_snapshot_identifier = f"{self.identifier}-final"
