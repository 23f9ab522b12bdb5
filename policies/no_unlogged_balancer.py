"""Load balancers log every request."""

from __future__ import annotations

from typing import Final

from policies.model import Rule, Severity, fsbp, hipaa
from policies.names import BALANCER
from policies.simple import Demand, demand
from policies.values import off

_DEMANDS: Final = (Demand(BALANCER, "accessLogs.enabled", off, "requests are not logged"),)

RULE: Final = Rule(
    name="no-unlogged-balancer",
    title="Load balancers log every request",
    severity=Severity.MEDIUM,
    controls=(*hipaa("312(b)"), *fsbp("ELB.5")),
    types=(BALANCER,),
    way_out="set accessLogs to the side's logs bucket",
    check=demand(*_DEMANDS),
)
