"""A cell: one jurisdiction, served by a home region and, inside the same jurisdiction, a recovery region.

Where the jurisdiction has one region only, a cell may have home alone, with backups (`domain.posture`).

Owns: a provider, a key and a certificate for each side, the boundary of all roles, the database's credentials, the
zone, the sides, and the ties between them. Nothing a cell needs lives in another cell, so each is created, previewed
and destroyed alone.

The side that writes is made first, because the other side's instances follow its own. What both sides need is made
before either, so that it is the same whoever writes.
"""

from __future__ import annotations

import pulumi
from pulumi_aws import rds

from components.access.auditor import Auditor, AuditorArgs
from components.access.auditor_rights import AuditedSide
from components.access.boundary import Boundary, BoundaryArgs
from components.access.ci import Ci, CiArgs
from components.audit.trail import Trail
from components.canaries.package import Code
from components.cell import alarms, evidence, outputs, ownership, rotations, watch
from components.cell.alone import Alone, AloneArgs
from components.cell.continuity import Continuity, ContinuityArgs
from components.cell.regional import RegionalStack, RegionalStackArgs
from components.cell.side import Side, build_provider, build_side
from components.dashboards.dashboards import Dashboards, DashboardsArgs
from components.database.args import Master
from components.database.credentials import Credentials, CredentialsArgs
from components.dns.names import app_domain, cell_domain
from components.dns.zone import Zone, ZoneArgs
from components.edge.certificate import Certificate, CertificateArgs, Validation
from components.observability.monitoring import Monitoring
from components.package import Packages
from components.rotation.rotation import Rotation
from components.spending.spending import Spending, SpendingArgs
from components.web.release import Release
from domain import continuity, naming, posture
from domain.continuity import HOME, OTHER, RECOVERY
from domain.naming import Names
from domain.residency import Contract, Copy, Dataset, Jurisdiction, Mechanism
from settings import Settings


