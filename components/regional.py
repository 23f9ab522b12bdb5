"""One side of a cell: everything that serves users in one region. A cell makes two, from this one component.

Owns the order in which a side's parts are made. Does not own: the side's key and provider, which the cell makes first
because each side encrypts copies with the other's key, and the DNS above the two sides.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from components.keys import Keys
from components.naming import Names
from components.network.args import NetworkArgs
from components.network.network import Network
from components.regions import region
from settings import Settings


@dataclass(frozen=True, kw_only=True)
class RegionalStackArgs:
    """What a side is made from: the cell's settings, and what sets this side apart from the other."""

    settings: Settings
    region: str
    cidr: str
    names: Names
    key: Keys


class RegionalStack(pulumi.ComponentResource):
    """One side of a cell."""

    network: Network

    def __init__(self, name: str, args: RegionalStackArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Make the side's parts, each from what it needs and no more."""
        super().__init__("medical:regional:RegionalStack", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        settings = args.settings
        self.network = Network(
            f"{name}-network",
            NetworkArgs(
                names=args.names,
                account_id=settings.account_id,
                region=region(args.region),
                cidr=args.cidr,
                nat_per_az=settings.nat_per_az,
                interface_endpoints=settings.interface_endpoints,
                log_days=settings.log_days,
                key_arn=args.key.arn,
            ),
            child,
        )
        self.register_outputs({})
