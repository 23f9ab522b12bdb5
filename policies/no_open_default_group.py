"""The default security group of every VPC is closed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policies.model import Breach, Rule, Severity, View, cis, fsbp, hipaa
from policies.names import VPC
from policies.values import each

_GROUP: Final = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"


def _check(view: View) -> Iterator[Breach]:
    for vpc in view.of(VPC):
        groups = view.parts(vpc, _GROUP, "vpcId")
        if not groups:
            yield Breach(vpc.urn, "nothing closes its default security group")
        for group in groups:
            if [*each(group.at("ingress")), *each(group.at("egress"))]:
                yield Breach(group.urn, "the default security group has rules")


RULE: Final = Rule(
    name="no-open-default-group",
    title="The default security group is closed",
    severity=Severity.HIGH,
    controls=(*hipaa("312(a)(1)"), *cis("5.4"), *fsbp("EC2.2")),
    types=(VPC, _GROUP),
    way_out="take over the VPC's DefaultSecurityGroup, without ingress or egress",
    check=_check,
)
