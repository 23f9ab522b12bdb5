"""A cell's names, and the way from them to the side that serves.

    app.<domain>          latency alias, one record a cell
        |
    <cell>.app.<domain>   failover pair
        |-- PRIMARY       alias of home's load balancer, while home is ready and the switch is off
        `-- SECONDARY     alias of recovery's load balancer

Failing over changes no record: home's health does it, or the switch, which is a metric in recovery. So the records of
a cell whose recovery writes are those of a cell whose home writes, and the control plane of Route 53, in us-east-1, has
no part in a failover. While recovery writes the switch stays on, or home would be answered again as soon as it is well.

Owns: the three records and the health checks behind them. Does not own: the zone, which cells share, the switch's
alarm and the load balancers. IPv4 only, as the load balancers are.
"""

from __future__ import annotations

import pulumi
from pulumi_aws import route53

from components.dns import names
from components.dns.args import CellRoutingArgs, Target
from components.dns.health import Health


class CellRouting(pulumi.ComponentResource):
    """The cell's own name with its failover pair, and its answer to the name that cells share."""

    cell_url: pulumi.Output[str]
    app_url: pulumi.Output[str]
    health: Health

    def __init__(self, name: str, args: CellRoutingArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Make the names, from the health checks up. `opts` carry home's provider: all of it is global."""
        super().__init__("medical:dns:CellRouting", name, None, opts)
        self._name = name
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        self.health = Health(f"{name}-health", args, self._child)
        home = self._build_side("home", "PRIMARY", args.home, self.health.primary_id)
        # No check of its own: a moment's trouble in recovery would lead users back to a home that was given up.
        recovery = self._build_side("recovery", "SECONDARY", args.recovery, None)
        shared = self._build_shared(home, recovery)
        self.cell_url = pulumi.Output.concat("https://", home.fqdn)
        self.app_url = pulumi.Output.concat("https://", shared.fqdn)
        self.register_outputs({"cell_url": self.cell_url, "app_url": self.app_url})

    def _build_side(
        self, side: str, role: str, target: Target, health_check_id: pulumi.Input[str] | None
    ) -> route53.Record:
        # Route 53 demands that an alias in a failover pair evaluates its target's health. With a check as well, both
        # must be well; with both sides ill, it answers the primary.
        alias = route53.RecordAliasArgs(name=target.dns_name, zone_id=target.zone_id, evaluate_target_health=True)
        return route53.Record(
            f"{self._name}-{side}",
            zone_id=self._args.zone_id,
            name=names.cell_domain(self._args.cell, self._args.domain),
            type="A",
            set_identifier=side,
            failover_routing_policies=[route53.RecordFailoverRoutingPolicyArgs(type=role)],
            health_check_id=health_check_id,
            aliases=[alias],
            opts=self._child,
        )

    def _build_shared(self, home: route53.Record, recovery: route53.Record) -> route53.Record:
        # Both stand before anybody is led to them, so that no answer is ever half a pair.
        own = pulumi.Output.all(home.fqdn, recovery.fqdn).apply(lambda both: str(both[0]))
        # If it evaluated health, Route 53 would answer with another cell when this one is ill, and take a patient's
        # data to another jurisdiction. An ill cell is answered all the same; it recovers within itself.
        alias = route53.RecordAliasArgs(
            name=own, zone_id=self._args.zone_id, evaluate_target_health=self._args.spill_over
        )
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
