"""What a side's web tier is made from, by where it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from components.web.release import Release
from components.web.sessions import SessionsArgs
from domain.naming import Names


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where instances run. `network` is what they need to reach anything: they are not launched before it stands.

    `endpoints` are the services that they reach without leaving the VPC, beside S3, which they always do.
    """

    vpc_id: pulumi.Input[str]
    private_subnet_ids: list[pulumi.Output[str]]
    network: pulumi.Resource
    endpoints: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Fleet:
    """How many instances of which type, each with a root volume of `volume_gib`."""

    instance_type: str
    minimum: int
    maximum: int
    volume_gib: int

    def __post_init__(self) -> None:
        """Refuse a fleet that could be empty: an empty target group never receives a failover."""
        if not 1 <= self.minimum <= self.maximum:
            raise ValueError(
                f"{self.minimum} to {self.maximum} instances: at least 1, and no more at least than at most"
            )


@dataclass(frozen=True, kw_only=True)
class Front:
    """The load balancer as instances see it.

    `request_label` names the load balancer and the target group in metrics: `<balancer's suffix>/<group's suffix>`.
    `listener` is what sends requests to the target group: a group that nothing sends to is not health-checked.
    """

    security_group_id: pulumi.Input[str]
    target_group_arn: pulumi.Input[str]
    request_label: pulumi.Input[str]
    listener: pulumi.Resource
    target_port: int


@dataclass(frozen=True, kw_only=True)
class Store:
    """A database or cache as instances see it; the secret holds its credentials and lies in the same region."""

    host: pulumi.Input[str]
    port: int
    secret_arn: pulumi.Input[str]
    security_group_id: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True)
class Bucket:
    """A bucket by its name and its ARN."""

    name: pulumi.Input[str]
    arn: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True)
class Buckets:
    """The side's buckets that instances use."""

    releases: Bucket
    uploads: Bucket
    derived: Bucket


@dataclass(frozen=True, kw_only=True)
class WebArgs:
    """What a side's web tier is made from.

    `topics` and `queues` are ARNs by the name that the service calls them. `account_id` is our own. `other_region` is
    the other side's, and `drill_role` the ARN of the role for drills; both are `none` where there is no other side.
    `tags` go on what Auto Scaling and EC2 launch, which the provider's default tags do not reach.
    """

    names: Names
    region: str
    side: str
    tags: Mapping[str, str]
    boundary_arn: pulumi.Input[str]
    key_arn: pulumi.Input[str]
    release: Release
    place: Place
    fleet: Fleet
    front: Front
    database: Store
    database_name: str
    cache: Store
    buckets: Buckets
    topics: Mapping[str, pulumi.Input[str]]
    queues: Mapping[str, pulumi.Input[str]]
    sessions: SessionsArgs
    account_id: str
    other_region: str
    drill_role: str
