"""No role and no resource lets another account in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policies.model import Breach, Rule, Severity, View, fsbp, hipaa
from policies.principals import account_of, admitted, own_accounts


def _check(view: View) -> Iterator[Breach]:
    own = own_accounts(view)
    for item, statement in admitted(view):
        accounts = {account_of(id_) for kind, id_ in statement.principals if kind == "AWS"} - {""}
        foreign = sorted(accounts - own)
        if own and foreign:
            yield Breach(item.urn, f"{statement.label} lets account {', '.join(foreign)} in")


RULE: Final = Rule(
    name="no-foreign-trust",
    title="No other account is let in",
    severity=Severity.CRITICAL,
    controls=(*hipaa("308(a)(4)(ii)(B)", "308(b)(1)"), *fsbp("S3.6")),
    types=("aws:*",),
    way_out="let in principals of the account that the cell's providers allow",
    check=_check,
)
