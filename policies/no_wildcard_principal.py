"""No resource and no role lets everybody in without a condition that says who."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policies.identities import EVERYTHING
from policies.model import Breach, Rule, Severity, View, fsbp, hipaa
from policies.names import ENDPOINT
from policies.principals import admitted, limits


def _check(view: View) -> Iterator[Breach]:
    for item, statement in admitted(view):
        if statement.not_principals:
            yield Breach(item.urn, f"{statement.label} lets in whomever NotPrincipal does not name")
        if item.type == ENDPOINT and not any(EVERYTHING.fullmatch(one) for one in statement.resources):
            continue  # an endpoint hands out no rights: its policy bounds what passes, and here by resources
        if any(id_ == "*" for _, id_ in statement.principals) and not limits(statement):
            yield Breach(item.urn, f"{statement.label} lets everybody in")


RULE: Final = Rule(
    name="no-wildcard-principal",
    title="Nothing lets everybody in",
    severity=Severity.CRITICAL,
    controls=(*hipaa("312(a)(1)", "308(a)(4)(ii)(B)"), *fsbp("S3.6", "KMS.5")),
    types=("aws:*",),
    way_out="name the principal, or say by aws:PrincipalArn, aws:SourceArn or aws:SourceAccount who is meant",
    check=_check,
)
