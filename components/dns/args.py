"""What a cell's names and health checks are made from."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from domain.naming import Names


@dataclass(frozen=True, kw_only=True)
class Target:
    """A load balancer as an alias record needs it: its own name, and the zone that AWS keeps that name in."""

    dns_name: pulumi.Input[str]
    zone_id: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True)
class SwitchAlarm:
    """The alarm that stands for the switch, and its region, which is recovery's."""

    name: pulumi.Input[str]
    region: str


@dataclass(frozen=True, kw_only=True)
class CellRoutingArgs:
    """What a cell's names are made from. Which side writes is not among it: a failover changes no record.

    `names` are the cell's global ones; `region` is home's, by which latency is measured. With `spill_over` users are
    sent to another cell, and so out of their jurisdiction, when both sides of this one are ill.
    """

    names: Names
    zone_id: pulumi.Input[str]
    domain: str
    cell: str
    region: str
    home: Target
    recovery: Target
    switch: SwitchAlarm
    health_check_seconds: int
    spill_over: bool

    def __post_init__(self) -> None:
        """Refuse a switch that would be lost together with home."""
        if self.switch.region == self.region:
            raise ValueError(
                f"the switch stands in {self.switch.region}, which is home: it must work when home is lost, "
                "so make it with recovery's provider and give recovery's region",
            )
