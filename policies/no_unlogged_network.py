"""Every VPC has a flow log of all traffic."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policies.model import Breach, Rule, Severity, View, cis, fsbp, hipaa
from policies.names import VPC
from policies.values import differs

_LOG: Final = "aws:ec2/flowLog:FlowLog"


def _check(view: View) -> Iterator[Breach]:
    for vpc in view.of(VPC):
        logs = view.parts(vpc, _LOG, "vpcId")
        if all(differs(log.at("trafficType"), "ALL", "REJECT") for log in logs):
            yield Breach(vpc.urn, "no flow log shows its traffic")


RULE: Final = Rule(
    name="no-unlogged-network",
    title="Every VPC has a flow log",
    severity=Severity.MEDIUM,
    controls=(*hipaa("312(b)"), *cis("3.7"), *fsbp("EC2.6")),
    types=(VPC, _LOG),
    way_out="give the VPC a FlowLog with trafficType ALL",
    check=_check,
)
