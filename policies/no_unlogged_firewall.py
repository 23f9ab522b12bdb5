"""Firewalls log what they do, without the headers that carry credentials."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policies.model import Breach, Resource, Rule, Severity, View, fsbp, hipaa
from policies.names import WEB_ACL
from policies.values import UNKNOWN, each, every, is_unknown

_LOGGING: Final = "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration"
_HEADERS: Final = {"authorization", "cookie"}


def _check(view: View) -> Iterator[Breach]:
    logs = list(view.of(_LOGGING))
    for acl in view.of(WEB_ACL):
        if not any(_of(log, acl) for log in logs):
            yield Breach(acl.urn, "what the firewall does is not logged")
    for log in logs:
        fields = log.at("redactedFields")
        if is_unknown(fields):
            continue
        names = set(every(list(each(fields)), "singleHeader.name"))
        lacking = sorted(_HEADERS - names)
        if lacking and UNKNOWN not in names:
            yield Breach(log.urn, f"the header {', '.join(lacking)} is written to the log")


def _of(log: Resource, acl: Resource) -> bool:
    edges = log.property_dependencies.get("resourceArn", ())
    arn = log.at("resourceArn")
    return acl.urn in edges or is_unknown(arn) or (not edges and str(acl.at("name")) in str(arn))


RULE: Final = Rule(
    name="no-unlogged-firewall",
    title="Firewalls log what they do, without credentials",
    severity=Severity.MEDIUM,
    controls=(*hipaa("312(b)"), *fsbp("WAF.11")),
    types=(WEB_ACL, _LOGGING),
    way_out="give the web ACL a WebAclLoggingConfiguration that redacts authorization and cookie",
    check=_check,
)
