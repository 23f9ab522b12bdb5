"""The side's topics: messages published by their ids, all of them or a failure."""

import threading
from collections.abc import Mapping

from botocore.exceptions import BotoCoreError, ClientError

from service import aws
from service.failures import Failure, Reason


class Topics:
    """Amazon SNS in one region. Safe to share between threads."""

    def __init__(self, region: str) -> None:
        """Remember the region; nothing is called yet."""
        self._region = region
        self._client: aws.Sns | None = None
        self._lock = threading.Lock()

    def publish(self, arn: str, bodies: Mapping[str, str]) -> None:
        """Publish up to ten messages, by their ids, in one call.

        Raises:
            Failure: the topic could not be reached, refused, or took only some of them.

        """
        entries: list[aws.Message] = [{"Id": name, "Message": body} for name, body in bodies.items()]
        try:
            with self._lock:
                self._client = self._client or aws.sns(self._region)
            answer = self._client.publish_batch(TopicArn=arn, PublishBatchRequestEntries=entries)
        except (BotoCoreError, ClientError) as error:
            raise aws.failure(error) from None
        if answer.get("Failed"):
            raise Failure(Reason.FAULT, f"{len(answer['Failed'])} not taken")
