"""Load balancers reach what is behind them over TLS."""

from __future__ import annotations

from typing import Final

from policies.model import Rule, Severity, hipaa
from policies.simple import Demand, demand
from policies.values import differs

_DEMANDS: Final = (
    Demand(
        "aws:lb/targetGroup:TargetGroup",
        "protocol",
        lambda value: differs(value, "HTTPS", "TLS", "GENEVE"),
        "the load balancer reaches its targets in clear",
    ),
)

RULE: Final = Rule(
    name="no-plaintext-target",
    title="Load balancers reach their targets over TLS",
    severity=Severity.HIGH,
    controls=hipaa("312(e)(1)", "312(e)(2)(ii)"),
    types=("aws:lb/targetGroup:TargetGroup",),
    way_out="set protocol to HTTPS",
    check=demand(*_DEMANDS),
)
