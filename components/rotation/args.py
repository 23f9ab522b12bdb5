"""What a side's rotation is made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pulumi

from components.package import Package
from domain.naming import ROLE, Names

APPLICATION: Final = "application"
MASTER: Final = "master"


@dataclass(frozen=True, kw_only=True)
class Place:
    """A store as the function reaches it."""

    host: pulumi.Input[str]
    port: int
    security_group_id: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True)
class Shared:
    """The database's secrets by name, the same on both sides, and by this side's ARN: `application` and `master`."""

    names: Mapping[str, str]
    arns: Mapping[str, pulumi.Input[str]]


@dataclass(frozen=True, kw_only=True)
class Token:
    """The cache's replication group, and the secret with its token."""

    group_id: str
    secret_name: str
    secret_arn: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True)
class OtherSide:
    """The other side: its region and names, the key that its secrets are under, and the database's, by its ARNs."""

    region: str
    names: Names
    key_arn: pulumi.Input[str]
    arns: Mapping[str, pulumi.Input[str]]


@dataclass(frozen=True, kw_only=True)
class RotationArgs:
    """A side's stores and secrets, and what the function runs.

    `keeps` says whether the database's secrets are kept here and rotated from here, or are copies of the other side's.
    `network` is there before a function can reach anything. `other` is None in a cell of one side.
    """

    names: Names
    account_id: str
    boundary_arn: pulumi.Input[str]
    region: str
    key_arn: pulumi.Input[str]
    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    network: pulumi.Resource
    releases_bucket: pulumi.Input[str]
    package: Package
    database: Place
    schema: str
    cache: Place
    token: Token
    shared: Shared
    keeps: bool
    other: OtherSide | None
    operations_topic: pulumi.Input[str]
    days: int
    log_days: int

    @property
    def function_name(self) -> str:
        """The function's physical name, and its role's."""
        return function_name(self.names)

    def arn(self, service: str, rest: str) -> str:
        """The ARN of something of this side, known before it stands."""
        return f"arn:aws:{service}:{self.region}:{self.account_id}:{rest}"

    @property
    def function_arn(self) -> str:
        """The function's ARN."""
        return self.arn("lambda", f"function:{self.function_name}")

    @property
    def other_function_arn(self) -> str:
        """The ARN of the other side's function, empty if there is no other side."""
        if self.other is None:
            return ""
        return f"arn:aws:lambda:{self.other.region}:{self.account_id}:function:{function_name(self.other.names)}"


def function_name(names: Names) -> str:
    """What the function of the side with these names is called."""
    return names.of("rotation", ROLE)
