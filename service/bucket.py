"""One of the side's buckets."""

import threading

from botocore.exceptions import BotoCoreError, ClientError

from service import aws


class Bucket:
    """A bucket by name. Safe to share between threads."""

    def __init__(self, name: str, region: str) -> None:
        """Remember the name; nothing is called yet."""
        self._name = name
        self._region = region
        self._client: aws.S3 | None = None
        self._lock = threading.Lock()

    def check(self) -> None:
        """Ask whether the bucket is there and ours to use.

        Raises:
            Failure: it is not, or Amazon S3 could not be asked.

        """
        try:
            with self._lock:
                self._client = self._client or aws.s3(self._region)
            self._client.head_bucket(Bucket=self._name)
        except (BotoCoreError, ClientError) as error:
            raise aws.failure(error) from None
