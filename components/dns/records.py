"""A cell's names.

    app.<domain>          latency alias, one record a cell
        |
    <cell>.app.<domain>   alias of the load balancer in home

Owns: those two records. Does not own: the zone, which cells share, and the load balancer.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from pulumi_aws import route53

from components.dns import names


@dataclass(frozen=True, kw_only=True)
class Target:
    """A load balancer as an alias record needs it: its own name, and the zone that AWS keeps that name in."""

    dns_name: pulumi.Input[str]
    zone_id: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True)
class CellRecordsArgs:
    """What a cell's names are made from; `region` is home's, by which latency is measured."""

    zone_id: pulumi.Input[str]
    domain: str
    cell: str
    region: str
    home: Target


class CellRecords(pulumi.ComponentResource):
    """The cell's own name, and its answer to the name that cells share. IPv4 only, as the load balancer is."""

    cell_url: pulumi.Output[str]
    app_url: pulumi.Output[str]

    def __init__(self, name: str, args: CellRecordsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Make the records, from the load balancer up."""
        super().__init__("medical:dns:CellRecords", name, None, opts)
        self._name = name
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        own = self._build_own()
        shared = self._build_shared(own)
        self.cell_url = pulumi.Output.concat("https://", own.fqdn)
        self.app_url = pulumi.Output.concat("https://", shared.fqdn)
        self.register_outputs({"cell_url": self.cell_url, "app_url": self.app_url})

    def _build_own(self) -> route53.Record:
        home = self._args.home
        return route53.Record(
            f"{self._name}-home",
            zone_id=self._args.zone_id,
            name=names.cell_domain(self._args.cell, self._args.domain),
            type="A",
            aliases=[
                route53.RecordAliasArgs(name=home.dns_name, zone_id=home.zone_id, evaluate_target_health=True),
            ],
            opts=self._child,
        )

    def _build_shared(self, own: route53.Record) -> route53.Record:
        # If it evaluated health, Route 53 would answer with another cell when this one is ill, and take a patient's
        # data to another jurisdiction. An ill cell is answered all the same; it recovers within itself.
        alias = route53.RecordAliasArgs(name=own.fqdn, zone_id=self._args.zone_id, evaluate_target_health=False)
        return route53.Record(
            f"{self._name}-app",
            zone_id=self._args.zone_id,
            name=names.app_domain(self._args.domain),
            type="A",
            set_identifier=self._args.cell,
            latency_routing_policies=[route53.RecordLatencyRoutingPolicyArgs(region=self._args.region)],
            aliases=[alias],
            opts=self._child,
        )
