"""AWS clients as the service uses them: short time-outs, and errors turned into reasons.

The endpoint is AWS's own for the region, or that of the standard environment variable ``AWS_ENDPOINT_URL``.
"""

from typing import Protocol, TypedDict, cast

import botocore.session
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    CredentialRetrievalError,
    NoCredentialsError,
    ReadTimeoutError,
)
from botocore.exceptions import SSLError as BotoSSLError
from botocore.response import StreamingBody

from service.failures import Failure, Reason

SECONDS = 2.0
"""Longest wait to connect, and longest wait for bytes."""

_REASONS = {
    "404": Reason.MISSING,
    "NoSuchBucket": Reason.MISSING,
    "NoSuchKey": Reason.MISSING,
    "ResourceNotFoundException": Reason.MISSING,
    "403": Reason.REFUSED,
    "AccessDenied": Reason.REFUSED,
    "AccessDeniedException": Reason.REFUSED,
    "UnrecognizedClientException": Reason.REFUSED,
    "ExpiredTokenException": Reason.REFUSED,
    "DecryptionFailure": Reason.REFUSED,
}


class SecretsManager(Protocol):
    """The one call that the service makes to AWS Secrets Manager."""

    def get_secret_value(self, *, SecretId: str, VersionStage: str) -> dict[str, object]:  # noqa: N803  AWS's own spelling
        """Return the version that has the label."""
        ...


class Entry(TypedDict):
    """An object in a listing."""

    Key: str


class Listing(TypedDict, total=False):
    """A page of a listing. A bucket without such objects has no contents."""

    Contents: list[Entry]
    NextContinuationToken: str


class Stored(TypedDict):
    """An object."""

    Body: StreamingBody


class Message(TypedDict):
    """A message of a batch."""

    Id: str
    Message: str


class Published(TypedDict, total=False):
    """What became of a batch."""

    Failed: list[object]


class Sns(Protocol):
    """The one call that the service makes to Amazon SNS."""

    def publish_batch(self, *, TopicArn: str, PublishBatchRequestEntries: list[Message]) -> Published:  # noqa: N803  AWS's own spelling
        """Publish up to ten messages, encrypted as the topic says."""
        ...


class Received(TypedDict):
    """A message that was received."""

    MessageId: str
    ReceiptHandle: str
    Body: str


class Receipt(TypedDict):
    """What a message is deleted by."""

    Id: str
    ReceiptHandle: str


class Batch(TypedDict, total=False):
    """Messages; a queue without any gives none."""

    Messages: list[Received]


class Sqs(Protocol):
    """The calls that the service makes to Amazon SQS."""

    def receive_message(self, *, QueueUrl: str, MaxNumberOfMessages: int, WaitTimeSeconds: int) -> Batch:  # noqa: N803  AWS's own spelling
        """Return messages, as soon as there are any; nobody else gets them for as long as the queue says."""
        ...

    def delete_message_batch(self, *, QueueUrl: str, Entries: list[Receipt]) -> Published:  # noqa: N803  AWS's own spelling
        """Delete up to ten messages."""
        ...


class Dimension(TypedDict):
    """What a metric is of."""

    Name: str
    Value: str


class Datum(TypedDict):
    """A value of a metric."""

    MetricName: str
    Dimensions: list[Dimension]
    Value: float


class CloudWatch(Protocol):
    """The one call that the service makes to Amazon CloudWatch."""

    def put_metric_data(self, *, Namespace: str, MetricData: list[Datum]) -> object:  # noqa: N803  AWS's own spelling
        """Keep values of metrics."""
        ...


class S3(Protocol):
    """The calls that the service makes to Amazon S3."""

    def head_bucket(self, *, Bucket: str) -> object:  # noqa: N803  AWS's own spelling
        """Return if the bucket is there and ours to use."""
        ...

    def put_object(self, *, Bucket: str, Key: str, Body: bytes, ContentType: str, IfNoneMatch: str) -> object:  # noqa: N803  AWS's own spelling
        """Keep an object, encrypted as the bucket says."""
        ...

    def get_object(self, *, Bucket: str, Key: str) -> Stored:  # noqa: N803  AWS's own spelling
        """Return an object."""
        ...

    def list_objects_v2(self, *, Bucket: str, Prefix: str, StartAfter: str) -> Listing:  # noqa: N803  AWS's own spelling
        """Return up to 1000 keys that follow a key, in alphabetical order."""
        ...


def secrets_manager(region: str) -> SecretsManager:
    """Return a client. May ask the instance's metadata service for credentials, so call it off the event loop."""
    return cast("SecretsManager", _client("secretsmanager", region))


def sns(region: str) -> Sns:
    """Return a client. May ask the instance's metadata service for credentials, so call it off the event loop."""
    return cast("Sns", _client("sns", region))


def cloudwatch(region: str) -> CloudWatch:
    """Return a client. May ask the instance's metadata service for credentials, so call it off the event loop."""
    return cast("CloudWatch", _client("cloudwatch", region))


def sqs(region: str, wait_seconds: int) -> Sqs:
    """Return a client whose calls may wait for messages for so long. Call it off the event loop, as above."""
    return cast("Sqs", _client("sqs", region, wait_seconds))


def s3(region: str) -> S3:
    """Return a client. May ask the instance's metadata service for credentials, so call it off the event loop."""
    return cast("S3", _client("s3", region))


def failure(error: BotoCoreError | ClientError) -> Failure:
    """Say why a call failed."""
    name = type(error).__name__
    match error:
        case ClientError():
            code = error.response.get("Error", {}).get("Code", "")
            return Failure(_REASONS.get(code, Reason.UNREACHABLE), f"{name} {code}")
        case ConnectTimeoutError() | ReadTimeoutError():
            return Failure(Reason.TIMEOUT, name)
        case NoCredentialsError() | CredentialRetrievalError():
            return Failure(Reason.REFUSED, name)
        case BotoSSLError():
            return Failure(Reason.UNTRUSTED, name)
        case _:
            return Failure(Reason.UNREACHABLE, name)


def _client(service: str, region: str, wait_seconds: int = 0) -> object:
    config = Config(
        connect_timeout=SECONDS,
        read_timeout=SECONDS + wait_seconds,
        retries={"mode": "standard", "total_max_attempts": 2},
    )
    # A session each: creating clients on a shared one is not safe from several threads.
    return botocore.session.Session().create_client(service, region_name=region, config=config)
