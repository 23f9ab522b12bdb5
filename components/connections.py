"""The one way a connection is opened between two security groups: both halves of it, and nothing wider."""

from __future__ import annotations

import pulumi
from pulumi_aws import vpc


def connect(
    name: str,
    source: tuple[str, pulumi.Input[str]],
    target: tuple[str, pulumi.Input[str]],
    port: int,
    opts: pulumi.ResourceOptions,
) -> list[pulumi.Resource]:
    """Open `port` from one group to the other: out of the first, into the second; each is a name and an id.

    Gives the two rules.
    """
    (source_name, source_id), (target_name, target_id) = source, target
    way_out = vpc.SecurityGroupEgressRule(
        name,
        security_group_id=source_id,
        description=f"To {target_name}",
        referenced_security_group_id=target_id,
        ip_protocol="tcp",
        from_port=port,
        to_port=port,
        opts=opts,
    )
    way_in = vpc.SecurityGroupIngressRule(
        name,
        security_group_id=target_id,
        description=f"From {source_name}",
        referenced_security_group_id=source_id,
        ip_protocol="tcp",
        from_port=port,
        to_port=port,
        opts=opts,
    )
    return [way_out, way_in]
