"""The same version many times, at the same time, after failures: outputs and news come once."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, cast

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from functions.documents import handler
from functions.documents.entry import serve
from tests.functions.arrivals import Json, batch, described, scan_event
from tests.functions.files import pdf
from tests.functions.stage import LAMBDA_SECONDS, Context, Stage
from tests.functions.takes import picture, read_as, without_text

# Once


def test_the_same_version_twice_gives_the_same_outputs_once(stage: Stage) -> None:
    read_as(stage, "once")
    upload = stage.convert(picture())
    before = stage.versions()
    assert [] == stage.scanned(upload, upload)
    assert before == stage.versions()
    assert 1 == len(stage.news())
    outputs = [item["key"] for item in stage.status(upload)["outputs"]]
    assert {1} == {before[key] for key in outputs}


def test_two_versions_of_a_key_are_two_uploads(stage: Stage) -> None:
    without_text(stage)
    first, second = stage.convert(picture()), stage.convert(picture("JPEG"))
    assert first.key == second.key
    assert ("png", "jpeg") == (stage.status(first)["kind"], stage.status(second)["kind"])


def test_two_attempts_at_the_same_time_write_one_record_and_tell_once(stage: Stage) -> None:
    read_as(stage, "theirs")
    read_as(stage, "ours")
    upload = stage.upload(picture())

    def other(_: Json) -> None:
        assert [] == stage.scanned(upload)

    with stage.before("s3.PutObject", other, "status/"):
        assert [] == stage.scanned(upload), "the other attempt is through, so nothing is owed"
    assert 1 == len(stage.news())
    outputs = described(stage.status(upload)["outputs"])
    assert {1} == {stage.versions()[item["key"]] for item in outputs.values()}
    for item in outputs.values():
        assert item["sha256"] == hashlib.sha256(stage.body(item["key"])).hexdigest(), "the record says what stands"


def test_an_attempt_that_meets_another_one_publishing_returns_its_message(stage: Stage) -> None:
    without_text(stage)
    upload = stage.upload(picture())
    failed: list[str] = []

    def other(_: Json) -> None:
        failed.extend(stage.scanned(upload))

    with stage.before("sns.Publish", other):
        assert [] == stage.scanned(upload)
    assert ["0"] == failed
    assert 1 == len(stage.news())


def test_outputs_of_an_attempt_that_died_are_described_as_they_stand(stage: Stage) -> None:
    without_text(stage)
    upload = stage.upload(picture())

    def die(_: Json) -> None:
        raise ConnectionError

    with stage.before("s3.PutObject", die, "status/"):
        assert ["0"] == stage.scanned(upload)
    key = f"images/{upload.key}/{upload.version}/image.png"
    held = stage.s3.head_object(Bucket="derived", Key=key)["Metadata"]
    older = {**held, "output-sha256": hashlib.sha256(b"older tool").hexdigest(), "output-width": "1"}
    stage.s3.put_object(Bucket="derived", Key=key, Body=b"older tool", Metadata=older, ContentType="image/png")
    assert [] == stage.scanned(upload)
    item = described(stage.status(upload)["outputs"])["image.png"]
    assert (older["output-sha256"], len(b"older tool"), 1) == (item["sha256"], item["size"], item["width"])
    assert b"older tool" == stage.body(key)


def test_news_that_could_not_be_published_are_published_when_the_message_returns(stage: Stage) -> None:
    without_text(stage)
    upload = stage.upload(picture())
    url = stage.sns.list_topics()["Topics"]
    for topic in url:
        stage.sns.delete_topic(TopicArn=topic["TopicArn"])
    assert ["0"] == stage.scanned(upload)
    assert ("converted", "failed") == (stage.status(upload)["state"], stage.status(upload)["news"]["state"])
    arn = stage.sns.create_topic(Name="consultations")["TopicArn"]
    inbox = "arn:aws:sqs:us-east-2:123456789012:consultations"
    stage.sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=inbox, Attributes={"RawMessageDelivery": "true"})
    assert [] == stage.scanned(upload, upload)
    assert 1 == len(stage.news())


@pytest.mark.filterwarnings("ignore:No application metrics")  # the dying attempt counts nothing
def test_news_of_an_attempt_that_died_are_published_once_its_time_is_over(stage: Stage) -> None:
    without_text(stage)
    upload = stage.upload(picture())

    def die(_: Json) -> None:
        raise SystemExit

    with stage.before("sns.Publish", die), pytest.raises(SystemExit):
        stage.scanned(upload)
    stage.later(LAMBDA_SECONDS - 1)
    assert ["0"] == stage.scanned(upload), "it might still be alive"
    stage.later(1)
    failed: list[str] = []

    def third(_: Json) -> None:
        failed.extend(stage.scanned(upload))

    with stage.before("sns.Publish", third):
        assert [] == stage.scanned(upload)
    assert ["0"] == failed, "the second attempt has taken it over"
    assert 1 == len(stage.news())


# Messages that return


@pytest.mark.parametrize(
    "code", ["ThrottlingException", "ProvisionedThroughputExceededException", "InternalServerError"]
)
def test_a_textract_that_is_too_busy_makes_the_message_return_and_nothing_else(stage: Stage, code: str) -> None:
    stage.stubber.add_client_error("analyze_document", code)
    upload = stage.upload(pdf(1))
    assert ["0"] == stage.scanned(upload)
    assert [] == stage.derived()
    read_as(stage, "now")
    assert [] == stage.scanned(upload)
    assert "converted" == stage.status(upload)["state"]


def test_of_a_batch_only_the_messages_that_failed_return(stage: Stage) -> None:
    without_text(stage)
    good, bad = stage.upload(picture()), replace(stage.upload(b""), bucket="elsewhere")
    failed = stage.run(handler, scan_event(good), scan_event(bad), "no JSON", {"detail-type": "Other"}, "[1]")
    assert ["1", "2", "3", "4"] == failed
    assert "converted" == stage.status(good)["state"]


def test_a_batch_of_nothing_but_failures_is_answered_and_not_raised(stage: Stage) -> None:
    assert ["0", "1"] == stage.run(handler, "{", "{")


# Later


def test_a_message_that_returns_comes_back_soon_and_each_time_later(stage: Stage) -> None:
    """The queue's own time-out is as long as a call may take, six times over: too long to wait for a tag."""
    waits = put_off(stage)
    upload = stage.upload(picture())
    url = stage.sqs.get_queue_url(QueueName="documents")["QueueUrl"]
    stage.sqs.send_message(QueueUrl=url, MessageBody="a message that somebody works on")
    (message,) = stage.sqs.receive_message(QueueUrl=url, VisibilityTimeout=1800)["Messages"]
    for received in range(1, 8):
        with held_back(stage):
            event = batch(scan_event(upload))
            event["Records"][0] |= {"receiptHandle": message["ReceiptHandle"]}
            event["Records"][0]["attributes"]["ApproximateReceiveCount"] = str(received)
            answer = serve(event, cast("Any", Context()), stage.desk, handler.take)
        assert [{"itemIdentifier": "0"}] == answer["batchItemFailures"]
    assert [30, 120, 480, 1800, 1800, 1800, 1800] == [item["VisibilityTimeout"] for item in waits]
    assert {message["ReceiptHandle"]} == {item["ReceiptHandle"] for item in waits}


