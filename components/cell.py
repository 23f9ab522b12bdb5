"""A cell: one jurisdiction, served by a home region and, inside the same jurisdiction, a recovery region.

Owns: one provider and one key a side, the two sides, and what ties them together. Nothing a cell needs lives in another
cell, so each is created, previewed and destroyed alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components import naming
from components.keys import Keys, KeysArgs
from components.naming import Names
from components.regional import RegionalStack, RegionalStackArgs
from components.regions import region
from settings import Settings

HOME, RECOVERY = "home", "recovery"


@dataclass(frozen=True, kw_only=True)
class Side:
    """What is made of a side before its parts: where it lies, its provider, its names and its key."""

    region: str
    cidr: str
    names: Names
    provider: aws.Provider
    key: Keys


class Cell(pulumi.ComponentResource):
    """Both sides of a cell, and what ties them together."""

    home: RegionalStack
    recovery: RegionalStack

    def __init__(self, settings: Settings, opts: pulumi.ResourceOptions | None = None) -> None:
        """Make the cell that `settings` describe."""
        super().__init__("medical:cell:Cell", settings.cell, None, opts)
        self._settings = settings
        home = self._build_side(HOME, settings.home_region, settings.home_cidr)
        recovery = self._build_side(RECOVERY, settings.recovery_region, settings.recovery_cidr)
        self.home = self._build_stack(HOME, home)
        self.recovery = self._build_stack(RECOVERY, recovery)
        self.register_outputs({})

    def _build_side(self, side: str, region_name: str, cidr: str) -> Side:
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
        return Side(region=region_name, cidr=cidr, names=names, provider=provider, key=key)

    def _build_stack(self, name: str, side: Side) -> RegionalStack:
        return RegionalStack(
            name,
            RegionalStackArgs(
                settings=self._settings,
                region=side.region,
                cidr=side.cidr,
                names=side.names,
                key=side.key,
            ),
            pulumi.ResourceOptions(parent=self, providers=[side.provider]),
        )
