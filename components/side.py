"""A side of a cell before its parts: where it lies, its names and tags, its provider and its key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.keys import Keys, KeysArgs
from domain import naming
from domain.naming import Names
from domain.regions import region
from settings import Settings


@dataclass(frozen=True, kw_only=True)
class Side:
    """What everything of a side is made with."""

    name: str
    region: str
    cidr: str
    web_minimum: int
    names: Names
    tags: Mapping[str, str]
    provider: aws.Provider
    key: Keys

    def child_of(self, parent: pulumi.Resource) -> pulumi.ResourceOptions:
        """Options for a component that belongs to `parent` and lies on this side."""
        return pulumi.ResourceOptions(parent=parent, providers=[self.provider])


def build_side(
    settings: Settings, name: str, region_name: str, cidr: str, web_minimum: int, parent: pulumi.Resource
) -> Side:
    """Make the provider and the key of the side called `name`."""
    names = Names(cell=settings.cell, place=region(region_name).abbreviation)
    tags = naming.tags(cell=settings.cell, side=name, jurisdiction=settings.jurisdiction)
    provider = aws.Provider(
        name,
        region=region_name,
        allowed_account_ids=[settings.account_id],
        default_tags=aws.ProviderDefaultTagsArgs(tags=tags),
        opts=pulumi.ResourceOptions(parent=parent),
    )
    args = KeysArgs(names=names, account_id=settings.account_id, region=region_name, throw_away=settings.throw_away)
    return Side(
        name=name,
        region=region_name,
        cidr=cidr,
        web_minimum=web_minimum,
        names=names,
        tags=tags,
        provider=provider,
        key=Keys(f"{name}-keys", args, pulumi.ResourceOptions(parent=parent, providers=[provider])),
    )
