"""Whom the policies of resources and the trusts of roles let in. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from policies.documents import Statement
from policies.identities import GRANTS
from policies.model import PROVIDER, Resource, View
from policies.names import ROLE
from policies.values import each

# Condition keys that say who asks, or on whose behalf.
_WHO: Final = re.compile(
    r"aws:(source(account|arn|owner|orgid|vpce|vpc)|principal(arn|account|orgid|orgpaths|isawsservice))"
    r"|kms:(calleraccount|encryptioncontext:.*)|s3:dataaccesspointaccount|aws:userid|lambda:.*arn",
)
_ACCOUNT: Final = re.compile(r"(?:arn:aws[\w-]*:(?:iam|sts)::)?(\d{12})(?::.*)?")


def admitted(view: View) -> Iterator[tuple[Resource, Statement]]:
    """Each statement that lets somebody use a resource or take a role, with what holds it."""
    grants = set(GRANTS) - {ROLE}
    for item in view.resources:
        if item.type not in grants:
            for key, statements in item.documents.items():
                if item.type != ROLE or key == "assumeRolePolicy":
                    yield from ((item, statement) for statement in statements if statement.allows)


def limits(statement: Statement) -> bool:
    """Whether a condition says who is meant: not by what they are not, and not by whatever they are."""
    for operator, tests in statement.condition.items():
        if "Not" in operator:
            continue
        for key, value in tests.items():
            values = value if isinstance(value, list) else [value]
            if _WHO.fullmatch(key.lower()) and not any(str(one) in {"*", "arn:*"} for one in values):
                return True
    return False


def account_of(principal: str) -> str:
    """The account that an AWS principal belongs to; empty for everybody and for what is not known."""
    found = _ACCOUNT.fullmatch(principal)
    return found[1] if found else ""


def own_accounts(view: View) -> set[str]:
    """The accounts that the stack's providers work in."""
    return {str(account) for item in view.of(PROVIDER) for account in each(item.at("allowedAccountIds"))}
