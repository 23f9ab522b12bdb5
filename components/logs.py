"""The one way a log group is made: encrypted by its side's key, and kept for a stated time."""

from __future__ import annotations

import pulumi
from pulumi_aws import cloudwatch


def log_group(
    name: str,
    *,
    path: str,
    days: int,
    key_arn: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
) -> cloudwatch.LogGroup:
    """A log group at `path` that keeps events for `days` days."""
    return cloudwatch.LogGroup(name, name=path, retention_in_days=days, kms_key_id=key_arn, opts=opts)
