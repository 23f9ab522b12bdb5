"""Ways from the private subnets to AWS services that do not leave the VPC."""

from __future__ import annotations

import pulumi
from pulumi_aws import ec2, vpc

from components import policy
from components.network import endpoint_policies
from components.network.args import NetworkArgs, Placement

_HTTPS = 443


def build_endpoints(name: str, args: NetworkArgs, placement: Placement, opts: pulumi.ResourceOptions) -> None:
    """Make the gateway endpoint of S3 and the interface endpoints that are asked for."""
    ec2.VpcEndpoint(
        f"{name}-s3",
        vpc_id=placement.vpc_id,
        service_name=_service_name(args, "s3"),
        vpc_endpoint_type="Gateway",
        route_table_ids=placement.route_table_ids,
        policy=policy.document(*endpoint_policies.of_s3(account_id=args.account_id, region=args.region.name)),
        tags={"Name": args.names.of("endpoint-s3")},
        opts=opts,
    )
    if not args.interface_endpoints:
        return
    group = _build_security_group(name, args, placement, opts)
    for service in args.interface_endpoints:
        ec2.VpcEndpoint(
            f"{name}-{service}",
            vpc_id=placement.vpc_id,
            service_name=_service_name(args, service),
            vpc_endpoint_type="Interface",
            private_dns_enabled=True,
            subnet_ids=placement.subnet_ids,
            security_group_ids=[group.id],
            policy=policy.document(
                *endpoint_policies.of_interface(service, account_id=args.account_id, region=args.region.name)
            ),
            tags={"Name": args.names.of(f"endpoint-{service}")},
            opts=opts,
        )


def _service_name(args: NetworkArgs, service: str) -> str:
    return f"com.amazonaws.{args.region.name}.{service}"


def _build_security_group(
    name: str, args: NetworkArgs, placement: Placement, opts: pulumi.ResourceOptions
) -> ec2.SecurityGroup:
    group = ec2.SecurityGroup(
        f"{name}-endpoints",
        name=args.names.of("endpoints"),
        description="AWS services for the private subnets",
        vpc_id=placement.vpc_id,
        tags={"Name": args.names.of("endpoints")},
        opts=opts,
    )
    for zone_id, cidr in zip(args.region.zone_ids, placement.subnet_cidrs, strict=True):
        vpc.SecurityGroupIngressRule(
            f"{name}-endpoints-{zone_id}",
            security_group_id=group.id,
            description=f"HTTPS from the private subnet in {zone_id}",
            cidr_ipv4=cidr,
            ip_protocol="tcp",
            from_port=_HTTPS,
            to_port=_HTTPS,
            opts=opts,
        )
    return group
