"""The same version many times, at the same time, after failures: outputs and news come once."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from functions.documents import handler
from tests.functions.arrivals import Json, described, scan_event
from tests.functions.files import pdf
from tests.functions.stage import LAMBDA_SECONDS, Stage
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
