"""A record of every name that the VPC asks its resolver for."""

from __future__ import annotations

from typing import Final

import pulumi
from pulumi_aws import route53

from components.logs import delivered_log_group
from components.network.args import NetworkArgs

_ROLE: Final = "resolver-queries"


def build_resolver_logs(name: str, args: NetworkArgs, vpc_id: pulumi.Input[str], opts: pulumi.ResourceOptions) -> None:
    """Send the queries of the VPC to a log group of their own."""
    own = f"{name}-{_ROLE}"
    destination = delivered_log_group(
        own,
        path=f"/{args.names.path(_ROLE)}",
        policy_name=args.names.of(_ROLE),
        account_id=args.account_id,
        region=args.region.name,
        days=args.log_days,
        key_arn=args.key_arn,
        opts=opts,
    )
    config = route53.ResolverQueryLogConfig(
        own,
        name=args.names.of(_ROLE),
        destination_arn=destination,
        tags={"Name": args.names.of(_ROLE)},
        opts=opts,
    )
    route53.ResolverQueryLogConfigAssociation(
        own, resolver_query_log_config_id=config.id, resource_id=vpc_id, opts=opts
    )
