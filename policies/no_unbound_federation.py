"""Whoever comes with a token of another identity provider is named by subject and audience."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policies.model import Breach, Rule, Severity, View, hipaa
from policies.principals import admitted


def _check(view: View) -> Iterator[Breach]:
    for item, statement in admitted(view):
        if not any(kind == "Federated" for kind, _ in statement.principals):
            continue
        keys = statement.conditions()
        subjects = [value for key, values in keys.items() if key.endswith(":sub") for value in values]
        audiences = [value for key, values in keys.items() if key.endswith(":aud") for value in values]
        if not subjects or any(value.startswith("*") for value in subjects):
            yield Breach(item.urn, f"{statement.label} does not say whose token is meant")
        elif not audiences:
            yield Breach(item.urn, f"{statement.label} does not say for whom the token was made")


RULE: Final = Rule(
    name="no-unbound-federation",
    title="Federated roles name subject and audience",
    severity=Severity.CRITICAL,
    controls=hipaa("312(d)", "308(a)(4)(ii)(B)"),
    types=("aws:iam/role:Role",),
    way_out="compare the provider's :sub and :aud in the condition",
    check=_check,
)
