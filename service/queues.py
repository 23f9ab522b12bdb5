"""The side's queues: messages received for a while, and deleted for good."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from service import aws
from service.failures import Failure, Reason

WAIT_SECONDS: Final = 10
"""How long an empty queue is waited at. Each wait is a call that is paid for, and a stop may have to wait it out."""

BATCH: Final = 10
"""Most messages that Amazon SQS gives or deletes in a call."""


@dataclass(frozen=True)
class Message:
    """A message: its id for the log, what it is deleted by, and what it says."""

    id: str
    receipt: str = field(repr=False)
    body: str = field(repr=False)


class Queues:
    """Amazon SQS in one region. Safe to share between threads."""

    def __init__(self, region: str, wait_seconds: int = WAIT_SECONDS) -> None:
        """Remember the region; nothing is called yet."""
        self._region = region
        self._wait_seconds = wait_seconds
        self._client: aws.Sqs | None = None
        self._lock = threading.Lock()

    def receive(self, arn: str) -> list[Message]:
        """Return up to ten messages, waiting for the first. Each comes again unless it is deleted in time.

        Raises:
            Failure: the queue could not be reached, or refused.

        """
        try:
            answer = self._connected().receive_message(
                QueueUrl=_url(arn), MaxNumberOfMessages=BATCH, WaitTimeSeconds=self._wait_seconds
            )
        except (BotoCoreError, ClientError) as error:
            raise aws.failure(error) from None
        return [Message(item["MessageId"], item["ReceiptHandle"], item["Body"]) for item in answer.get("Messages", [])]

    def delete(self, arn: str, messages: Iterable[Message]) -> None:
        """Delete up to ten messages, in one call.

        Raises:
            Failure: the queue could not be reached, refused, or deleted only some of them.

        """
        entries: list[aws.Receipt] = [{"Id": item.id, "ReceiptHandle": item.receipt} for item in messages]
        if not entries:
            return
        try:
            answer = self._connected().delete_message_batch(QueueUrl=_url(arn), Entries=entries)
        except (BotoCoreError, ClientError) as error:
            raise aws.failure(error) from None
        if answer.get("Failed"):
            raise Failure(Reason.FAULT, f"{len(answer['Failed'])} not deleted")

    def _connected(self) -> aws.Sqs:
        with self._lock:
            self._client = self._client or aws.sqs(self._region, self._wait_seconds)
            return self._client


def _url(arn: str) -> str:
    """Return the queue's address. Asking SQS for it would be a call and a right more."""
    *_, region, account, name = arn.split(":")
    return f"https://sqs.{region}.amazonaws.com/{account}/{name}"
