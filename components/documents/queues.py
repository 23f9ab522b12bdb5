"""The queues that the functions work off, what may send to each, and the events that lead there.

What fails too often, and what EventBridge or SNS cannot deliver, ends in one queue for dead letters: one place to look.
SQS remembers which queue a letter came from that was received too often, so that it can be sent back there; to one that
was never delivered, the queue must be named.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pulumi
from pulumi_aws import cloudwatch, iam, sns, sqs

from components import policy, texts
from components.documents import rights
from components.documents.args import DocumentsArgs
from components.documents.tasks import CONVERT, ERASE, TASKS, TEXT, VISIBILITY_SECONDS, Task
from components.messaging import rules as messages
from components.storage import rules
from domain.markers import PREFIX
from domain.naming import ROLE, TOPIC

_DAY_SECONDS: Final = 24 * 60 * 60
_RETENTION_SECONDS: Final = 4 * _DAY_SECONDS
_DEAD_RETENTION_SECONDS: Final = 14 * _DAY_SECONDS  # the most that SQS keeps
_LONG_POLL_SECONDS: Final = 20
_RECEIVES: Final = (
    7  # the first four within eleven minutes, the last after more than an hour: services fail for so long
)
_DEAD: Final = "documents-dead"


@dataclass(frozen=True, kw_only=True)
class Queues:
    """The queues by their task's name. Textract publishes to `topic_arn` as `publisher_arn`."""

    by_task: Mapping[str, sqs.Queue]
    dead: sqs.Queue
    topic_arn: pulumi.Output[str]
    publisher_arn: pulumi.Output[str]


def build_queues(name: str, args: DocumentsArgs, opts: pulumi.ResourceOptions) -> Queues:
    """Make the queues with what leads into them."""
    uploads = args.buckets[rules.UPLOADS].physical_name
    dead = _build_dead(name, args, opts)
    queues = {task.name: _build_queue(name, task, args, dead, opts) for task in TASKS}
    for task, pattern in ((CONVERT, _scanned), (ERASE, _deleted)):
        _build_rule(f"{name}-{task.name}", args, task, pattern(uploads), queues[task.name], dead, opts)
    topic_arn, publisher_arn = _build_topic(f"{name}-{TEXT.name}", args, queues[TEXT.name], dead, opts)
    return Queues(by_task=queues, dead=dead, topic_arn=topic_arn, publisher_arn=publisher_arn)


def _scanned(bucket: str) -> str:
    """What GuardDuty says of each upload, whatever it has found. Markers are no uploads."""
    objects = {"bucketName": [bucket], "objectKey": [{"anything-but": {"prefix": PREFIX}}]}
    return _text(
        {
            "source": ["aws.guardduty"],
            "detail-type": ["GuardDuty Malware Protection Object Scan Result"],
            "detail": {"s3ObjectDetails": objects},
        }
    )


def _deleted(bucket: str) -> str:
    """What S3 says of each version that is gone for good. A delete marker is not: its object can be restored."""
    return _text(
        {
            "source": ["aws.s3"],
            "detail-type": ["Object Deleted"],
            "detail": {
                "bucket": {"name": [bucket]},
                "object": {"key": [{"anything-but": {"prefix": PREFIX}}]},
                "deletion-type": ["Permanently Deleted"],
            },
        }
    )


def _text(pattern: Any) -> str:  # noqa: ANN401 - any JSON
    return json.dumps(pattern, sort_keys=True, separators=(",", ":"))


def _build_dead(name: str, args: DocumentsArgs, opts: pulumi.ResourceOptions) -> sqs.Queue:
    physical = args.names.of(_DEAD, TOPIC)
    arn = args.arn("sqs", physical)
    senders = [_rule_arn(args, task) for task in (CONVERT, ERASE)]
    return sqs.Queue(
        f"{name}-dead",
        name=physical,
        kms_master_key_id=args.key_arn,
        message_retention_seconds=_DEAD_RETENTION_SECONDS,
        policy=policy.document(
            policy.deny_plaintext(["sqs:*"], [arn]),
            _admit("Rules", "events.amazonaws.com", arn, senders),
            _admit("Topic", "sns.amazonaws.com", arn, [_topic_arn(args)]),
        ),
        redrive_allow_policy=texts.dumps(
            {
                "redrivePermission": "byQueue",
                "sourceQueueArns": [args.arn("sqs", args.queue_of(task)) for task in TASKS],
            }
        ),
        opts=opts,
    )


