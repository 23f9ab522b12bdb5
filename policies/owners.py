"""What a stack owns of its account and regions, by the names that it claims, and what must then stand. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from domain import ownership
from domain.regions import REGIONS
from policies.model import Resource, View
from policies.values import UNKNOWN

_PROFILE: Final = "aws:iam/instanceProfile:InstanceProfile"


def account(view: View) -> Resource | None:
    """The claim to the account, if the stack makes one."""
    return next((item for item in view.of(_PROFILE) if item.at("name") == ownership.ACCOUNT_CLAIM), None)


def regions(view: View) -> Iterator[tuple[str, Resource]]:
    """Each region that the stack claims, with the claim."""
    names = {ownership.claim_of_region(item.abbreviation): region for region, item in REGIONS.items()}
    for item in view.of(_PROFILE):
        name = item.at("name")
        if name is not UNKNOWN and name in names:
            yield names[name], item


def standing(view: View, type_: str, region: str = "") -> Sequence[Resource]:
    """The resources of a type that lie in `region`, or may; without one, all of them."""
    return [item for item in view.of(type_) if not region or item.region in {"", region}]
