"""Policy documents of IAM and of resources, parsed into statements. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One statement, with every element as a list. `principals` are pairs of kind and id, such as ("AWS", "*")."""

    sid: str
    allows: bool
    actions: tuple[str, ...]
    not_actions: tuple[str, ...]
    resources: tuple[str, ...]
    not_resources: tuple[str, ...]
    principals: tuple[tuple[str, str], ...]
    not_principals: tuple[tuple[str, str], ...]
    condition: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def conditions(self) -> Mapping[str, tuple[str, ...]]:
        """What each condition key is compared with, whatever the operator; keys in lower case."""
        found: dict[str, tuple[str, ...]] = {}
        for tests in self.condition.values():
            for key, value in tests.items():
                found[key.lower()] = (*found.get(key.lower(), ()), *_texts(value))
        return found

    @property
    def label(self) -> str:
        """Its name in a message."""
        return f"statement {self.sid}" if self.sid else "a statement without Sid"


def parse(document: object) -> tuple[Statement, ...]:
    """The statements of a policy document, text or tree; none if `document` is something else."""
    tree = document
    if isinstance(document, str):
        if document[:1] != "{" or '"Statement"' not in document:
            return ()
        try:
            tree = json.loads(document)
        except ValueError:
            return ()
    if not isinstance(tree, Mapping) or "Statement" not in tree:
        return ()
    found = tree["Statement"]
    return tuple(_statement(item) for item in (found if isinstance(found, list) else [found]) if isinstance(item, dict))


def _statement(item: Mapping[str, Any]) -> Statement:
    return Statement(
        sid=str(item.get("Sid", "")),
        allows=item.get("Effect") == "Allow",
        actions=_texts(item.get("Action")),
        not_actions=_texts(item.get("NotAction")),
        resources=_texts(item.get("Resource")),
        not_resources=_texts(item.get("NotResource")),
        principals=_principals(item.get("Principal")),
        not_principals=_principals(item.get("NotPrincipal")),
        condition=item.get("Condition") or {},
    )


def _texts(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    return tuple(str(item) for item in value) if isinstance(value, list) else (str(value),)


def _principals(value: object) -> tuple[tuple[str, str], ...]:
    if isinstance(value, Mapping):
        return tuple((str(kind), id_) for kind, ids in value.items() for id_ in _texts(ids))
    return tuple(("AWS", id_) for id_ in _texts(value))
