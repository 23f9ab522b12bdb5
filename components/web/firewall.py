"""Who may talk to the instances, and whom they may talk to: both halves of every connection, by security group."""

from __future__ import annotations

import pulumi
from pulumi_aws import ec2, vpc

from components.connections import connect
from components.web.args import WebArgs

_HTTPS = 443
_ANYWHERE = "0.0.0.0/0"


def build_group(name: str, args: WebArgs, opts: pulumi.ResourceOptions) -> ec2.SecurityGroup:
    """Make the instances' group and, on it and on the others' groups, the rules of each connection.

    Names are resolved by the VPC's own resolver and time comes from the hypervisor; security groups stop neither.
    """
    group = ec2.SecurityGroup(
        name,
        name=args.names.of("web"),
        description="Web instances",
        vpc_id=args.place.vpc_id,
        tags={"Name": args.names.of("web")},
        opts=opts,
    )
    front, database, cache = args.front, args.database, args.cache
    connect(f"{name}-front", ("load balancer", front.security_group_id), ("web", group.id), front.target_port, opts)
    connect(f"{name}-database", ("web", group.id), ("database", database.security_group_id), database.port, opts)
    connect(f"{name}-cache", ("web", group.id), ("cache", cache.security_group_id), cache.port, opts)
    return group


def build_way_out(name: str, group: ec2.SecurityGroup, opts: pulumi.ResourceOptions) -> vpc.SecurityGroupEgressRule:
    """Let the group's members reach AWS services and the package repository.

    S3, where the packages are too, and services without an interface endpoint have public addresses, which change, so
    no list of addresses can hold them; who answers is proved by TLS.
    """
    return vpc.SecurityGroupEgressRule(
        f"{name}-https",
        security_group_id=group.id,
        description="HTTPS to AWS services and the package repository",
        cidr_ipv4=_ANYWHERE,
        ip_protocol="tcp",
        from_port=_HTTPS,
        to_port=_HTTPS,
        opts=opts,
    )
