"""No instance, and no subnet by itself, gives out public addresses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policies.model import Breach, Rule, Severity, View, fsbp, hipaa
from policies.names import INSTANCE, TEMPLATE
from policies.values import every, on

_GIVEN: Final = (
    ("aws:ec2/subnet:Subnet", "mapPublicIpOnLaunch"),
    (TEMPLATE, "networkInterfaces.associatePublicIpAddress"),
    (INSTANCE, "associatePublicIpAddress"),
)


def _check(view: View) -> Iterator[Breach]:
    for type_, path in _GIVEN:
        for item in view.of(type_):
            if any(on(value) for value in every(item.inputs, path)):
                yield Breach(item.urn, "instances get public addresses")


RULE: Final = Rule(
    name="no-public-address",
    title="No instance has a public address",
    severity=Severity.HIGH,
    controls=(*hipaa("312(a)(1)"), *fsbp("EC2.9", "EC2.15", "EC2.25", "AutoScaling.5")),
    types=tuple(type_ for type_, _ in _GIVEN),
    way_out="put instances into private subnets; they leave through the NAT gateway",
    check=_check,
)
