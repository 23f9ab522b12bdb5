"""A key that is deleted can be brought back for 30 days: what it encrypted is lost with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policies.model import Breach, Rule, Severity, View, fsbp, hipaa
from policies.names import KEY
from policies.simple import lasting
from policies.values import below

_DAYS: Final = 30  # the longest that KMS offers, and its default


def _check(view: View) -> Iterator[Breach]:
    for item in view.of(KEY):
        days = item.at("deletionWindowInDays")
        if days is not None and below(days, _DAYS):
            yield Breach(item.urn, f"the key is gone {days} days after it is deleted")


RULE: Final = Rule(
    name="no-hasty-key-deletion",
    title="A deleted key can be brought back for 30 days",
    severity=Severity.MEDIUM,
    controls=(*hipaa("308(a)(7)(ii)(A)"), *fsbp("KMS.3")),
    types=(KEY,),
    way_out="set deletionWindowInDays to 30, or leave it out",
    check=lasting(_check),
)
