"""What a side's network is made from, and where its parts are placed."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from domain.naming import Names
from domain.regions import Region


@dataclass(frozen=True, kw_only=True)
class NetworkArgs:
    """What a side's network is made from.

    `interface_endpoints` are names out of `endpoints.INTERFACE`; with `nat_per_az` each zone has its own NAT gateway.
    `boundary_arn` is the cell's permissions boundary, here as everywhere where roles are made.
    """

    names: Names
    account_id: str
    boundary_arn: pulumi.Input[str]
    region: Region
    cidr: str
    nat_per_az: bool
    interface_endpoints: tuple[str, ...]
    log_days: int
    key_arn: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True)
class Placement:
    """The private subnets, for what is placed in them."""

    vpc_id: pulumi.Output[str]
    subnet_ids: list[pulumi.Output[str]]
    subnet_cidrs: list[str]
    route_table_ids: list[pulumi.Output[str]]
