"""The one way a log group is made: encrypted by its side's key, and kept for a stated time."""

from __future__ import annotations

import pulumi
from pulumi_aws import cloudwatch

from components import policy
from domain.residency import Dataset

_DELIVERY = "delivery.logs.amazonaws.com"


def log_group(
    name: str,
    *,
    path: pulumi.Input[str],
    days: int,
    key_arn: pulumi.Input[str],
    dataset: Dataset = Dataset.LOGS,
    opts: pulumi.ResourceOptions,
) -> cloudwatch.LogGroup:
    """A log group at `path` that keeps events of `dataset` for `days` days; a tag tells what is no plain log."""
    tags = {"Dataset": dataset.title, "DataClass": dataset.data_class.value} if dataset != Dataset.LOGS else None
    return cloudwatch.LogGroup(name, name=path, retention_in_days=days, kms_key_id=key_arn, tags=tags, opts=opts)


def delivered_log_group(
    name: str,
    *,
    path: str,
    policy_name: str,
    account_id: str,
    region: str,
    days: int,
    key_arn: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
) -> pulumi.Output[str]:
    """The ARN of a log group that AWS's log delivery may write to, given out once it may.

    Services that log through it (WAF, Route 53 Resolver) would else write a policy of their own into the account, which
    nobody takes away again. An account has ten such policies in a region.
    """
    group = log_group(name, path=path, days=days, key_arn=key_arn, opts=opts)
    admitted = cloudwatch.LogResourcePolicy(
        name,
        policy_name=policy_name,
        policy_document=policy.document(_admit(group.arn, account_id, region)),
        opts=opts,
    )
    return pulumi.Output.all(group.arn, admitted.id).apply(lambda found: str(found[0]))


def _admit(group_arn: pulumi.Input[str], account_id: str, region: str) -> policy.Statement:
    return {
        "Sid": "LogDelivery",
        "Effect": "Allow",
        "Principal": {"Service": _DELIVERY},
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": pulumi.Output.concat(group_arn, ":*"),
        "Condition": {
            "ArnLike": {"aws:SourceArn": f"arn:aws:logs:{region}:{account_id}:*"},
            "StringEquals": {"aws:SourceAccount": account_id},
        },
    }
