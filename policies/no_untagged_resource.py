"""Everything says by its tags to which system, cell, side and jurisdiction it belongs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from domain.jurisdictions import REGIONS_OF
from policies.model import PROVIDER, Breach, Rule, Severity, View, hipaa

_TAGS: Final = ("System", "Cell", "Side", "Jurisdiction")


def _check(view: View) -> Iterator[Breach]:
    for item in view.of(PROVIDER):
        tags = view.tags.get(item.urn)
        lacking = [tag for tag in _TAGS if tags is not None and tags.get(tag) in (None, "")]
        if lacking:
            yield Breach(item.urn, f"what it makes has no tag {', '.join(lacking)}")
        code = (tags or {}).get("Jurisdiction")
        if isinstance(code, str) and code and code not in REGIONS_OF:
            yield Breach(item.urn, f"{code} is no jurisdiction that the platform knows")


RULE: Final = Rule(
    name="no-untagged-resource",
    title="Everything says to whom it belongs",
    severity=Severity.MEDIUM,
    controls=hipaa("310(d)(2)(iii)"),
    types=(PROVIDER,),
    way_out="give the provider default tags with System, Cell, Side and Jurisdiction",
    check=_check,
)
