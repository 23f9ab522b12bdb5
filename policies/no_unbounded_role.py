"""Every role has a permissions boundary."""

from __future__ import annotations

from typing import Final

from policies.model import Rule, Severity, hipaa
from policies.names import ROLE
from policies.simple import Demand, demand

_DEMANDS: Final = (
    Demand(ROLE, "permissionsBoundary", lambda value: value is None, "nothing bounds what may be attached to it"),
)

RULE: Final = Rule(
    name="no-unbounded-role",
    title="Every role has a permissions boundary",
    severity=Severity.MEDIUM,
    controls=hipaa("308(a)(4)(ii)(B)", "312(a)(1)"),
    types=(ROLE,),
    way_out="set permissionsBoundary to the cell's boundary",
    check=demand(*_DEMANDS),
)
