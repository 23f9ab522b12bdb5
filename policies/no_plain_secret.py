"""What is a secret by its nature is marked as one, so that state, plans and logs hide it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policies.credentials import BEARING
from policies.model import Breach, Rule, Severity, View, hipaa
from policies.values import is_unknown

_PARAMETER: Final = "aws:ssm/parameter:Parameter"


def _check(view: View) -> Iterator[Breach]:
    if not view.marks:
        return
    for type_, key in BEARING:
        for item in view.of(type_):
            if key in item.inputs and key not in item.marked and not is_unknown(item.at(key)):
                yield Breach(item.urn, f"{key} is not marked secret")
    for item in view.of(_PARAMETER):
        if item.at("type") == "SecureString" and "value" not in item.marked and not is_unknown(item.at("value")):
            yield Breach(item.urn, "value is not marked secret")


RULE: Final = Rule(
    name="no-plain-secret",
    title="Secrets are marked as such",
    severity=Severity.CRITICAL,
    controls=hipaa("312(d)", "308(a)(5)(ii)(D)"),
    types=(*dict.fromkeys(type_ for type_, _ in BEARING), _PARAMETER),
    way_out="wrap the value in pulumi.Output.secret, or take it from what is secret already",
    check=_check,
)
