"""A cell's documents in the small: buckets, rule, queues, functions and topics of both sides, in moto, as named there.

The functions' code is the platform's own; what is declared of it is what their environment needs, and no more.
"""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Final
from unittest import mock

import boto3
from moto import mock_aws

from domain.naming import Names
from domain.regions import region as find_region
from ops.sandbox.aws.event_sources import queues_left_alone
from ops.sandbox.cloud import CREDENTIALS
from ops.sandbox.physics.figures import Figure, Figures
from ops.sandbox.physics.world import World
from tests.support import ACCOUNT, HOME, RECOVERY

CELL: Final = "us"
SIDES: Final = (HOME, RECOVERY)
VISIBILITY: Final = 1800
RECEIVES: Final = 2
"""What nobody has done with so often is given up: fewer than the program declares, for the tests' sake."""
FIGURES: Final = replace(Figures(), object_tail_share=Figure(0, 0, "test: none takes long", "share"))
LONGEST: Final = 60
"""Seconds after which a scan, a text and copies are over."""
_TASKS: Final = {"convert": "handler", "text": "completion", "erase": "erasure"}


@cache
def client(service: str, region: str) -> Any:  # noqa: ANN401 - boto3's clients have no static type
    """One for all tests of a process: to make it takes longer than most tests."""
    session: Any = boto3.Session(**CREDENTIALS)
    return session.client(service, region_name=region)


def bucket(region: str, role: str) -> str:
    return Names(cell=CELL, place=find_region(region).abbreviation).bucket(role, ACCOUNT)


@dataclass(frozen=True, kw_only=True)
class DocumentsCell:
    """The cell, its world still to begin."""

    world: World

    def put(self, key: str, data: bytes, region: str = HOME) -> str:
        """Upload; give the version."""
        answer = client("s3", region).put_object(Bucket=bucket(region, "uploads"), Key=key, Body=data)
        return str(answer["VersionId"])

    def status(self, key: str, version: str, region: str = HOME) -> dict[str, Any]:
        return json.loads(self.body(region, f"status/{key}/{version}.json"))

    def body(self, region: str, key: str, role: str = "derived") -> bytes:
        body: bytes = client("s3", region).get_object(Bucket=bucket(region, role), Key=key)["Body"].read()
        return body

    def keys(self, region: str, role: str = "derived") -> list[str]:
        found = client("s3", region).list_objects_v2(Bucket=bucket(region, role)).get("Contents", [])
        return sorted(item["Key"] for item in found)

    def tag(self, key: str, region: str = HOME) -> str | None:
        """What the scanner says of an upload."""
        tags = client("s3", region).get_object_tagging(Bucket=bucket(region, "uploads"), Key=key)["TagSet"]
        return next((tag["Value"] for tag in tags), None)

    def news(self, region: str = HOME) -> list[dict[str, Any]]:
        """What the journey of consultations was told and nobody has looked at."""
        return [json.loads(message.body) for message in self.queue("consultations", region)._messages]

    def queue(self, name: str, region: str = HOME) -> Any:  # noqa: ANN401 - moto's own
        return self.world.backend("sqs", region).queues[name]

    def events(self, what: str) -> list[dict[str, Any]]:
        return [dict(event.facts) for event in self.world.events if event.what == what]


@contextmanager
def documents_cell(figures: Figures = FIGURES) -> Iterator[DocumentsCell]:
    """The cell in moto."""
    with mock.patch.dict(os.environ, MOTO_ACCOUNT_ID=ACCOUNT), mock_aws(), queues_left_alone():
        world = World(ACCOUNT, figures=figures)
        for region in SIDES:
            _build(region)
        for region in SIDES:
            for role in ("uploads", "derived"):
                _replicate(region, role)
        with world.installed():
            yield DocumentsCell(world=world)


