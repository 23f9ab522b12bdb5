"""One of the side's buckets."""

import threading
from collections.abc import Callable
from typing import Final, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from service import aws
from service.failures import Failure, Reason

T = TypeVar("T")
_IS_THERE: Final = "PreconditionFailed"


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
        self._call(lambda client: client.head_bucket(Bucket=self._name))

    def add(self, key: str, text: bytes) -> bool:
        """Keep an object, encrypted with the bucket's own key; return whether there was none with that key before.

        Raises:
            Failure: it could not be kept.

        """

        def put(client: aws.S3) -> bool:
            try:
                client.put_object(Bucket=self._name, Key=key, Body=text, ContentType="text/plain", IfNoneMatch="*")
            except ClientError as error:
                if error.response.get("Error", {}).get("Code") == _IS_THERE:
                    return False
                raise
            return True

        return self._call(put)

    def read(self, key: str, most: int) -> bytes:
        """Return an object's bytes; of one larger than ``most``, one byte more than that.

        Raises:
            Failure: it is not there, cannot be decrypted, or could not be asked for.

        """

        def get(client: aws.S3) -> bytes:
            with client.get_object(Bucket=self._name, Key=key)["Body"] as body:
                return body.read(most + 1)

        return self._call(get)

    def names(self, prefix: str, most: int) -> list[str]:
        """Return the keys that start with ``prefix``.

        Raises:
            Failure: there are more than ``most``, or they could not be asked for.

        """

        def listed(client: aws.S3) -> list[str]:
            found: list[str] = []
            while len(found) <= most:
                last = found[-1] if found else prefix
                page = client.list_objects_v2(Bucket=self._name, Prefix=prefix, StartAfter=last)
                found += [entry["Key"] for entry in page.get("Contents", [])]
                if "NextContinuationToken" not in page:
                    return found
            raise Failure(Reason.FAULT, f"more than {most} objects")

        return self._call(listed)

    def _call(self, operation: Callable[[aws.S3], T]) -> T:
        try:
            with self._lock:
                self._client = self._client or aws.s3(self._region)
            return operation(self._client)
        except (BotoCoreError, ClientError) as error:
            raise aws.failure(error) from None
