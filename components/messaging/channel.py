"""One channel: a topic that is published to, a queue that is worked off, and a queue for what failed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import pulumi
from pulumi_aws import sns, sqs

from components import policy
from components.messaging import rules
from components.observability.watched import DeadLetters, Queue, Watched
from domain import naming
from domain.naming import Names

_DAY_SECONDS: Final = 24 * 60 * 60
RETENTION_DAYS: Final = 4
_RETENTION_SECONDS: Final = RETENTION_DAYS * _DAY_SECONDS
_DEAD_RETENTION_SECONDS: Final = 14 * _DAY_SECONDS  # the most that SQS keeps: time for somebody to look
_VISIBILITY_SECONDS: Final = 180
_LONG_POLL_SECONDS: Final = 20


@dataclass(frozen=True, kw_only=True)
class ChannelArgs:
    """What a channel is made from. With `alarms` alarms, backups, budgets and rules may publish to it.

    A message older than `late` waits too long.
    """

    role: str
    names: Names
    account_id: str
    region: str
    key_arn: pulumi.Input[str]
    late: timedelta
    alarms: bool = False


@dataclass(frozen=True, kw_only=True)
class Channel:
    """A channel that stands. Whoever takes `topic_arn` waits until what is published also arrives in the queue."""

    topic_arn: pulumi.Output[str]
    queue_url: pulumi.Output[str]
    queue_arn: pulumi.Output[str]
    dead_letters_arn: pulumi.Output[str]
    watched: tuple[Watched, ...]


def build_channel(name: str, args: ChannelArgs, parent: pulumi.Resource) -> Channel:
    """Make the channel."""
    child = pulumi.ResourceOptions(parent=parent)
    topic_arn = _build_topic(name, args, child)
    dead, queue = _build_queues(name, args, child)
    policies = [
        sqs.QueuePolicy(
            resource_name,
            queue_url=item.url,
            policy=policy.document(*rules.queue(item.arn, topic_arn), *_undelivered(args, item, dead)),
            opts=child,
        )
        for resource_name, item in ((name, queue), (_dead(name), dead))
    ]
    subscription = sns.TopicSubscription(
        name,
        topic=topic_arn,
        protocol="sqs",
        endpoint=queue.arn,
        raw_message_delivery=True,
        # The same dead letters as the queue's: one place to look, one to alarm on.
        redrive_policy=rules.undeliverable(dead.arn),
        # SNS would drop what it may not deliver, and no input of a subscription leads to a queue's policy.
        opts=pulumi.ResourceOptions(parent=parent, depends_on=policies),
    )
    return Channel(
        topic_arn=subscription.topic,
        queue_url=queue.url,
        queue_arn=queue.arn,
        dead_letters_arn=dead.arn,
        watched=(
            Queue(key=args.role, name=queue.name, late=args.late),
            DeadLetters(key=args.role, name=dead.name),
        ),
    )


def _undelivered(args: ChannelArgs, queue: sqs.Queue, dead: sqs.Queue) -> list[policy.Statement]:
    """Let rules leave in the dead letters what they could not tell operations."""
    if queue is not dead or not args.alarms:
        return []
    return [rules.admit_undelivered(dead.arn, account_id=args.account_id, region=args.region)]


def _dead(role: str) -> str:
    return f"{role}-dead"


def _build_topic(name: str, args: ChannelArgs, opts: pulumi.ResourceOptions) -> pulumi.Output[str]:
    """Make the topic with its policy; give its ARN, which waits for the policy."""
    topic = sns.Topic(
        name,
        name=args.names.of(args.role, naming.TOPIC),
        kms_master_key_id=args.key_arn,
        opts=opts,
    )
    statements = rules.topic(topic.arn)
    if args.alarms:
        statements.append(rules.admit_alarms(topic.arn, account_id=args.account_id, region=args.region))
        statements.append(rules.admit_backups(topic.arn, account_id=args.account_id))
        statements += rules.admit_spending(topic.arn, account_id=args.account_id)
        statements.append(rules.admit_events(topic.arn))
    return sns.TopicPolicy(name, arn=topic.arn, policy=policy.document(*statements), opts=opts).arn


def _build_queues(name: str, args: ChannelArgs, opts: pulumi.ResourceOptions) -> tuple[sqs.Queue, sqs.Queue]:
    """Make the dead-letter queue and the queue that sends to it."""
    dead = sqs.Queue(
        _dead(name),
        name=args.names.of(_dead(args.role), naming.TOPIC),
        kms_master_key_id=args.key_arn,
        message_retention_seconds=_DEAD_RETENTION_SECONDS,
        opts=opts,
    )
    queue = sqs.Queue(
        name,
        name=args.names.of(args.role, naming.TOPIC),
        kms_master_key_id=args.key_arn,
        message_retention_seconds=_RETENTION_SECONDS,
        visibility_timeout_seconds=_VISIBILITY_SECONDS,
        receive_wait_time_seconds=_LONG_POLL_SECONDS,
        redrive_policy=rules.give_up(dead.arn),
        opts=opts,
    )
    sqs.RedriveAllowPolicy(
        _dead(name),
        queue_url=dead.url,
        redrive_allow_policy=rules.dead_letters_of(queue.arn),
        opts=opts,
    )
    return dead, queue