def _build(region: str) -> None:
    s3, sqs, sns = (client(service, region) for service in ("s3", "sqs", "sns"))
    for role in ("uploads", "derived", "audit"):
        name = bucket(region, role)
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": region})
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    told: dict[str, dict[str, str]] = {"EventBridgeConfiguration": {}}
    s3.put_bucket_notification_configuration(Bucket=bucket(region, "uploads"), NotificationConfiguration=told)
    topics = {name: sns.create_topic(Name=name)["TopicArn"] for name in ("consultations", "texts")}
    sqs.create_queue(QueueName="dead")
    give_up = json.dumps({"deadLetterTargetArn": _arn("sqs", region, "dead"), "maxReceiveCount": RECEIVES})
    for name in ("consultations", *_TASKS):
        attributes = {} if name == "consultations" else {"RedrivePolicy": give_up}
        sqs.create_queue(QueueName=name, Attributes={"VisibilityTimeout": str(VISIBILITY), **attributes})
    for topic, queue in (("consultations", "consultations"), ("texts", "text")):
        sns.subscribe(
            TopicArn=topics[topic],
            Protocol="sqs",
            Endpoint=_arn("sqs", region, queue),
            Attributes={"RawMessageDelivery": "true"},
        )
    _rule(region, "convert", {"detail": {"s3ObjectDetails": {"bucketName": [bucket(region, "uploads")]}}})
    _rule(region, "erase", {"detail-type": ["Object Deleted"], "detail": {"deletion-type": ["Permanently Deleted"]}})
    _functions(region, topics)


def _rule(region: str, task: str, pattern: dict[str, Any]) -> None:
    events = client("events", region)
    events.put_rule(Name=task, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=task, Targets=[{"Id": task, "Arn": _arn("sqs", region, task)}])


def _functions(region: str, topics: dict[str, str]) -> None:
    trust = '{"Version": "2012-10-17", "Statement": []}'
    role = client("iam", region).create_role(RoleName=f"functions-{region}", AssumeRolePolicyDocument=trust)
    key = client("kms", region).create_key()["KeyMetadata"]["Arn"]
    variables = {
        **{f"{role.upper()}_BUCKET": bucket(region, role) for role in ("uploads", "derived", "audit")},
        "KEY_ARN": key,
        "TOPICS": json.dumps({"consultations": topics["consultations"]}),
        "TEXTRACT_TOPIC_ARN": topics["texts"],
        "TEXTRACT_ROLE_ARN": f"arn:aws:iam::{ACCOUNT}:role/texts",
        "MAX_BYTES": "5000000",
        "MAX_PIXELS": "4000000",
        "MAX_PAGES": "20",
        "IMAGE_FORMATS": "webp,png",
        "TEXT_FEATURES": "TABLES",
    }
    lambda_ = client("lambda", region)
    for task, module in _TASKS.items():
        client("logs", region).create_log_group(logGroupName=f"/documents/{task}")
        made = lambda_.create_function(
            FunctionName=task,
            Runtime="python3.13",
            Role=role["Role"]["Arn"],
            Handler=f"functions.documents.{module}.handler",
            Code={"ZipFile": _code()},
            Timeout=300,
            Environment={"Variables": variables},
            LoggingConfig={"LogGroup": f"/documents/{task}"},
        )
        lambda_.create_event_source_mapping(
            EventSourceArn=_arn("sqs", region, task),
            FunctionName=made["FunctionArn"],
            BatchSize=4,
            FunctionResponseTypes=["ReportBatchItemFailures"],
        )


@cache
def _code() -> bytes:
    """A package that nobody opens."""
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        archive.writestr("empty.txt", "")
    return body.getvalue()


def _replicate(region: str, role: str) -> None:
    (other,) = set(SIDES) - {region}
    rule: dict[str, Any] = {
        "ID": role,
        "Priority": 1,
        "Filter": {},
        "Status": "Enabled",
        "SourceSelectionCriteria": {"SseKmsEncryptedObjects": {"Status": "Enabled"}},
        "DeleteMarkerReplication": {"Status": "Enabled"},
        "Destination": {
            "Bucket": f"arn:aws:s3:::{bucket(other, role)}",
            "EncryptionConfiguration": {"ReplicaKmsKeyID": "alias/aws/s3"},
        },
    }
    configuration = {"Role": f"arn:aws:iam::{ACCOUNT}:role/replication", "Rules": [rule]}
    client("s3", region).put_bucket_replication(Bucket=bucket(region, role), ReplicationConfiguration=configuration)


def _arn(service: str, region: str, name: str) -> str:
    return f"arn:aws:{service}:{region}:{ACCOUNT}:{name}"
