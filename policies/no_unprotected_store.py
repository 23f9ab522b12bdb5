"""Pulumi refuses to delete what holds data or opens it, and never empties a store to delete it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policies.model import Breach, Rule, Severity, View, hipaa
from policies.names import BUCKET, DATABASE, KEY, SECRET, VAULT
from policies.simple import lasting
from policies.values import on

_TYPES: Final = (BUCKET, DATABASE, KEY, SECRET, VAULT)


def _check(view: View) -> Iterator[Breach]:
    for item in view.of(*_TYPES):
        if not item.protect:
            yield Breach(item.urn, "an update may delete it")
        if on(item.at("forceDestroy")):
            yield Breach(item.urn, "deleting it deletes all that is in it")


RULE: Final = Rule(
    name="no-unprotected-store",
    title="Stores are protected",
    severity=Severity.HIGH,
    controls=hipaa("308(a)(7)(ii)(A)", "312(c)(1)"),
    types=_TYPES,
    way_out="register it with protect, and without forceDestroy",
    check=lasting(_check),
)
