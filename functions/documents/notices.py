"""What is said to others, on the journey's topic, and to ourselves, in messages that come back after a while."""

from __future__ import annotations

import json
from typing import Any, Final

from functions.documents import lineage
from functions.documents.events import Upload
from functions.documents.faults import aws_errors
from functions.documents.settings import Settings
from functions.documents.status import State

REMIND_SECONDS: Final = 900
"""How long a message to ourselves waits: the most that SQS takes, and the longest that any Lambda function may run."""


class Notices:
    """Topics and queues. All methods raise TransientError."""

    def __init__(self, sns: Any, sqs: Any, settings: Settings) -> None:  # noqa: ANN401 - boto3's clients have no static type
        """Use clients of SNS and SQS."""
        self._sns = sns
        self._sqs = sqs
        self._settings = settings

    def publish(self, upload: Upload, state: State) -> None:
        """Tell the journey that an upload has ended: which, and where its status is. Nothing of what is in it."""
        event = "document.converted" if state is State.CONVERTED else "document.refused"
        message = {
            "event": event,
            "key": upload.key,
            "version": upload.version,
            "status_key": lineage.status_key(upload.key, upload.version),
        }
        with aws_errors():
            self._sns.publish(
                TopicArn=self._settings.topic_of(upload.key),
                Message=json.dumps(message),
                MessageAttributes={"event": {"DataType": "String", "StringValue": event}},
            )

    def remind(self, queue_arn: str, body: str) -> None:
        """Send ourselves a message through the queue that called us, after REMIND_SECONDS."""
        account, name = queue_arn.split(":")[4:]
        with aws_errors():
            url = self._sqs.get_queue_url(QueueName=name, QueueOwnerAWSAccountId=account)["QueueUrl"]
            self._sqs.send_message(QueueUrl=url, MessageBody=body, DelaySeconds=REMIND_SECONDS)
