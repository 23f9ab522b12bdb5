"""What a side's detectors are made from."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from domain.naming import Names


@dataclass(frozen=True, kw_only=True)
class DetectionArgs:
    """What a side's detectors are made from.

    AWS Config delivers to `logs_bucket`, a name that waits for the bucket's policy, whose ARN is `logs_arn`. Findings
    go to `operations_topic`, those that cannot be delivered to the queue `dead_letters_arn`. With `once` what the
    account has once (users, roles, the trail) is recorded and judged here, and nowhere else.
    All of it waits for the `claim` to the region.
    """

    names: Names
    account_id: str
    region: str
    key_arn: pulumi.Input[str]
    boundary_arn: pulumi.Input[str]
    logs_bucket: pulumi.Input[str]
    logs_arn: pulumi.Input[str]
    operations_topic: pulumi.Input[str]
    dead_letters_arn: pulumi.Input[str]
    once: bool
    claim: pulumi.Resource | None = None
