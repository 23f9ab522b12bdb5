"""A side's network.

Owns: the VPC over three zones, its public, private and isolated data subnets, routes, NAT, endpoints, the logs of its
connections and of the names that it asks for, and the default security group, closed. Does not own: the security groups
of what is placed in it; each component brings its own.
"""

from __future__ import annotations

import pulumi
from pulumi_aws import ec2

from components.network.args import NetworkArgs, Placement
from components.network.endpoints import build_endpoints
from components.network.flow_logs import build_flow_logs
from components.network.layout import SubnetPlan, Tier, subnets
from components.network.resolver_logs import build_resolver_logs
from components.observability.watched import Nat, Watched

ANYWHERE = "0.0.0.0/0"


class Network(pulumi.ComponentResource):
    """A VPC in which only the public subnets have a way in, and the data subnets have no way out."""

    vpc_id: pulumi.Output[str]
    public_subnet_ids: list[pulumi.Output[str]]
    private_subnet_ids: list[pulumi.Output[str]]
    data_subnet_ids: list[pulumi.Output[str]]
    watched: tuple[Watched, ...]

    def __init__(self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Make the network."""
        super().__init__("medical:network:Network", name, None, opts)
        self._name = name
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        self._plans = subnets(args.cidr, args.region.zone_ids)
        self._vpc = self._build_vpc()
        self._subnets = {plan.key: self._build_subnet(plan) for plan in self._plans}
        self._tables = {plan.key: self._build_route_table(plan) for plan in self._plans}
        self._internet = self._route_public()
        self.watched = self._route_private()
        build_endpoints(name, args, self._placement(), self._child)
        build_flow_logs(name, args, self._vpc.id, self._child)
        build_resolver_logs(name, args, self._vpc.id, self._child)

        self.vpc_id = self._vpc.id
        # Whoever takes a public subnet waits for its way to the internet, without which AWS refuses a load balancer.
        self.public_subnet_ids = [
            pulumi.Output.all(subnet, route.id).apply(lambda found: str(found[0]))
            for subnet, route in zip(self._ids(Tier.PUBLIC), self._internet, strict=True)
        ]
        self.private_subnet_ids = self._ids(Tier.PRIVATE)
        self.data_subnet_ids = self._ids(Tier.DATA)
        self.register_outputs({"vpc_id": self.vpc_id})

    def _placement(self) -> Placement:
        private = self._of(Tier.PRIVATE)
        return Placement(
            vpc_id=self._vpc.id,
            subnet_ids=[self._subnets[plan.key].id for plan in private],
            subnet_cidrs=[plan.cidr for plan in private],
            route_table_ids=[self._tables[plan.key].id for plan in private],
        )

    def _tags(self, role: str) -> dict[str, str]:
        return {"Name": self._args.names.of(role, limit=255)}

    def _of(self, tier: Tier) -> list[SubnetPlan]:
        return [plan for plan in self._plans if plan.tier is tier]

    def _ids(self, tier: Tier) -> list[pulumi.Output[str]]:
        return [self._subnets[plan.key].id for plan in self._of(tier)]

    def _build_vpc(self) -> ec2.Vpc:
        vpc = ec2.Vpc(
            self._name,
            cidr_block=self._args.cidr,
            enable_dns_hostnames=True,
            enable_dns_support=True,
            tags=self._tags("vpc"),
            opts=self._child,
        )
        # Without rules it admits nothing: whatever is placed in it by mistake stays alone.
        ec2.DefaultSecurityGroup(self._name, vpc_id=vpc.id, tags=self._tags("default-closed"), opts=self._child)
        return vpc

    def _build_subnet(self, plan: SubnetPlan) -> ec2.Subnet:
        return ec2.Subnet(
            f"{self._name}-{plan.key}",
            vpc_id=self._vpc.id,
            availability_zone_id=plan.zone_id,
            cidr_block=plan.cidr,
            map_public_ip_on_launch=False,
            tags=self._tags(plan.key) | {"Tier": plan.tier.name.lower()},
            opts=self._child,
        )

    def _build_route_table(self, plan: SubnetPlan) -> ec2.RouteTable:
        table = ec2.RouteTable(
            f"{self._name}-{plan.key}",
            vpc_id=self._vpc.id,
            tags=self._tags(plan.key),
            opts=self._child,
        )
        ec2.RouteTableAssociation(
            f"{self._name}-{plan.key}",
            subnet_id=self._subnets[plan.key].id,
            route_table_id=table.id,
            opts=self._child,
        )
        return table

    def _route_public(self) -> list[ec2.Route]:
        gateway = ec2.InternetGateway(self._name, vpc_id=self._vpc.id, tags=self._tags("internet"), opts=self._child)
        return [
            ec2.Route(
                f"{self._name}-{plan.key}-internet",
                route_table_id=self._tables[plan.key].id,
                destination_cidr_block=ANYWHERE,
                gateway_id=gateway.id,
                opts=self._child,
            )
            for plan in self._of(Tier.PUBLIC)
        ]

    def _route_private(self) -> tuple[Watched, ...]:
        """Give each private subnet a way out, through its own zone's NAT gateway or through the side's only one."""
        public = self._of(Tier.PUBLIC)
        zones = public if self._args.nat_per_az else public[:1]
        gateways = [self._build_nat(plan) for plan in zones]
        for place, plan in enumerate(self._of(Tier.PRIVATE)):
            ec2.Route(
                f"{self._name}-{plan.key}-nat",
                route_table_id=self._tables[plan.key].id,
                destination_cidr_block=ANYWHERE,
                nat_gateway_id=gateways[place % len(gateways)].id,
                opts=self._child,
            )
        return tuple(Nat(key=_nat(plan), gateway_id=gateway.id) for plan, gateway in zip(zones, gateways, strict=True))

    def _build_nat(self, plan: SubnetPlan) -> ec2.NatGateway:
        role = _nat(plan)
        # No input says so, but AWS fails a NAT gateway in a VPC that has no way to the internet yet.
        online = pulumi.ResourceOptions(parent=self, depends_on=self._internet)
        address = ec2.Eip(f"{self._name}-{role}", domain="vpc", tags=self._tags(role), opts=online)
        return ec2.NatGateway(
            f"{self._name}-{role}",
            allocation_id=address.id,
            subnet_id=self._subnets[plan.key].id,
            tags=self._tags(role),
            opts=online,
        )


def _nat(plan: SubnetPlan) -> str:
    return f"nat-{plan.zone_id}"
