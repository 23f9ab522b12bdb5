"""No function can be called by everybody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policies.model import Breach, Rule, Severity, View, fsbp, hipaa

_URL: Final = "aws:lambda/functionUrl:FunctionUrl"
_PERMISSION: Final = "aws:lambda/permission:Permission"


def _check(view: View) -> Iterator[Breach]:
    for item in view.of(_URL):
        if item.at("authorizationType") == "NONE":
            yield Breach(item.urn, "its address asks nobody who they are")
    for item in view.of(_PERMISSION):
        source = (item.at("sourceArn"), item.at("sourceAccount"), item.at("principalOrgId"))
        if item.at("principal") == "*" and source == (None, None, None):
            yield Breach(item.urn, "everybody may call the function")


RULE: Final = Rule(
    name="no-public-function",
    title="No function can be called by everybody",
    severity=Severity.CRITICAL,
    controls=(*hipaa("312(a)(1)", "312(d)"), *fsbp("Lambda.1")),
    types=(_URL, _PERMISSION),
    way_out="name the service with sourceArn and sourceAccount, or ask for IAM authorization",
    check=_check,
)