def test_a_message_that_is_not_ours_waits_for_the_queue(stage: Stage) -> None:
    waits = put_off(stage)
    assert ["0"] == stage.run(handler, "{}")
    assert [] == waits, "trying again soon cannot help"


def test_a_message_that_cannot_be_put_off_returns_all_the_same(stage: Stage) -> None:
    upload = stage.upload(picture())
    with held_back(stage):
        assert ["0"] == stage.scanned(upload)
    assert [] == stage.derived()


def put_off(stage: Stage) -> list[Json]:
    """What SQS is asked to keep messages back for, as it is asked."""
    waits: list[Json] = []

    def keep(params: Json, **_: object) -> None:
        waits.append(dict(params))

    stage.sqs.meta.events.register("provide-client-params.sqs.ChangeMessageVisibility", keep)
    return waits


@contextmanager
def held_back(stage: Stage) -> Iterator[None]:
    """The gate: the scanner has spoken, and its tag is not there yet."""

    def refuse(**_: object) -> tuple[AWSResponse, Json]:
        error = {"Code": "403", "Message": "Forbidden"}
        return AWSResponse("", 403, HTTPHeaders(), io.BytesIO()), {
            "Error": error,
            "ResponseMetadata": {"HTTPStatusCode": 403},
        }

    stage.s3.meta.events.register("before-call.s3.HeadObject", refuse)
    try:
        yield
    finally:
        stage.s3.meta.events.unregister("before-call.s3.HeadObject", refuse)
