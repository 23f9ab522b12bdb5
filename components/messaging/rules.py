"""Who may send to a topic and to a queue. Pure, but for ARNs that are still to come.

Principals of the account get in through their identity policies, which need no statement here: no statement that allows
names anybody but an AWS service.
"""

from __future__ import annotations

import pulumi

from components import policy, texts

MAX_RECEIVES = 5


def topic(topic_arn: pulumi.Input[str]) -> list[policy.Statement]:
    """The policy of a topic. Only publishing can be denied: SNS refuses actions that are not a topic's own."""
    return [policy.deny_plaintext(["sns:Publish"], [topic_arn])]


def admit_alarms(topic_arn: pulumi.Input[str], *, account_id: str, region: str) -> policy.Statement:
    """Let the CloudWatch alarms of this account and region publish to a topic."""
    return {
        "Sid": "Alarms",
        "Effect": "Allow",
        "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Action": ["sns:Publish"],
        "Resource": topic_arn,
        "Condition": {
            "ArnLike": {"aws:SourceArn": f"arn:aws:cloudwatch:{region}:{account_id}:alarm:*"},
            "StringEquals": {"aws:SourceAccount": account_id},
        },
    }


def admit_backups(topic_arn: pulumi.Input[str], *, account_id: str) -> policy.Statement:
    """Let AWS Backup tell of this account's vaults on a topic."""
    return {
        "Sid": "Backups",
        "Effect": "Allow",
        "Principal": {"Service": "backup.amazonaws.com"},
        "Action": ["sns:Publish"],
        "Resource": topic_arn,
        "Condition": {"StringEquals": {"aws:SourceAccount": account_id}},
    }


def admit_spending(topic_arn: pulumi.Input[str], *, account_id: str) -> list[policy.Statement]:
    """Let AWS Budgets and Cost Anomaly Detection tell of this account's costs on a topic."""
    return [
        {
            "Sid": sid,
            "Effect": "Allow",
            "Principal": {"Service": service},
            "Action": ["sns:Publish"],
            "Resource": topic_arn,
            "Condition": {"StringEquals": {"aws:SourceAccount": account_id}},
        }
        for sid, service in (("Budgets", "budgets.amazonaws.com"), ("CostAlerts", "costalerts.amazonaws.com"))
    ]


def admit_events(topic_arn: pulumi.Input[str]) -> policy.Statement:
    """Let EventBridge publish to a topic.

    Without a condition, the only service so: EventBridge supports none in a topic's policy, and none of its roles where
    the topic is encrypted. Source: "Using resource-based policies" in its user guide, read November 2026.
    """
    return {
        "Sid": "Events",
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": ["sns:Publish"],
        "Resource": topic_arn,
    }


def admit_undelivered(queue_arn: pulumi.Input[str], *, account_id: str, region: str) -> policy.Statement:
    """Let the EventBridge rules of this account and region leave in a queue what they could not deliver."""
    return {
        "Sid": "Undelivered",
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": ["sqs:SendMessage"],
        "Resource": queue_arn,
        "Condition": {"ArnLike": {"aws:SourceArn": f"arn:aws:events:{region}:{account_id}:rule/*"}},
    }


def queue(queue_arn: pulumi.Input[str], topic_arn: pulumi.Input[str]) -> list[policy.Statement]:
    """The policy of a queue that `topic_arn` alone sends to."""
    return [
        policy.deny_plaintext(["sqs:*"], [queue_arn]),
        {
            "Sid": "Topic",
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": ["sqs:SendMessage"],
            "Resource": queue_arn,
            "Condition": {"ArnEquals": {"aws:SourceArn": topic_arn}},
        },
    ]


def give_up(dead_letters_arn: pulumi.Input[str], receives: int = MAX_RECEIVES) -> pulumi.Output[str]:
    """A queue's redrive policy: what was received too often without being deleted goes to the dead letters."""
    return texts.dumps({"deadLetterTargetArn": dead_letters_arn, "maxReceiveCount": receives})


def undeliverable(dead_letters_arn: pulumi.Input[str]) -> pulumi.Output[str]:
    """A subscription's redrive policy: what SNS cannot deliver goes to the dead letters."""
    return texts.dumps({"deadLetterTargetArn": dead_letters_arn})


def dead_letters_of(queue_arn: pulumi.Input[str]) -> pulumi.Output[str]:
    """A dead-letter queue's redrive allow policy: only this queue may use it."""
    return texts.dumps({"redrivePermission": "byQueue", "sourceQueueArns": [queue_arn]})
