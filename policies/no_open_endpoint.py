"""No endpoint lets through whatever anybody asks of a service: without a policy it does."""

from __future__ import annotations

from typing import Final

from policies.model import Rule, Severity, hipaa
from policies.names import ENDPOINT
from policies.simple import Demand, demand


def _absent(value: object) -> bool:
    return value is None


RULE: Final = Rule(
    name="no-open-endpoint",
    title="Endpoints let through only what their policy names",
    severity=Severity.LOW,
    controls=hipaa("312(e)(1)", "308(a)(4)(ii)(B)"),
    types=(ENDPOINT,),
    way_out="give the endpoint a policy that admits principals of the own account",
    check=demand(Demand(ENDPOINT, "policy", _absent, "it has no policy, so it lets everything through")),
)