def _build_queue(
    name: str, task: Task, args: DocumentsArgs, dead: sqs.Queue, opts: pulumi.ResourceOptions
) -> sqs.Queue:
    """Make a task's queue, with its policy: nothing can arrive that it does not admit, so nothing need wait for it."""
    arn = args.arn("sqs", args.queue_of(task))
    sender = (
        _admit("Topic", "sns.amazonaws.com", arn, [_topic_arn(args)])
        if task is TEXT
        else _admit("Rule", "events.amazonaws.com", arn, [_rule_arn(args, task)])
    )
    return sqs.Queue(
        f"{name}-{task.name}",
        name=args.queue_of(task),
        kms_master_key_id=args.key_arn,
        message_retention_seconds=_RETENTION_SECONDS,
        visibility_timeout_seconds=VISIBILITY_SECONDS,
        receive_wait_time_seconds=_LONG_POLL_SECONDS,
        policy=policy.document(policy.deny_plaintext(["sqs:*"], [arn]), sender),
        redrive_policy=messages.give_up(dead.arn, _RECEIVES),
        opts=opts,
    )


def _build_rule(
    name: str,
    args: DocumentsArgs,
    task: Task,
    pattern: str,
    queue: sqs.Queue,
    dead: sqs.Queue,
    opts: pulumi.ResourceOptions,
) -> None:
    rule = cloudwatch.EventRule(
        name,
        name=args.names.of(f"documents-{task.name}", ROLE),
        description=task.does,
        event_pattern=pattern,
        opts=opts,
    )
    cloudwatch.EventTarget(
        name,
        rule=rule.name,
        target_id=task.name,
        arn=queue.arn,
        dead_letter_config=cloudwatch.EventTargetDeadLetterConfigArgs(arn=dead.arn),
        opts=opts,
    )


def _build_topic(
    name: str, args: DocumentsArgs, queue: sqs.Queue, dead: sqs.Queue, opts: pulumi.ResourceOptions
) -> tuple[pulumi.Output[str], pulumi.Output[str]]:
    """Make the topic of Textract's completions, and the role that it publishes as; give both ARNs."""
    topic = sns.Topic(
        name, name=args.names.of(f"documents-{TEXT.name}", TOPIC), kms_master_key_id=args.key_arn, opts=opts
    )
    subscription = sns.TopicSubscription(
        name,
        topic=sns.TopicPolicy(name, arn=topic.arn, policy=policy.document(*messages.topic(topic.arn)), opts=opts).arn,
        protocol="sqs",
        endpoint=queue.arn,
        raw_message_delivery=True,
        redrive_policy=messages.undeliverable(dead.arn),
        opts=opts,
    )
    role = iam.Role(
        f"{name}-tells",
        name=args.names.of("documents-textract", ROLE),
        description="Lets Textract say that a document was read",
        assume_role_policy=policy.trust(
            "textract.amazonaws.com", account_id=args.account_id, source_arn=args.arn("textract", "*")
        ),
        permissions_boundary=args.boundary_arn,
        opts=opts,
    )
    given = iam.RolePolicy(
        f"{name}-tells",
        role=role.name,
        policy=policy.document(*rights.publisher(args, subscription.topic)),
        opts=opts,
    )
    publisher = pulumi.Output.all(role.arn, given.id).apply(lambda found: str(found[0]))
    return subscription.topic, publisher


def _rule_arn(args: DocumentsArgs, task: Task) -> str:
    return args.arn("events", f"rule/{args.names.of(f'documents-{task.name}', ROLE)}")


def _topic_arn(args: DocumentsArgs) -> str:
    return args.arn("sns", args.names.of(f"documents-{TEXT.name}", TOPIC))


def _admit(sid: str, service: str, queue_arn: str, source_arns: list[str]) -> dict[str, Any]:
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": ["sqs:SendMessage"],
        "Resource": queue_arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": source_arns}},
    }
