"""A side of a cell before its parts: where it lies, its names, its tags, its provider, its key and its boundary."""

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
    """What everything of a side is made with.

    Every role takes `boundary_arn` as its permissions boundary.
    """

    name: str
    region: str
    cidr: str
    web_minimum: int
    names: Names
    tags: Mapping[str, str]
    provider: aws.Provider
    key: Keys
    boundary_arn: pulumi.Input[str]

    def child_of(self, parent: pulumi.Resource) -> pulumi.ResourceOptions:
        """Options for a component that belongs to `parent` and lies on this side."""
        return pulumi.ResourceOptions(parent=parent, providers=[self.provider])


def build_provider(settings: Settings, name: str, region_name: str, parent: pulumi.Resource) -> aws.Provider:
    """Make the provider of the side called `name`."""
    return aws.Provider(
        name,
        region=region_name,
        allowed_account_ids=[settings.account_id],
        default_tags=aws.ProviderDefaultTagsArgs(tags=_tags(settings, name)),
        opts=pulumi.ResourceOptions(parent=parent),
    )


def build_side(
    settings: Settings,
    name: str,
    region_name: str,
    cidr: str,
    web_minimum: int,
    provider: aws.Provider,
    boundary_arn: pulumi.Input[str],
    parent: pulumi.Resource,
) -> Side:
    """Make the key of the side called `name`, and put the side together."""
    names = Names(cell=settings.cell, place=region(region_name).abbreviation)
    args = KeysArgs(names=names, account_id=settings.account_id, region=region_name, throw_away=settings.throw_away)
    return Side(
        name=name,
        region=region_name,
        cidr=cidr,
        web_minimum=web_minimum,
        names=names,
        tags=_tags(settings, name),
        provider=provider,
        key=Keys(f"{name}-keys", args, pulumi.ResourceOptions(parent=parent, providers=[provider])),
        boundary_arn=boundary_arn,
    )


def _tags(settings: Settings, name: str) -> dict[str, str]:
    return naming.tags(
        cell=settings.cell, side=name, jurisdiction=settings.jurisdiction, throw_away=settings.throw_away
    )
