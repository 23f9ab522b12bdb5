"""Where a registration belongs: its side, and the key that encrypts it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from ops.engine.record import Program, Registration, Secret

GLOBAL: Final = "global"
GLOBAL_SERVICES: Final = frozenset({"iam", "route53", "cloudfront", "budgets", "costexplorer"})
_PROVIDER: Final = "pulumi:providers:"
_KEY: Final = "aws:kms/key:Key"
# Inputs that name a key, as the services spell them: kmsKeyId, kmsMasterKeyId, keyId, encryptionKey ...
_KEY_INPUT: Final = re.compile(r"kms\w*key\w*(?:id|arn)?$|^encryptionkey$|^keyid$", re.IGNORECASE)


def sides_of(registrations: Sequence[Registration]) -> dict[str, str]:
    """The side of each registration by its URN, empty for what belongs to the cell as a whole.

    A resource is of its provider's side. What has none, as components and random values, is of the side that everything
    in the nearest component around it has in common.
    """
    carried = {item.urn: item.name for item in registrations if item.type == f"{_PROVIDER}aws"}
    parents = {item.urn: item.parent for item in registrations}
    below: dict[str, set[str]] = {}
    for item in registrations:
        side = carried.get(item.provider) or carried.get(item.urn)
        for urn in _upwards(item.urn, parents) if side else ():
            below.setdefault(urn, set()).add(str(side))
    return {item.urn: _common(item.urn, parents, below) for item in registrations}


def _upwards(urn: str, parents: Mapping[str, str]) -> Iterator[str]:
    while urn in parents:
        yield urn
        urn = parents[urn]


def _common(urn: str, parents: Mapping[str, str], below: Mapping[str, set[str]]) -> str:
    nearest: set[str] = next((below[place] for place in _upwards(urn, parents) if place in below), set())
    return next(iter(nearest)) if len(nearest) == 1 else ""


def key_of(program: Program, item: Registration) -> str:
    """The logical names of the keys that `item` names, or what it says in their place; empty if it names none."""
    if item.type.startswith("aws:kms/"):
        return ""
    known = {value: key.name for key in program.of_type(_KEY) for value in (key.id, str(key.outputs.get("arn")))}
    named = {known.get(value, value) for value in _key_inputs(item.inputs)}
    return ", ".join(sorted(named))


def _key_inputs(value: Any) -> Iterator[str]:  # noqa: ANN401 - a property tree is any JSON
    if isinstance(value, Mapping):
        for key, item in value.items():
            if isinstance(item, str) and _KEY_INPUT.search(key):
                yield item
            elif not isinstance(item, Secret):
                yield from _key_inputs(item)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for item in value:
            yield from _key_inputs(item)
