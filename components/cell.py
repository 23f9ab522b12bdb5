"""A cell: one jurisdiction, served by a home region and, inside the same jurisdiction, a recovery region.

Owns: a provider, a key and a certificate for each side, the database's credentials, the zone, the two sides, and the
ties between them. Nothing a cell needs lives in another cell, so each is created, previewed and destroyed alone.

The side that writes is made first, because the other side's instances follow its own. What both sides need is made
before either, so that it is the same whoever writes.
"""

from __future__ import annotations

import pulumi
from pulumi_aws import rds

from components.continuity import Continuity, ContinuityArgs
from components.database.args import Master
from components.database.credentials import Credentials, CredentialsArgs
from components.dns.names import app_domain, cell_domain
from components.dns.zone import Zone, ZoneArgs
from components.edge.certificate import Certificate, CertificateArgs, Validation
from components.regional import RegionalStack, RegionalStackArgs
from components.side import Side, build_side
from components.web.release import Release
from domain import continuity
from domain.continuity import HOME, OTHER, RECOVERY, SIDES
from domain.residency import Contract, Dataset, Jurisdiction, Mechanism
from settings import Settings


class Cell(pulumi.ComponentResource):
    """Both sides of a cell, and what ties them together."""

    home: RegionalStack
    recovery: RegionalStack
    zone: Zone
    continuity: Continuity

    def __init__(self, settings: Settings, release: Release, opts: pulumi.ResourceOptions | None = None) -> None:
        """Make the cell that `settings` describe, with instances that run `release`."""
        super().__init__("medical:cell:Cell", settings.cell, None, opts)
        self._settings = settings
        self._release = release
        self._contract = Contract(Jurisdiction(settings.jurisdiction))
        # Both keys come first: what one side makes, the other keeps a copy of under its own key.
        self._sides = self._build_sides()
        self._credentials = self._build_credentials()
        self.zone = self._build_zone()
        proven = self._build_certificate(HOME, None)
        self._certificates = {HOME: proven, RECOVERY: self._build_certificate(RECOVERY, proven.validation)}
        self._instances = continuity.standing(settings.state, settings.released)
        self._stacks = self._build_stacks()
        self.home, self.recovery = self._stacks[HOME], self._stacks[RECOVERY]
        self.continuity = self._build_continuity()
        self.register_outputs({})

    def outputs(self) -> dict[str, pulumi.Input[object]]:
        """The stack's outputs, by name."""
        return {
            "cell": self._settings.cell,
            "jurisdiction": self._settings.jurisdiction,
            "writer": self._settings.writer,
            "cell_url": self.continuity.routing.cell_url,
            "app_url": self.continuity.routing.app_url,
            "zone_id": self.zone.zone_id,
            "name_servers": self.zone.name_servers or [],
            "switch_alarm": self.continuity.switch.alarm_name,
            HOME: self.home.outputs(),
            RECOVERY: self.recovery.outputs(),
        }

    def _build_sides(self) -> dict[str, Side]:
        config = self._settings
        return {
            HOME: build_side(config, HOME, config.home_region, config.home_cidr, config.web_home_min, self),
            RECOVERY: build_side(
                config, RECOVERY, config.recovery_region, config.recovery_cidr, config.web_recovery_min, self
            ),
        }

    def _in(self, side: str) -> pulumi.ResourceOptions:
        return self._sides[side].child_of(self)

    def _build_credentials(self) -> Credentials:
        home, recovery = self._sides[HOME], self._sides[RECOVERY]
        args = CredentialsArgs(
            names=home.names,
            region=home.region,
            key_arn=home.key.arn,
            copy=self._contract.admit(
                Dataset.SECRETS,
                source_region=home.region,
                destination_region=recovery.region,
                mechanism=Mechanism.SECRET_REPLICA,
                key=recovery.key.arn,
            ),
            throw_away=self._settings.throw_away,
        )
        return Credentials("database-credentials", args, self._in(HOME))

    def _build_zone(self) -> Zone:
        settings = self._settings
        args = ZoneArgs(domain=settings.domain, zone=settings.zone, throw_away=settings.throw_away)
        return Zone("zone", args, self._in(HOME))

    def _build_certificate(self, side: str, validation: Validation | None) -> Certificate:
        """Ask for a side's certificate. Without `validation` the side writes the records that both are proven by."""
        cell, domain = self._settings.cell, self._settings.domain
        args = CertificateArgs(
            names=self._sides[side].names,
            zone_id=self.zone.zone_id,
            domains=(cell_domain(cell, domain), app_domain(domain)),
            validation=validation,
        )
        return Certificate(f"{side}-certificate", args, self._in(side))

    def _build_stacks(self) -> dict[str, RegionalStack]:
        """Make both sides, the one that writes first."""
        first = self._settings.writer
        writing = self._build_stack(first, None)
        return {first: writing, OTHER[first]: self._build_stack(OTHER[first], writing.database.writer)}

    def _build_stack(self, name: str, writer: rds.Instance | None) -> RegionalStack:
        """Make a side. `writer` is the other side's database instance that writes, None if this side has it."""
        side, credentials = self._sides[name], self._credentials
        args = RegionalStackArgs(
            settings=self._settings,
            side=name,
            region=side.region,
            cidr=side.cidr,
            names=side.names,
            tags=side.tags,
            key_arn=side.key.arn,
            certificate_arn=self._certificates[name].arn,
            instances=self._instances[name],
            master=Master(username=credentials.username, password=credentials.password),
            writer=writer,
            copy=self._contract.admit(
                Dataset.PATIENT_RECORDS,
                source_region=self._sides[OTHER[name]].region,
                destination_region=side.region,
                mechanism=Mechanism.DATABASE_REPLICA,
                key=side.key.arn,
            ),
            database_secret_arn=credentials.secret_arn_in(side.region),
            web_minimum=side.web_minimum,
            release=self._release,
        )
        return RegionalStack(name, args, self._in(name))

    def _build_continuity(self) -> Continuity:
        args = ContinuityArgs(
            settings=self._settings,
            contract=self._contract,
            release=self._release,
            zone_id=self.zone.zone_id,
            database_secret_arns={side: self._credentials.secret_arn_in(self._sides[side].region) for side in SIDES},
            sides=self._sides,
            stacks=self._stacks,
        )
        return Continuity("continuity", args, pulumi.ResourceOptions(parent=self))
