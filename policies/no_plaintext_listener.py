"""Load balancers speak TLS 1.2 or later; port 80 only sends on to HTTPS."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policies.model import Breach, Resource, Rule, Severity, View, fsbp, hipaa
from policies.names import LISTENER
from policies.values import every, is_unknown

_SECURE: Final = {"HTTPS", "TLS"}
# Policies that admit nothing older than TLS 1.2. Source: "Security policies for your Application Load Balancer".
_POLICIES: Final = ("ELBSecurityPolicy-TLS13-1-2-", "ELBSecurityPolicy-TLS13-1-3-", "ELBSecurityPolicy-FS-1-2-")


def _check(view: View) -> Iterator[Breach]:
    for item in view.of(LISTENER):
        protocol, policy = item.at("protocol"), item.at("sslPolicy")
        if protocol in _SECURE:
            if policy is None or (isinstance(policy, str) and not policy.startswith(_POLICIES)):
                yield Breach(item.urn, f"TLS policy {policy} admits versions before TLS 1.2")
        elif not is_unknown(protocol) and not _redirects(item):
            yield Breach(item.urn, f"the listener serves {protocol} in clear")


def _redirects(item: Resource) -> bool:
    protocols = list(every(item.inputs, "defaultActions.redirect.protocol"))
    return all(is_unknown(value) or value == "HTTPS" for value in protocols)


RULE: Final = Rule(
    name="no-plaintext-listener",
    title="Load balancers speak TLS 1.2 or later",
    severity=Severity.CRITICAL,
    controls=(*hipaa("312(e)(1)", "312(e)(2)(ii)"), *fsbp("ELB.1", "ELB.17")),
    types=(LISTENER,),
    way_out="serve HTTPS with a TLS 1.2 or 1.3 policy; let the HTTP listener redirect to it",
    check=_check,
)
