"""A side's MySQL instances: the one that it uses, and those that were left behind and are kept aside.

Owns: the instances, their subnet group, option group, security group (without rules: who connects adds its own) and
monitoring role. Does not own: which instances stand and what each is, which `domain.continuity` says; the credentials,
which belong to the cell; and the network.

An instance is never replaced by an edit. A change of the KMS key, encryption, the engine, the master user or the
database's name would need a new one. Hence what is given only once, at creation, is ignored afterwards, so that it may
also be missing, as on a replica that was promoted; and `protect` refuses the rest. A new instance is a new generation,
made beside the old one, which stays until a person releases it.
"""

from __future__ import annotations

import pulumi
from pulumi_aws import ec2, rds

from components.database.args import PORT, SCHEMA, DatabaseArgs
from components.database.audit import build_option_group
from components.database.instance import Ground, Made, build_instance
from components.database.monitoring import build_role
from components.observability import watched
from domain.continuity import Instance, Role


class Database(pulumi.ComponentResource):
    """RDS for MySQL 8.4 in the isolated data subnets of a side.

    `arn`, `address` and `identifier` are those of the side's latest instance. `identifiers` are of all, by the name
    that settings use. `writer` is the instance that writes, None where the other side has it.
    """

    arn: pulumi.Output[str]
    address: pulumi.Output[str]
    port: int
    schema: str
    identifier: str
    identifiers: dict[str, str]
    security_group_id: pulumi.Output[str]
    parameter_group: pulumi.Output[str]
    subnet_group: pulumi.Output[str]
    writer: rds.Instance | None
    watched: tuple[watched.Watched, ...]

    def __init__(self, name: str, args: DatabaseArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Make the instances and what they stand on."""
        super().__init__("medical:database:Database", name, None, opts)
        self._name = name
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        ground = self._build_ground()
        made = self._build_instances(ground)
        latest = made[args.instances[-1].name]

        self.arn = latest.resource.arn
        self.address = latest.resource.address
        self.port = PORT
        self.schema = SCHEMA
        self.identifier = latest.identifier
        self.identifiers = {item.name: made[item.name].identifier for item in args.instances}
        self.security_group_id = ground.security_group.id
        self.parameter_group = latest.resource.parameter_group_name
        self.subnet_group = ground.subnets.name
        self.writer = next((made[item.name].resource for item in args.instances if item.writes), None)
        self.watched = tuple(self._watch(item, made[item.name]) for item in args.instances)
        self.register_outputs({"arn": self.arn, "address": self.address})

    def _watch(self, item: Instance, made: Made) -> watched.Watched:
        return watched.Database(
            key=f"db-{item.generation}",
            identifier=made.identifier,
            instance_class=self._args.instance_class,
            storage_gib=self._args.storage_gib,
            replica=item.role is Role.REPLICA,
            aside=item.aside,
        )

    def _build_instances(self, ground: Ground) -> dict[str, Made]:
        """The instances by name, the writer first: others follow it or wait for it."""
        made: dict[str, Made] = {}
        writer = self._args.writer
        for item in sorted(self._args.instances, key=lambda instance: not instance.writes):
            made[item.name] = build_instance(self._name, self._args, item, ground, writer, self)
            if item.writes:
                writer = made[item.name].resource
        return made

    def _build_ground(self) -> Ground:
        role, attachment = build_role(self._name, self._args, self._child)
        return Ground(
            subnets=self._build_subnet_group(),
            security_group=self._build_security_group(),
            options=build_option_group(self._name, self._args, self._child),
            role=role,
            before=[attachment],
        )

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
