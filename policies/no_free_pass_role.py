"""Nobody may pass just any role, nor to just any service: that would be all rights of the account."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policies.identities import EVERYTHING, GRANTS, granted
from policies.model import Breach, Rule, Severity, View, cis, hipaa

_ACTION: Final = "iam:PassRole"


def _check(view: View) -> Iterator[Breach]:
    for item, statement in granted(view):
        if _ACTION not in statement.actions:
            continue
        if any(EVERYTHING.fullmatch(one) or one.endswith(":role/*") for one in statement.resources):
            yield Breach(item.urn, f"{statement.label} may pass any role")
        if "iam:passedtoservice" not in statement.conditions():
            yield Breach(item.urn, f"{statement.label} does not say to which service a role may be passed")


RULE: Final = Rule(
    name="no-free-pass-role",
    title="Roles are passed by name, to a named service",
    severity=Severity.HIGH,
    controls=(*hipaa("308(a)(4)(ii)(B)", "312(a)(1)"), *cis("1.16")),
    types=GRANTS,
    way_out="name the roles, and the service in iam:PassedToService",
    check=_check,
)