class Cell(pulumi.ComponentResource):
    """The sides of a cell, and what ties them together."""

    stacks: dict[str, RegionalStack]
    zone: Zone
    continuity: Continuity | Alone
    trail: Trail
    monitoring: dict[str, Monitoring]

    def __init__(
        self,
        settings: Settings,
        release: Release,
        packages: Packages,
        walks: Code,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Make the cell of `settings`: instances run `release`, functions `packages`, and canaries `walks`."""
        super().__init__("medical:cell:Cell", settings.cell, None, opts)
        self._settings = settings
        self._release = release
        self._packages = packages
        self._walks = walks
        self._contract = Contract(Jurisdiction(settings.jurisdiction))
        # Both keys come first: what one side makes, the other keeps a copy of under its own key.
        self._sides = self._build_sides()
        self._credentials = self._build_credentials()
        self.zone = self._build_zone()
        self._certificates = self._build_certificates()
        self._instances = continuity.standing(settings.state, settings.released)
        self.stacks = self._build_stacks()
        self._rotations = self._build_rotations()
        self.continuity = self._build_alone() if settings.alone else self._build_continuity()
        self._build_auditor()
        self._build_spending()
        claims = ownership.build(settings, self._sides, self)
        self.trail = evidence.build_trail(settings, self._sides, self.stacks, claims, self)
        self.monitoring = alarms.build_monitoring(
            settings,
            self._sides,
            self.stacks,
            [self.stacks, self._certificates, self._rotations, self.continuity.vaults, {HOME: self.trail}],
            self.continuity,
            self,
        )
        self._build_dashboards()
        watch.build_detection(settings, self._sides, self.stacks, claims, self)
        if settings.ci_repository != posture.NONE:
            self._build_ci()
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
            **({"switch_alarm": self.continuity.switch.alarm_name} if isinstance(self.continuity, Continuity) else {}),
            "owners": ownership.output(self._settings),
            "audit": evidence.output(self.trail, management=self._settings.owns_account),
            **{
                name: outputs.of_side(
                    self._sides[name],
                    stack,
                    application_secret_arn=self._credentials.application_in(self._sides[name].region),
                    master_secret_arn=self._credentials.master_in(self._sides[name].region),
                )
                for name, stack in self.stacks.items()
            },
        }

    def _build_sides(self) -> dict[str, Side]:
        config = self._settings
        places = {
            HOME: (config.home_region, config.home_cidr, config.web_home_min),
            RECOVERY: (config.recovery_region, config.recovery_cidr, config.web_recovery_min),
        }
        providers = {side: build_provider(config, side, places[side][0], self) for side in config.sides}
        limits = BoundaryArgs(cell=config.cell, account_id=config.account_id, regions=config.regions)
        carried = pulumi.ResourceOptions(parent=self, providers=[providers[HOME]])
        boundary = Boundary("global-boundary", limits, carried)
        return {
            side: build_side(config, side, *places[side], provider, boundary.arn, self)
            for side, provider in providers.items()
        }

    def _in(self, side: str) -> pulumi.ResourceOptions:
        return self._sides[side].child_of(self)

    def _admit(self, dataset: Dataset, to: str, mechanism: Mechanism) -> Copy[pulumi.Input[str]] | None:
        """Admit copies to a side from the other one; None in a cell of one side, where nothing is copied."""
        if self._settings.alone:
            return None
        source, destination = self._sides[OTHER[to]], self._sides[to]
        return self._contract.admit(
            dataset,
            source_region=source.region,
            destination_region=destination.region,
            mechanism=mechanism,
            key=destination.key.arn,
        )

    def _build_credentials(self) -> Credentials:
        home = self._sides[HOME]
        args = CredentialsArgs(
            names=home.names,
            region=home.region,
            key_arn=home.key.arn,
            copy=self._admit(Dataset.SECRETS, RECOVERY, Mechanism.SECRET_REPLICA),
            throw_away=self._settings.throw_away,
        )
        return Credentials("database-credentials", args, self._in(HOME))

    def _build_zone(self) -> Zone:
        settings = self._settings
        args = ZoneArgs(domain=settings.domain, zone=settings.zone, throw_away=settings.throw_away)
        return Zone("zone", args, self._in(HOME))

    def _build_certificates(self) -> dict[str, Certificate]:
        proven = self._build_certificate(HOME, None)
        others = (side for side in self._sides if side != HOME)
        return {HOME: proven, **{side: self._build_certificate(side, proven.validation) for side in others}}

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
        """Make the sides, the one that writes first."""
        first = self._settings.writer
        writing = self._build_stack(first, None)
        if self._settings.alone:
            return {first: writing}
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
            boundary_arn=side.boundary_arn,
            certificate_arn=self._certificates[name].arn,
            instances=self._instances[name],
            master=Master(username=credentials.username, password=credentials.password),
            writer=writer,
            copy=self._admit(Dataset.PATIENT_RECORDS, name, Mechanism.DATABASE_REPLICA),
            database_secret_arn=credentials.application_in(side.region),
            web_minimum=side.web_minimum,
            release=self._release,
            package=self._packages.documents,
            walks=self._walks,
        )
        return RegionalStack(name, args, self._in(name))

    def _build_rotations(self) -> dict[str, Rotation]:
        return rotations.build(
            self._settings, self._sides, self.stacks, self._credentials, self._packages.rotation, parent=self
        )

    def _build_continuity(self) -> Continuity:
        args = ContinuityArgs(
            settings=self._settings,
            contract=self._contract,
            release=self._release,
            zone_id=self.zone.zone_id,
            credentials=self._credentials,
            sides=self._sides,
            stacks=self.stacks,
        )
        return Continuity("continuity", args, pulumi.ResourceOptions(parent=self))

    def _build_alone(self) -> Alone:
        args = AloneArgs(
            settings=self._settings, zone_id=self.zone.zone_id, side=self._sides[HOME], stack=self.stacks[HOME]
        )
        return Alone("continuity", args, pulumi.ResourceOptions(parent=self))

    def _build_spending(self) -> None:
        args = SpendingArgs(
            names=Names(cell=self._settings.cell, place=naming.GLOBAL),
            account_id=self._settings.account_id,
            budget_usd=self._settings.budget_usd,
            operations_topic=self.stacks[HOME].messaging.operations_topic,
        )
        Spending("global-spending", args, self._in(HOME))

    def _build_dashboards(self) -> None:
        args = DashboardsArgs(
            settings=self._settings,
            sides=self._sides,
            raised={name: made.raised for name, made in self.monitoring.items()},
            composites={name: made.composites for name, made in self.monitoring.items()},
        )
        Dashboards("dashboard", args, pulumi.ResourceOptions(parent=self))

    def _build_auditor(self) -> None:
        sides = [
            AuditedSide(names=side.names, region=side.region, key_arn=side.key.arn) for side in self._sides.values()
        ]
        args = AuditorArgs(
            cell=self._settings.cell,
            account_id=self._settings.account_id,
            boundary_arn=self._sides[HOME].boundary_arn,
            sides=sides,
        )
        Auditor("global-auditor", args, self._in(HOME))

    def _build_ci(self) -> None:
        settings = self._settings
        args = CiArgs(
            cell=settings.cell,
            account_id=settings.account_id,
            boundary_arn=self._sides[HOME].boundary_arn,
            repository=settings.ci_repository,
            regions=settings.regions,
            owns_account=settings.owns_account,
            owns_regions=settings.owns_regions,
        )
        Ci("global-ci", args, self._in(HOME))
