"""Whether a resource's policy refuses requests without TLS. Pure."""

from __future__ import annotations

from policies.documents import Statement
from policies.model import Resource

_EVERYBODY = {("AWS", "*"), ("*", "*")}


def refuses_plaintext(item: Resource, action: str) -> bool:
    """Whether a statement of `item` denies `action` to everybody where `aws:SecureTransport` is false."""
    return any(_denies(statement, action) for statement in item.documents.get("policy", ()))


def _denies(statement: Statement, action: str) -> bool:
    only = dict(statement.condition) == {"Bool": {"aws:SecureTransport": "false"}}
    everybody = bool(_EVERYBODY & set(statement.principals))
    return not statement.allows and only and everybody and bool({action, "*"} & set(statement.actions))
