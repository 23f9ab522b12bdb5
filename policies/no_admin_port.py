"""Nobody signs in over the network: SSH, RDP and the like are not let in from any address."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policies.model import Breach, Rule, Severity, View, cis, fsbp, hipaa

_RULE: Final = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
_PORTS: Final = (22, 23, 3389, 5985, 5986)


def _check(view: View) -> Iterator[Breach]:
    for item in view.of(_RULE):
        first, last = item.at("fromPort"), item.at("toPort")
        if not isinstance(first, int) or not isinstance(last, int):
            continue
        opened = [str(port) for port in _PORTS if first <= port <= last]
        if opened:
            yield Breach(item.urn, f"port {', '.join(opened)} is let in")


RULE: Final = Rule(
    name="no-admin-port",
    title="No port for administration is let in",
    severity=Severity.HIGH,
    controls=(*hipaa("312(a)(1)"), *cis("5.2"), *fsbp("EC2.13", "EC2.14")),
    types=(_RULE,),
    way_out="sign in with Session Manager, which needs no open port and leaves a record",
    check=_check,
)
