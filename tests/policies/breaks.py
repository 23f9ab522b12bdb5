"""For each rule, what breaks it. A rule without an example here fails the suite."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from tests.policies.recipes import Add, Change, Recipe, State

INGRESS: Final = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"

BREAKS: Final[Mapping[str, Sequence[Recipe]]] = {
    "no-open-ingress": (
        Change(INGRESS, "toPort", 65535, name="edge-443"),
        Change(INGRESS, "fromPort", 22, name="edge-443"),
        Add(INGRESS, {"cidrIpv6": "::/0", "ipProtocol": "-1", "securityGroupId": "sg-1"}),
        Add(INGRESS, {"cidrIpv4": "0.0.0.0/0", "fromPort": 443, "toPort": 443, "securityGroupId": "sg-1"}),
        Add(INGRESS, {"cidrIpv4": "128.0.0.0/1", "fromPort": 3306, "toPort": 3306, "securityGroupId": "sg-1"}),
        Add(
            "aws:ec2/securityGroup:SecurityGroup",
            {"ingress": [{"cidrBlocks": ["0.0.0.0/0"], "fromPort": 22, "toPort": 22, "protocol": "tcp"}]},
        ),
    ),
    "no-public-database": (Change("aws:rds/instance:Instance", "publiclyAccessible", value=True),),
    "no-wildcard-action": (
        State("aws:iam/rolePolicy:RolePolicy", {"Action": ["s3:Get*"]}),
        State("aws:iam/rolePolicy:RolePolicy", {"Action": "*"}),
        State("aws:iam/rolePolicy:RolePolicy", {"Action": ..., "NotAction": ["iam:*"]}),
    ),
}
