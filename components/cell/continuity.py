"""What keeps a cell going when a region is lost: all that ties its two sides together once both stand.

Owns: replication of the buckets both ways, backups with their copies, restore tests, the names above the two sides with
their health checks and the switch, the role for drills, and the manifest, from which a failover can be run with neither
home nor Pulumi's state. Does not own: the database's replica, which is a part of its side.

Whatever copies data takes a `Copy` that the cell's residency contract has admitted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from components.backup.plan import Destination
from components.backup.vault import Vault
from components.cell import backups
from components.cell.regional import RegionalStack
from components.cell.side import Side
from components.database.credentials import Credentials
from components.dns.args import CellRoutingArgs, SwitchAlarm, Target
from components.dns.routing import CellRouting
from components.dns.switch import Switch, SwitchArgs
from components.drill.rights import DrillSide
from components.drill.role import DrillRole, DrillRoleArgs
from components.manifest.content import Routing, SideParts, collect
from components.manifest.manifest import Manifest, ManifestArgs
from components.storage import rules
from components.storage.replication import Replication, ReplicationArgs, ReplicationSide, admit
from components.web.release import Release
from components.web.template import IMAGE
from domain import naming
from domain.continuity import HOME, OTHER, RECOVERY, SIDES
from domain.naming import Names
from domain.residency import Contract, Dataset, Mechanism
from settings import Settings


@dataclass(frozen=True, kw_only=True)
class ContinuityArgs:
    """The cell's settings and contract, and its two sides with their stacks, by `home` and `recovery`."""

    settings: Settings
    contract: Contract
    release: Release
    zone_id: pulumi.Input[str]
    credentials: Credentials
    sides: Mapping[str, Side]
    stacks: Mapping[str, RegionalStack]


class Continuity(pulumi.ComponentResource):
    """The ties between the sides of a cell. `replications` are by their source."""

    replications: dict[str, Replication]
    switch: Switch
    routing: CellRouting
    vaults: dict[str, Vault]

    def __init__(self, name: str, args: ContinuityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Make the ties, the manifest last because it tells of the others."""
        super().__init__("medical:continuity:Continuity", name, None, opts)
        self._args = args
        self._settings = args.settings
        self.replications = {side: self._replicate(side) for side in SIDES}
        self.vaults = {
            side: backups.build_vault(args.settings, args.sides[side], args.stacks[side], self) for side in SIDES
        }
        self._build_backups()
        self.switch = self._build_switch()
        self.routing = self._build_routing()
        self._build_drill_role()
        self._build_manifests()
        self.register_outputs({})

    def _in(self, side: str) -> pulumi.ResourceOptions:
        return self._args.sides[side].child_of(self)

    def _replicate(self, side: str) -> Replication:
        """Replicate the buckets of `side` to the other one."""
        source, destination = self._end(side), self._end(OTHER[side])
        args = ReplicationArgs(
            account_id=self._settings.account_id,
            boundary_arn=self._args.sides[side].boundary_arn,
            source=source,
            destination=destination,
            copies=admit(self._args.contract, source, destination),
        )
        return Replication(f"{side}-replication", args, self._in(side))

    def _end(self, side: str) -> ReplicationSide:
        place, stack = self._args.sides[side], self._args.stacks[side]
        return ReplicationSide(
            names=place.names,
            region=place.region,
            key_arn=place.key.arn,
            buckets=stack.storage.buckets,
        )

    def _build_backups(self) -> None:
        """Back up the side that writes, and copy that to the other."""
        side = self._settings.writer
        place, other = self._args.sides[side], self._args.sides[OTHER[side]]
        destination = Destination(
            vault_arn=self.vaults[other.name].arn,
            copy=self._args.contract.admit(
                Dataset.BACKUPS,
                source_region=place.region,
                destination_region=other.region,
                mechanism=Mechanism.BACKUP_COPY,
                key=other.key.arn,
            ),
        )
        backups.build_plan(self._settings, place, self._args.stacks[side], self.vaults[side], destination, self)

    def _build_switch(self) -> Switch:
        args = SwitchArgs(
            names=self._args.sides[RECOVERY].names,
            cell=self._settings.cell,
            topic_arn=self._args.stacks[RECOVERY].messaging.operations_topic,
        )
        return Switch("recovery-switch", args, self._in(RECOVERY))

    def _build_routing(self) -> CellRouting:
        settings = self._settings
        args = CellRoutingArgs(
            names=Names(cell=settings.cell, place=naming.GLOBAL),
            zone_id=self._args.zone_id,
            domain=settings.domain,
            cell=settings.cell,
            region=self._args.sides[HOME].region,
            home=self._target(HOME),
            recovery=self._target(RECOVERY),
            switch=SwitchAlarm(name=self.switch.alarm_name, region=self._args.sides[RECOVERY].region),
            health_check_seconds=settings.health_check_seconds,
            spill_over=settings.spill_over,
        )
        return CellRouting("names", args, self._in(HOME))

    def _target(self, side: str) -> Target:
        edge = self._args.stacks[side].edge
        return Target(dns_name=edge.dns_name, zone_id=edge.canonical_zone_id)

    def _build_drill_role(self) -> None:
        health = self.routing.health
        args = DrillRoleArgs(
            cell=self._settings.cell,
            account_id=self._settings.account_id,
            boundary_arn=self._args.sides[HOME].boundary_arn,
            home=self._drill_side(HOME),
            recovery=self._drill_side(RECOVERY),
            health_check_ids=[health.primary_id, health.home_id, health.recovery_id, health.switch_id],
        )
        DrillRole("global-drill", args, self._in(HOME))

    def _drill_side(self, side: str) -> DrillSide:
        place, stack = self._args.sides[side], self._args.stacks[side]
        buckets = stack.storage.buckets
        return DrillSide(
            names=place.names,
            region=place.region,
            key_arn=place.key.arn,
            replicated_arns=[buckets[rules.UPLOADS].arn, buckets[rules.DERIVED].arn],
            uploads_arn=buckets[rules.UPLOADS].arn,
            releases_arn=buckets[rules.RELEASES].arn,
            release_key=self._args.release.key,
            audit_arn=buckets[rules.AUDIT].arn,
            secret_arns=[
                self._args.credentials.application_in(place.region),
                self._args.credentials.master_in(place.region),
                stack.cache.secret_arn,
            ],
        )

    def _build_manifests(self) -> None:
        """Keep one manifest in both regions, so that each can be failed over to without the other."""
        health = self.routing.health
        checks = {
            "primary": health.primary_id,
            "home": health.home_id,
            "recovery": health.recovery_id,
            "switch": health.switch_id,
        }
        content = collect(
            self._settings,
            self._parts(HOME),
            self._parts(RECOVERY),
            release=self._args.release,
            image=IMAGE.removeprefix("resolve:ssm:"),
            routing=Routing(switch_alarm=self.switch.alarm_name, health_checks=checks),
        )
        for side in SIDES:
            place = self._args.sides[side]
            args = ManifestArgs(names=place.names, key_arn=place.key.arn, content=content)
            Manifest(f"{side}-manifest", args, self._in(side))

    def _parts(self, side: str) -> SideParts:
        place, stack = self._args.sides[side], self._args.stacks[side]
        return SideParts(
            region=place.region,
            generation=self._settings.state.generation(side),
            minimum=place.web_minimum,
            stack=stack,
            parameter_group=stack.database.parameter_group,
            application_secret_arn=self._args.credentials.application_in(place.region),
            master_secret_arn=self._args.credentials.master_in(place.region),
            key_arn=place.key.arn,
            vault_arn=self.vaults[side].arn,
        )
