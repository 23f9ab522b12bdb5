"""A cell: one jurisdiction, served by a home region and, inside the same jurisdiction, a recovery region.

Owns: a provider and a key for each side, the database's credentials, the two sides, and the names above them. Nothing a
cell needs lives in another cell, so each is created, previewed and destroyed alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.database.args import Primary, Replica
from components.database.credentials import Credentials, CredentialsArgs
from components.dns.records import CellRecords, CellRecordsArgs, Target
from components.dns.zone import Zone, ZoneArgs
from components.keys import Keys, KeysArgs
from components.regional import RegionalStack, RegionalStackArgs
from components.web.release import Release
from domain import naming
from domain.naming import Names
from domain.regions import region
from settings import Settings

HOME, RECOVERY = "home", "recovery"


@dataclass(frozen=True, kw_only=True)
class Side:
    """A side before its parts: where it lies, its names and tags, its provider and its key."""

    name: str
    region: str
    cidr: str
    web_minimum: int
    names: Names
    tags: Mapping[str, str]
    provider: aws.Provider
    key: Keys


class Cell(pulumi.ComponentResource):
    """Both sides of a cell, and what ties them together."""

    home: RegionalStack
    recovery: RegionalStack
    zone: Zone
    records: CellRecords

    def __init__(self, settings: Settings, release: Release, opts: pulumi.ResourceOptions | None = None) -> None:
        """Make the cell that `settings` describe, with instances that run `release`."""
        super().__init__("medical:cell:Cell", settings.cell, None, opts)
        self._settings = settings
        self._release = release
        home = self._build_side(HOME, settings.home_region, settings.home_cidr, settings.web_home_min)
        recovery = self._build_side(
            RECOVERY, settings.recovery_region, settings.recovery_cidr, settings.web_recovery_min
        )
        # Both keys come first: what one side makes, the other keeps a copy of under its own key.
        self._credentials = self._build_credentials(home, recovery)
        self.zone = self._build_zone(home)
        self.home = self._build_stack(home, None)
        self.recovery = self._build_stack(recovery, self.home)
        self.records = self._build_records(home)
        self.register_outputs({})

    def outputs(self) -> dict[str, pulumi.Input[object]]:
        """The stack's outputs, by name."""
        return {
            "cell": self._settings.cell,
            "jurisdiction": self._settings.jurisdiction,
            "cell_url": self.records.cell_url,
            "app_url": self.records.app_url,
            "zone_id": self.zone.zone_id,
            "name_servers": self.zone.name_servers or [],
            HOME: self.home.outputs(),
            RECOVERY: self.recovery.outputs(),
        }

    def _build_side(self, side: str, region_name: str, cidr: str, web_minimum: int) -> Side:
        settings = self._settings
        names = Names(cell=settings.cell, place=region(region_name).abbreviation)
        tags = naming.tags(cell=settings.cell, side=side, jurisdiction=settings.jurisdiction)
        provider = aws.Provider(
            side,
            region=region_name,
            allowed_account_ids=[settings.account_id],
            default_tags=aws.ProviderDefaultTagsArgs(tags=tags),
            opts=pulumi.ResourceOptions(parent=self),
        )
        key = Keys(
            f"{side}-keys",
            KeysArgs(
                names=names,
                account_id=settings.account_id,
                region=region_name,
                throw_away=settings.throw_away,
            ),
            pulumi.ResourceOptions(parent=self, providers=[provider]),
        )
        return Side(
            name=side,
            region=region_name,
            cidr=cidr,
            web_minimum=web_minimum,
            names=names,
            tags=tags,
            provider=provider,
            key=key,
        )

    def _in(self, side: Side) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self, providers=[side.provider])

    def _build_credentials(self, home: Side, recovery: Side) -> Credentials:
        args = CredentialsArgs(
            names=home.names,
            key_arn=home.key.arn,
            recovery_region=recovery.region,
            recovery_key_arn=recovery.key.arn,
            throw_away=self._settings.throw_away,
        )
        return Credentials("database-credentials", args, self._in(home))

    def _build_zone(self, home: Side) -> Zone:
        settings = self._settings
        args = ZoneArgs(domain=settings.domain, zone=settings.zone, throw_away=settings.throw_away)
        return Zone("zone", args, self._in(home))

    def _build_stack(self, side: Side, other: RegionalStack | None) -> RegionalStack:
        """Make a side. The first, which has no `other` yet, writes and proves the domains; its twin follows it."""
        credentials = self._credentials
        writes = Primary(username=credentials.username, password=credentials.password)
        args = RegionalStackArgs(
            settings=self._settings,
            side=side.name,
            region=side.region,
            cidr=side.cidr,
            names=side.names,
            tags=side.tags,
            key_arn=side.key.arn,
            zone_id=self.zone.zone_id,
            validation=other.edge.validation if other else None,
            database=Replica(of_arn=other.database.arn) if other else writes,
            database_secret_arn=credentials.secret_arn_in(side.region),
            web_minimum=side.web_minimum,
            release=self._release,
        )
        return RegionalStack(side.name, args, self._in(side))

    def _build_records(self, home: Side) -> CellRecords:
        edge = self.home.edge
        args = CellRecordsArgs(
            zone_id=self.zone.zone_id,
            domain=self._settings.domain,
            cell=self._settings.cell,
            region=home.region,
            home=Target(dns_name=edge.dns_name, zone_id=edge.canonical_zone_id),
        )
        return CellRecords("names", args, self._in(home))
