"""No role carries one of AWS's policies for administrators."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from policies.identities import ATTACHED
from policies.model import Breach, Resource, Rule, Severity, View, cis, fsbp, hipaa
from policies.names import ROLE
from policies.values import each

_TOO_MUCH: Final = re.compile(r"arn:aws[\w-]*:iam::aws:policy/(.*/)?(\w*Admin\w*|\w*FullAccess|PowerUser\w*)")


def _check(view: View) -> Iterator[Breach]:
    for item in view.of(*ATTACHED):
        yield from _judge(item, item.at("policyArn"))
    for item in view.of(ROLE):
        for arn in each(item.at("managedPolicyArns")):
            yield from _judge(item, arn)


def _judge(item: Resource, arn: object) -> Iterator[Breach]:
    if isinstance(arn, str) and _TOO_MUCH.fullmatch(arn):
        yield Breach(item.urn, f"{arn.rpartition('/')[2]} is attached")


RULE: Final = Rule(
    name="no-admin-policy",
    title="No role carries a policy for administrators",
    severity=Severity.CRITICAL,
    controls=(*hipaa("308(a)(4)(ii)(B)", "308(a)(3)(i)"), *cis("1.16"), *fsbp("IAM.1")),
    types=(*ATTACHED, ROLE),
    way_out="write a policy that names what is needed",
    check=_check,
)
