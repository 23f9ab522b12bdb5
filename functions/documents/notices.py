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


RETRY_SECONDS: Final = 30
"""How long a message waits that returns for the first time; each time after that, four times as long."""
LONGEST_RETRY_SECONDS: Final = 1800
"""As long as a message would wait that nobody returns: the queues' visibility time-out."""


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
        with aws_errors():
            self._sqs.send_message(QueueUrl=self._url(queue_arn), MessageBody=body, DelaySeconds=REMIND_SECONDS)

    def retry(self, queue_arn: str, receipt: str, received: int) -> None:
        """Have a message that was `received` so often come back sooner than the queue's time-out would have it.

        The scanner's word can be here before its tag, and throttling mostly passes in seconds: neither is worth half an
        hour of somebody's waiting.
        """
        seconds = min(RETRY_SECONDS * 4 ** (received - 1), LONGEST_RETRY_SECONDS)
        with aws_errors():
            self._sqs.change_message_visibility(
                QueueUrl=self._url(queue_arn), ReceiptHandle=receipt, VisibilityTimeout=seconds
            )

    def _url(self, queue_arn: str) -> str:
        account, name = queue_arn.split(":")[4:]
        return self._sqs.get_queue_url(QueueName=name, QueueOwnerAWSAccountId=account)["QueueUrl"]
