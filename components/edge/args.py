"""What a side's edge is made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi

from components.waf.args import WafArgs
from domain.naming import Names

_MOST_DRAIN_SECONDS: Final = 3600  # of a target group; source: its API reference
_LEAST_SUBNETS: Final = 2  # an application load balancer wants two zones


@dataclass(frozen=True, kw_only=True)
class EdgeArgs:
    """What a side's edge is made from.

    `logs_bucket` is the name of the bucket for access logs, given out once its policy lets Elastic Load Balancing
    write: AWS tries that at once. `certificate_arn` is given out once the certificate is issued, for the same reason.
    """

    names: Names
    vpc_id: pulumi.Input[str]
    public_subnet_ids: Sequence[pulumi.Input[str]]
    logs_bucket: pulumi.Input[str]
    certificate_arn: pulumi.Input[str]
    target_port: int
    health_path: str
    deletion_protection: bool
    waf: WafArgs
    drain_seconds: int = 30
    idle_timeout_seconds: int = 60

    def __post_init__(self) -> None:
        """Refuse what AWS would refuse later, or not at all.

        Raises:
            ValueError: with the value, the rule and the way out.
        """
        if len(self.public_subnet_ids) < _LEAST_SUBNETS:
            raise ValueError(f"{len(self.public_subnet_ids)} public subnets: give at least {_LEAST_SUBNETS}, by zone")
        if not self.health_path.startswith("/"):
            raise ValueError(f"health path {self.health_path!r}: must begin with a slash, such as /livez")
        if not 0 <= self.drain_seconds <= _MOST_DRAIN_SECONDS:
            raise ValueError(f"drain {self.drain_seconds} s: must be 0 to {_MOST_DRAIN_SECONDS} seconds")
