"""Load balancers drop what a server behind them could misread."""

from __future__ import annotations

from typing import Final

from policies.model import Rule, Severity, fsbp, hipaa
from policies.names import BALANCER
from policies.simple import Demand, demand
from policies.values import differs, off

_DEMANDS: Final = (
    Demand(BALANCER, "dropInvalidHeaderFields", off, "invalid headers are passed on"),
    Demand(
        BALANCER,
        "desyncMitigationMode",
        lambda value: differs(value, "defensive", "strictest", None),
        "ambiguous requests are passed on",
    ),
)

RULE: Final = Rule(
    name="no-lenient-balancer",
    title="Load balancers drop what could be misread",
    severity=Severity.MEDIUM,
    controls=(*hipaa("312(e)(1)"), *fsbp("ELB.4", "ELB.12")),
    types=(BALANCER,),
    way_out="set dropInvalidHeaderFields, and desyncMitigationMode to defensive or strictest",
    check=demand(*_DEMANDS),
)
