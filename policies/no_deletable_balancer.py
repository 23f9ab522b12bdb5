"""A load balancer cannot be deleted by a slip."""

from __future__ import annotations

from typing import Final

from policies.model import Rule, Severity, fsbp, hipaa
from policies.names import BALANCER
from policies.simple import Demand, demand, lasting
from policies.values import off

_DEMANDS: Final = (Demand(BALANCER, "enableDeletionProtection", off, "AWS would delete it when asked to"),)

RULE: Final = Rule(
    name="no-deletable-balancer",
    title="Load balancers are protected from deletion",
    severity=Severity.MEDIUM,
    controls=(*hipaa("308(a)(7)(i)"), *fsbp("ELB.6")),
    types=(BALANCER,),
    way_out="set enableDeletionProtection",
    check=lasting(demand(*_DEMANDS)),
)
