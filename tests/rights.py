"""What a policy allows, worked out as IAM does it for what these tests ask: denials first, then what is allowed.

Conditions are looked at only for the region of the request; any other is taken to hold where something is allowed, and
not to hold where something is denied, so that a denial counts only if nothing can avoid it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Final, TypeAlias

from moto.iam.aws_managed_policies import aws_managed_policies_data

from ops.engine.record import Program
from tests.support import statements

Statement: TypeAlias = Mapping[str, Any]
_MANAGED: Final = json.loads(aws_managed_policies_data)


def as_list(value: str | Sequence[str]) -> list[str]:
    """What IAM lets stand alone or in a list, as a list."""
    return [value] if isinstance(value, str) else list(value)


@cache
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(re.escape(text).replace(r"\*", ".*").replace(r"\?", "."), re.DOTALL)


def matches(patterns: str | Sequence[str], text: str, *, any_case: bool = False) -> bool:
    """Whether one of `patterns`, in which * and ? stand for anything, covers `text`, which may be one too."""
    found = (item.lower() if any_case else item for item in as_list(patterns))
    return any(_pattern(item).fullmatch(text.lower() if any_case else text) for item in found)


def _concerns(statement: Statement, action: str, resource: str) -> bool:
    acts = matches(statement.get("Action") or statement["NotAction"], action, any_case=True)
    if "Action" not in statement:
        acts = not acts
    on = matches(statement.get("Resource") or statement["NotResource"], resource)
    return acts and (on if "Resource" in statement else not on)


def _denies(statement: Statement, region: str) -> bool:
    condition = statement.get("Condition")
    if not condition:
        return True
    return condition.keys() == {"StringNotEquals"} and region not in as_list(
        condition["StringNotEquals"].get("aws:RequestedRegion", region)
    )


def allows(policy: Sequence[Statement], action: str, resource: str, *, region: str) -> bool:
    """Whether `policy` allows `action` on `resource` in `region`."""
    concerned = [item for item in policy if _concerns(item, action, resource)]
    if any(item["Effect"] == "Deny" and _denies(item, region) for item in concerned):
        return False
    return any(item["Effect"] == "Allow" for item in concerned)


def managed(arn: str) -> list[Statement]:
    """The statements of AWS's own policy."""
    return list(_MANAGED[arn.rpartition("/")[2]]["Document"]["Statement"])


def granted(program: Program) -> Iterator[tuple[str, str, str]]:
    """Each action on each resource that a policy of a role allows, with the policy's name."""
    for item in program.of_type("aws:iam/rolePolicy:RolePolicy"):
        for statement in statements(item.inputs["policy"]):
            if statement["Effect"] == "Allow":
                for action in as_list(statement["Action"]):
                    for resource in as_list(statement["Resource"]):
                        yield item.name, action, resource
