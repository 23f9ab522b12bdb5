"""A record of every connection in the VPC, allowed or not."""

from __future__ import annotations

import pulumi
from pulumi_aws import ec2, iam

from components import policy
from components.logs import log_group
from components.network.args import NetworkArgs


def build_flow_logs(name: str, args: NetworkArgs, vpc_id: pulumi.Input[str], opts: pulumi.ResourceOptions) -> None:
    """Send the VPC's flow logs to a log group, through a role that can write to that group only."""
    group = log_group(
        f"{name}-flow-logs",
        path=f"/{args.names.path('flow-logs')}",
        days=args.log_days,
        key_arn=args.key_arn,
        opts=opts,
    )
    role = iam.Role(
        f"{name}-flow-logs",
        name=args.names.of("flow-logs"),
        description="Lets VPC flow logs write to their log group",
        assume_role_policy=policy.trust(
            "vpc-flow-logs.amazonaws.com",
            account_id=args.account_id,
            source_arn=f"arn:aws:ec2:{args.region.name}:{args.account_id}:vpc-flow-log/*",
        ),
        permissions_boundary=args.boundary_arn,
        opts=opts,
    )
    writing = ("logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents")
    iam.RolePolicy(
        f"{name}-flow-logs",
        role=role.id,
        policy=policy.document(
            policy.allow("WriteFlowLogs", writing, [group.arn, pulumi.Output.concat(group.arn, ":*")]),
        ),
        opts=opts,
    )
    ec2.FlowLog(
        name,
        vpc_id=vpc_id,
        traffic_type="ALL",
        log_destination_type="cloud-watch-logs",
        log_destination=group.arn,
        iam_role_arn=role.arn,
        max_aggregation_interval=60,
        tags={"Name": args.names.of("flow-logs")},
        opts=opts,
    )
