"""Every resource is carried by its side's own provider, never by one that nobody placed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policies.model import Breach, Rule, Severity, View, hipaa


def _check(view: View) -> Iterator[Breach]:
    for item in view.resources:
        if item.type.startswith("aws:") and _placed_by_nobody(item.provider):
            yield Breach(item.urn, "no provider of a side carries it")


def _placed_by_nobody(provider: str) -> bool:
    return not provider or provider.rpartition("::")[2].startswith("default")


RULE: Final = Rule(
    name="no-default-provider",
    title="Every resource is carried by its side's provider",
    severity=Severity.HIGH,
    controls=hipaa("310(d)(2)(iii)"),
    types=("aws:*",),
    way_out="hand the side's provider to the component",
    check=_check,
)
