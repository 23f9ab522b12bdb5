"""The names of a cell that has one side.

    app.<domain>          latency alias, one record a cell
        |
    <cell>.app.<domain>   alias of home's load balancer

Owns: the two records. Does not own: the zone, and the load balancer. No health is asked: nobody else could answer.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from pulumi_aws import route53

from components.dns import names
from components.dns.args import Target


@dataclass(frozen=True, kw_only=True)
class LoneRoutingArgs:
    """What the names are made from; `region` is the one by which latency is measured."""

    zone_id: pulumi.Input[str]
    domain: str
    cell: str
    region: str
    home: Target


class LoneRouting(pulumi.ComponentResource):
    """The cell's own name, and its answer to the name that cells share."""

    cell_url: pulumi.Output[str]
    app_url: pulumi.Output[str]

    def __init__(self, name: str, args: LoneRoutingArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Make the names. `opts` carry home's provider: all of it is global."""
        super().__init__("medical:dns:LoneRouting", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        own = route53.Record(
            f"{name}-home",
            zone_id=args.zone_id,
            name=names.cell_domain(args.cell, args.domain),
            type="A",
            aliases=[_alias(args.home.dns_name, args.home.zone_id)],
            opts=child,
        )
        shared = route53.Record(
            f"{name}-app",
            zone_id=args.zone_id,
            name=names.app_domain(args.domain),
            type="A",
            set_identifier=args.cell,
            latency_routing_policies=[route53.RecordLatencyRoutingPolicyArgs(region=args.region)],
            aliases=[_alias(own.fqdn, args.zone_id)],
            opts=child,
        )
        self.cell_url = pulumi.Output.concat("https://", own.fqdn)
        self.app_url = pulumi.Output.concat("https://", shared.fqdn)
        self.register_outputs({"cell_url": self.cell_url, "app_url": self.app_url})


def _alias(target: pulumi.Input[str], zone_id: pulumi.Input[str]) -> route53.RecordAliasArgs:
    """An alias that is answered whatever its target's health: another cell lies in another jurisdiction."""
    return route53.RecordAliasArgs(name=target, zone_id=zone_id, evaluate_target_health=False)
