"""No identity is allowed actions by wildcard: a policy names what it allows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policies.identities import GRANTS, granted
from policies.model import Breach, Rule, Severity, View, cis, fsbp, hipaa


def _check(view: View) -> Iterator[Breach]:
    for item, statement in granted(view):
        if statement.not_actions:
            yield Breach(item.urn, f"{statement.label} allows whatever NotAction does not name")
        wild = [action for action in statement.actions if "*" in action]
        if wild:
            yield Breach(item.urn, f"{statement.label} allows {', '.join(wild)}")


RULE: Final = Rule(
    name="no-wildcard-action",
    title="No role is allowed actions by wildcard",
    severity=Severity.HIGH,
    controls=(*hipaa("308(a)(4)(ii)(B)", "312(a)(1)"), *cis("1.16"), *fsbp("IAM.1", "IAM.21")),
    types=GRANTS,
    way_out="name each action that is needed",
    check=_check,
)
