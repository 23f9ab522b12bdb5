"""One side's buckets, topics and queue on moto, Textract's answers from a Stubber, the real code in front of them."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any

import boto3
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.config import Config
from botocore.stub import Stubber

from functions.documents import completion, entry, erasure, handler, lineage
from functions.documents import settings as environment
from functions.documents.desk import Desk
from functions.documents.events import Upload
from functions.documents.notices import Notices
from functions.documents.reader import Reader
from functions.documents.store import Store
from tests.functions.arrivals import (
    ACCOUNT,
    CLEAN,
    REGION,
    Json,
    batch,
    deletion_event,
    scan_event,
    textract_news,
    variables,
)

START = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LAMBDA_SECONDS = 300

# One session for all tests: it reads the services' models, which is most of what a client costs, once.
_SESSION = boto3.Session("testing", "testing", region_name=REGION)


@dataclass(frozen=True)
class Context:
    """What Lambda tells a function of its call."""

    function_name: str = "documents"
    memory_limit_in_mb: int = 3008
    invoked_function_arn: str = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:documents"
    aws_request_id: str = "5d1c2a5e-0000-4000-8000-000000000000"

    def get_remaining_time_in_millis(self) -> int:
        return LAMBDA_SECONDS * 1000


@dataclass
class Stage:
    """Where the functions run. `now` is theirs; `log` is what they log."""

    settings: environment.Settings
    s3: Any
    sns: Any
    sqs: Any
    textract: Any
    stubber: Stubber
    inboxes: Mapping[str, str]
    log: io.StringIO
    now: datetime = START
    reminders: list[Json] = field(default_factory=list)

    @property
    def desk(self) -> Desk:
        return Desk(
            settings=self.settings,
            store=Store(self.s3, self.settings),
            reader=Reader(self.textract, self.settings),
            notices=Notices(self.sns, self.sqs, self.settings),
            now=lambda: self.now,
        )

    # What is done to it

    def upload(self, data: bytes, key: str = "consultations/7/report.bin") -> Upload:
        version = self.s3.put_object(Bucket="uploads", Key=key, Body=data)["VersionId"]
        return Upload(bucket="uploads", key=key, version=version)

    def scanned(self, *uploads: Upload, result: str = CLEAN) -> list[str]:
        """Hand scan results to the handler as one batch; give the messages that failed."""
        return self.run(handler, *(scan_event(upload, result) for upload in uploads))

    def convert(self, data: bytes, key: str = "consultations/7/report.bin") -> Upload:
        """Upload, scan, convert: no message fails."""
        upload = self.upload(data, key)
        assert [] == self.scanned(upload)
        return upload

    def completed(self, upload: Upload, job: str = "job-1", **changes: str) -> list[str]:
        return self.run(completion, textract_news(upload, job, **changes))

    def erased(self, upload: Upload, **changes: str) -> list[str]:
        return self.run(erasure, deletion_event(upload, **changes))

    def run(self, module: ModuleType, *bodies: Json | str) -> list[str]:
        """Call a Lambda entry as it is dressed for Lambda; give the ids of the messages that failed."""

        def work(event: Json, context: LambdaContext) -> Json:
            return entry.serve(event, context, self.desk, module.take)

        answer = entry.lambda_entry(work)(batch(*bodies), Context())
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    def later(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    @contextmanager
    def before(self, operation: str, act: Callable[[Json], None], key_part: str = "") -> Iterator[None]:
        """Do something just before the first matching call reaches S3 or SNS: how another attempt gets in between."""
        service, name = operation.split(".")
        client = {"s3": self.s3, "sns": self.sns}[service]
        event = f"provide-client-params.{service}.{name}"
        done: list[bool] = []

        def hook(params: Json, **_: object) -> None:
            if not done and key_part in params.get("Key", ""):
                done.append(True)
                act(params)

        client.meta.events.register(event, hook)
        try:
            yield
        finally:
            client.meta.events.unregister(event, hook)
            assert done, f"{operation} was never called"

    # What came of it

    def status(self, upload: Upload) -> Json:
        body = self.s3.get_object(Bucket="derived", Key=lineage.status_key(upload.key, upload.version))["Body"]
        return json.loads(body.read())

    def derived(self) -> list[str]:
        return sorted(item["Key"] for item in self.s3.list_objects_v2(Bucket="derived").get("Contents", []))

    def versions(self, bucket: str = "derived") -> dict[str, int]:
        """Versions and delete markers by key."""
        found = self.s3.list_object_versions(Bucket=bucket)
        keys = [item["Key"] for kind in ("Versions", "DeleteMarkers") for item in found.get(kind, [])]
        return {key: keys.count(key) for key in keys}

    def body(self, key: str, bucket: str = "derived") -> bytes:
        return self.s3.get_object(Bucket=bucket, Key=key)["Body"].read()

    def news(self, journey: str = "consultations") -> list[Json]:
        """Events published on a journey's topic and not yet looked at."""
        news: list[Json] = []
        while answer := self.sqs.receive_message(QueueUrl=self.inboxes[journey], MaxNumberOfMessages=10).get(
            "Messages"
        ):
            for message in answer:
                news.append(json.loads(message["Body"]))
                self.sqs.delete_message(QueueUrl=self.inboxes[journey], ReceiptHandle=message["ReceiptHandle"])
        return news

    def counted(self, out: str) -> dict[str, float]:
        """Metrics in what was printed."""
        printed = [json.loads(text) for text in out.splitlines() if '"_aws"' in text]
        names = [(item, name["Name"]) for item in printed for name in item["_aws"]["CloudWatchMetrics"][0]["Metrics"]]
        return {name: item[name][0] for item, name in names}

    def logged(self) -> list[Json]:
        return [json.loads(line) for line in self.log.getvalue().splitlines()]


def made(log: io.StringIO) -> Stage:
    """A side with nothing uploaded. Needs moto."""
    config = Config(retries={"total_max_attempts": 1})
    s3, sns, sqs, kms, textract = (
        _SESSION.client(service, config=config) for service in ("s3", "sns", "sqs", "kms", "textract")
    )
    place = {"LocationConstraint": REGION}
    for bucket in ("uploads", "derived", "audit"):
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration=place, ObjectLockEnabledForBucket=bucket == "audit")
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    years = {"Mode": "COMPLIANCE", "Years": 6}
    lock = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": years}}
    s3.put_object_lock_configuration(Bucket="audit", ObjectLockConfiguration=lock)
    topics: dict[str, str] = {}
    inboxes: dict[str, str] = {}
    for journey in ("appointments", "consultations", "prescriptions", "payments"):
        topics[journey] = sns.create_topic(Name=journey)["TopicArn"]
        inboxes[journey] = sqs.create_queue(QueueName=journey)["QueueUrl"]
        sns.subscribe(
            TopicArn=topics[journey],
            Protocol="sqs",
            Endpoint=f"arn:aws:sqs:{REGION}:{ACCOUNT}:{journey}",
            Attributes={"RawMessageDelivery": "true"},
        )
    sqs.create_queue(QueueName="documents")
    key_arn = kms.create_key()["KeyMetadata"]["Arn"]
    stage = Stage(
        settings=environment.load(variables(KEY_ARN=key_arn, TOPICS=json.dumps(topics))),
        s3=s3,
        sns=sns,
        sqs=sqs,
        textract=textract,
        stubber=Stubber(textract),
        inboxes=inboxes,
        log=log,
    )

    def keep(params: Json, **_: object) -> None:
        stage.reminders.append(dict(params))

    sqs.meta.events.register("provide-client-params.sqs.SendMessage", keep)
    return stage
