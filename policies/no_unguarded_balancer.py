"""Every load balancer that the world reaches has a firewall."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policies.model import Breach, Resource, Rule, Severity, View, fsbp, hipaa
from policies.names import BALANCER
from policies.values import is_unknown, on

_ASSOCIATION: Final = "aws:wafv2/webAclAssociation:WebAclAssociation"


def _check(view: View) -> Iterator[Breach]:
    associations = list(view.of(_ASSOCIATION))
    for balancer in view.of(BALANCER):
        internal = balancer.at("internal")
        if is_unknown(internal) or on(internal) or balancer.at("loadBalancerType") not in ("application", None):
            continue
        if not any(_guards(one, balancer) for one in associations):
            yield Breach(balancer.urn, "no firewall stands before it")


def _guards(association: Resource, balancer: Resource) -> bool:
    edges, arn = association.property_dependencies.get("resourceArn", ()), association.at("resourceArn")
    return balancer.urn in edges or (is_unknown(arn) and not edges) or f"/{balancer.at('name')}" in str(arn)


RULE: Final = Rule(
    name="no-unguarded-balancer",
    title="A firewall stands before every public load balancer",
    severity=Severity.HIGH,
    controls=(*hipaa("312(e)(1)", "308(a)(5)(ii)(B)"), *fsbp("ELB.16")),
    types=(BALANCER, _ASSOCIATION),
    way_out="associate a web ACL of its region with it",
    check=_check,
)
