"""What keeps a cell of one region: backups beside its data, in the same region.

Owns: the vault, the backups without a copy elsewhere, restore tests, and the cell's names. Does not own, because there
is nothing to fail over to: replication, health checks, a switch, and a manifest. What is lost with the region is in
`domain.posture`.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from components.backup.vault import Vault
from components.cell import backups
from components.cell.regional import RegionalStack
from components.cell.side import Side
from components.dns.args import Target
from components.dns.lone import LoneRouting, LoneRoutingArgs
from settings import Settings


@dataclass(frozen=True, kw_only=True)
class AloneArgs:
    """The cell's settings, and its one side with its stack."""

    settings: Settings
    zone_id: pulumi.Input[str]
    side: Side
    stack: RegionalStack


class Alone(pulumi.ComponentResource):
    """Backups and names of a cell that has home only."""

    routing: LoneRouting
    vaults: dict[str, Vault]

    def __init__(self, name: str, args: AloneArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Make the backups and the names."""
        super().__init__("medical:continuity:Alone", name, None, opts)
        settings, side, stack = args.settings, args.side, args.stack
        vault = backups.build_vault(settings, side, stack, self)
        self.vaults = {side.name: vault}
        backups.build_plan(settings, side, stack, vault, None, self)
        routing = LoneRoutingArgs(
            zone_id=args.zone_id,
            domain=settings.domain,
            cell=settings.cell,
            region=side.region,
            home=Target(dns_name=stack.edge.dns_name, zone_id=stack.edge.canonical_zone_id),
        )
        self.routing = LoneRouting("names", routing, side.child_of(self))
        self.register_outputs({})
