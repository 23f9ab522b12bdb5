"""Which documents hand rights to an identity: policies of roles, users and groups, but not ceilings. Pure.

A permissions boundary allows nothing by itself, however wide it is; a trust policy says who may take a role.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from policies.documents import Statement, parse
from policies.model import Resource, View
from policies.names import ROLE
from policies.values import at, each

_MANAGED: Final = "aws:iam/policy:Policy"
ATTACHED: Final = (
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    "aws:iam/userPolicyAttachment:UserPolicyAttachment",
    "aws:iam/groupPolicyAttachment:GroupPolicyAttachment",
    "aws:iam/policyAttachment:PolicyAttachment",
)
_INLINE: Final = (
    "aws:iam/rolePolicy:RolePolicy",
    "aws:iam/userPolicy:UserPolicy",
    "aws:iam/groupPolicy:GroupPolicy",
)
GRANTS: Final = (*_INLINE, _MANAGED, ROLE)
EVERYTHING: Final = re.compile(r"\*|arn:[^:]*:[^:]*:[^:]*:[^:]*:\*")  # as a statement's Resource


def granted(view: View) -> Iterator[tuple[Resource, Statement]]:
    """Each statement that allows an identity something, with the resource that holds it."""
    ceilings = boundaries(view)
    for item in view.of(*_INLINE, _MANAGED):
        if item.urn not in ceilings:
            yield from ((item, statement) for statement in item.documents.get("policy", ()) if statement.allows)
    for item in view.of(ROLE):
        for inline in each(item.at("inlinePolicies")):
            yield from ((item, statement) for statement in parse(at(inline, "policy")) if statement.allows)


def boundaries(view: View) -> frozenset[str]:
    """The URNs of managed policies that bound roles or users, and are attached to none."""
    names = {item.at("name"): item.urn for item in view.of(_MANAGED)}
    bound, attached = set[str](), set[str]()
    for item in view.of(ROLE, "aws:iam/user:User"):
        bound |= _named(item, "permissionsBoundary", names)
    for item in view.of(*ATTACHED):
        attached |= _named(item, "policyArn", names)
    return frozenset(bound - attached)


def _named(item: Resource, key: str, names: dict[object, str]) -> set[str]:
    """The managed policies that an input names by an edge or by the ARN that ends in their name."""
    value = item.at(key)
    by_name = names.get(value.rpartition("/")[2]) if isinstance(value, str) else None
    return {*item.property_dependencies.get(key, ()), *([by_name] if by_name else [])}
