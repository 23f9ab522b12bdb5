"""Everything lies in the jurisdiction that its provider is tagged with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policies.model import PROVIDER, Breach, Rule, Severity, View, hipaa
from policies.places import jurisdiction_of


def _check(view: View) -> Iterator[Breach]:
    for provider in view.of(PROVIDER):
        home, region = jurisdiction_of(view, provider.urn), provider.at("region")
        if home is not None and isinstance(region, str) and not home.holds(region):
            yield Breach(provider.urn, f"{region} lies outside jurisdiction {home.code}")
    for item in view.resources:
        own = item.at("region")
        if item.type.startswith("aws:") and isinstance(own, str) and item.region and own != item.region:
            yield Breach(item.urn, f"it chooses region {own} past its provider, which is of {item.region}")


RULE: Final = Rule(
    name="no-foreign-region",
    title="Everything lies inside its jurisdiction",
    severity=Severity.CRITICAL,
    controls=hipaa("310(d)(2)(iii)", "308(a)(1)(ii)(B)"),
    types=(PROVIDER, "aws:*"),
    way_out="choose a region of the jurisdiction, and let resources take their provider's",
    check=_check,
)
