"""There are no IAM users: their passwords and keys last until somebody takes them away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policies.model import Breach, Rule, Severity, View, cis, fsbp, hipaa

_TYPES: Final = (
    "aws:iam/user:User",
    "aws:iam/accessKey:AccessKey",
    "aws:iam/userLoginProfile:UserLoginProfile",
)


def _check(view: View) -> Iterator[Breach]:
    for item in view.of(*_TYPES):
        yield Breach(item.urn, "its credentials do not end by themselves")


RULE: Final = Rule(
    name="no-long-lived-credentials",
    title="There are no credentials that last",
    severity=Severity.HIGH,
    controls=(*hipaa("312(d)", "308(a)(5)(ii)(D)"), *cis("1.13", "1.14"), *fsbp("IAM.3")),
    types=_TYPES,
    way_out="let people come through Identity Center and workloads take roles",
    check=_check,
)
