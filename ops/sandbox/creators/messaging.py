"""Creators for topics, queues and subscriptions."""

from __future__ import annotations

from typing import Final

from ops.sandbox.creator import Creator

_NO_REDRIVE_ALLOW: Final = (
    "moto's queues neither answer with a redrive allow policy nor keep their access policy when one is set"
)

CREATORS: Final = {
    "aws:sns/topic:Topic": Creator(
        service="sns",
        operation="create_topic",
        id="TopicArn",
        params={"Name": "{name}", "Attributes": {"KmsMasterKeyId": "{kmsMasterKeyId}"}},
        outputs={"arn": "TopicArn"},
    ),
    "aws:sns/topicPolicy:TopicPolicy": Creator(
        service="sns",
        operation="set_topic_attributes",
        id="{arn}",
        params={"TopicArn": "{arn}", "AttributeName": "Policy", "AttributeValue": "{policy}"},
        outputs={"owner": "{account}"},
    ),
    "aws:sns/topicSubscription:TopicSubscription": Creator(
        service="sns",
        operation="subscribe",
        id="SubscriptionArn",
        params={
            "TopicArn": "{topic}",
            "ReturnSubscriptionArn": True,
            "Attributes": {
                "FilterPolicy": "{filterPolicy}",
                "FilterPolicyScope": "{filterPolicyScope}",
                "RawMessageDelivery": "{rawMessageDelivery}",
                "RedrivePolicy": "{redrivePolicy}",
            },
        },
        outputs={"arn": "SubscriptionArn", "ownerId": "{account}"},
    ),
    "aws:sqs/queue:Queue": Creator(
        service="sqs",
        operation="create_queue",
        id="QueueUrl",
        params={
            "QueueName": "{name}",
            "Attributes": {
                "KmsMasterKeyId": "{kmsMasterKeyId}",
                "MessageRetentionPeriod": "{messageRetentionSeconds}",
                "Policy": "{policy}",
                "ReceiveMessageWaitTimeSeconds": "{receiveWaitTimeSeconds}",
                "RedrivePolicy": "{redrivePolicy}",
                "VisibilityTimeout": "{visibilityTimeoutSeconds}",
            },
        },
        outputs={"arn": "arn:aws:sqs:{region}:{account}:{name}", "url": "QueueUrl"},
        dropped={"redriveAllowPolicy": _NO_REDRIVE_ALLOW},
    ),
    "aws:sqs/queuePolicy:QueuePolicy": Creator(
        service="sqs",
        operation="set_queue_attributes",
        id="{queueUrl}",
        params={"QueueUrl": "{queueUrl}", "Attributes": {"Policy": "{policy}"}},
    ),
}

RECORDED: Final = {"aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": _NO_REDRIVE_ALLOW}
