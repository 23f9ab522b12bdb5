"""Documents of many pages: a job is begun once, and its text is written once, whoever hears of its end."""

from __future__ import annotations

import json

import pytest

from functions.documents import completion, handler
from functions.documents.events import Upload
from functions.documents.notices import REMIND_SECONDS
from tests.functions import files
from tests.functions.arrivals import QUEUE_ARN, Json, described, line, result, textract_news
from tests.functions.stage import Stage

JOB = {"JobId": "job-1"}


def begun(stage: Stage, data: bytes | None = None, key: str = "consultations/7/long.pdf") -> Upload:
    """A document of three pages whose job runs."""
    stage.stubber.add_response("start_document_analysis", JOB)
    return stage.convert(data or files.pdf(3), key)


def ends(stage: Stage, *lines: str) -> None:
    """Textract has read these lines."""
    stage.stubber.add_response("get_document_analysis", result(*map(line, lines)), {"JobId": "job-1"})


def test_a_document_of_many_pages_is_pending_until_its_text_has_come(stage: Stage) -> None:
    upload = begun(stage)
    status = stage.status(upload)
    assert ("pending", None, 3) == (status["state"], status["ended"], status["pages"])
    assert [] == stage.news()
    ends(stage, "first", "second")
    assert [] == stage.completed(upload)
    status = stage.status(upload)
    assert "converted" == status["state"]
    assert {"text.txt", "layout.json"} == set(described(status["outputs"]))
    assert b"first\nsecond\n\f\f" == stage.body(described(status["outputs"])["text.txt"]["key"])
    assert ["document.converted"] == [item["event"] for item in stage.news()]


def test_the_job_is_named_by_the_version_and_tells_the_topic(stage: Stage) -> None:
    upload = stage.upload(files.pdf(3))
    channel = {"SNSTopicArn": stage.settings.textract_topic_arn, "RoleArn": stage.settings.textract_role_arn}
    asked = {
        "DocumentLocation": {"S3Object": {"Bucket": "uploads", "Name": upload.key, "Version": upload.version}},
        "FeatureTypes": ["TABLES", "FORMS"],
        "ClientRequestToken": upload.digest,
        "JobTag": upload.digest,
        "NotificationChannel": channel,
    }
    stage.stubber.add_response("start_document_analysis", JOB, asked)
    assert [] == stage.scanned(upload)
    assert "pending" == stage.status(upload)["state"]


def test_the_pages_of_a_result_are_put_together(stage: Stage) -> None:
    upload = begun(stage)
    stage.stubber.add_response("get_document_analysis", result(line("one"), more="next"), {"JobId": "job-1"})
    rest = {"JobId": "job-1", "NextToken": "next"}
    stage.stubber.add_response("get_document_analysis", result(line("two", page=2)), rest)
    assert [] == stage.completed(upload)
    assert b"one\n\ftwo\n\f" == stage.body(described(stage.status(upload)["outputs"])["text.txt"]["key"])


def test_a_tiff_of_many_pages_has_pictures_at_once_and_text_later(stage: Stage) -> None:
    upload = begun(stage, files.tiff(2))
    pictures = set(described(stage.status(upload)["outputs"]))
    assert "image.webp" in pictures
    ends(stage, "text")
    assert [] == stage.completed(upload)
    assert pictures | {"text.txt", "layout.json"} == set(described(stage.status(upload)["outputs"]))


def test_an_animation_is_no_document(stage: Stage) -> None:
    upload = stage.convert(files.webp(3))
    assert ("converted", 3) == (stage.status(upload)["state"], stage.status(upload)["pages"])


@pytest.mark.parametrize("envelope", [True, False])
def test_completions_are_understood_with_and_without_the_envelope_of_sns(stage: Stage, *, envelope: bool) -> None:
    upload = begun(stage)
    ends(stage, "text")
    news = textract_news(upload)
    body = {"Type": "Notification", "Message": json.dumps(news)} if envelope else news
    assert [] == stage.run(completion, body)
    assert "converted" == stage.status(upload)["state"]


def test_the_right_version_of_a_key_is_completed(stage: Stage) -> None:
    first, second = begun(stage), begun(stage, files.pdf(2))
    ends(stage, "of the second")
    assert [] == stage.completed(second)
    assert ("pending", "converted") == (stage.status(first)["state"], stage.status(second)["state"])


def test_an_upload_whose_key_goes_on_is_another_one(stage: Stage) -> None:
    begun(stage, key="consultations/7/long/er.pdf")
    short = begun(stage, key="consultations/7/long")
    ends(stage, "short")
    assert [] == stage.completed(short)
    assert "converted" == stage.status(short)["state"]


# Jobs that fail


def test_a_job_that_failed_is_a_failure_of_a_document(stage: Stage) -> None:
    upload = begun(stage)
    stage.stubber.add_response("get_document_analysis", result(status="FAILED"))
    assert [] == stage.completed(upload, Status="FAILED")
    assert ("failed", "text-failed") == (stage.status(upload)["state"], stage.status(upload)["reason_code"])
    assert ["document.refused"] == [item["event"] for item in stage.news()]


def test_a_job_that_failed_leaves_a_picture_its_pictures(stage: Stage) -> None:
    upload = begun(stage, files.tiff(2))
    stage.stubber.add_response("get_document_analysis", result(status="FAILED"))
    assert [] == stage.completed(upload)
    assert ("converted", ["text-failed"]) == (stage.status(upload)["state"], stage.status(upload)["flags"])


def test_a_job_that_read_some_pages_says_so(stage: Stage) -> None:
    upload = begun(stage)
    stage.stubber.add_response("get_document_analysis", result(line("some"), status="PARTIAL_SUCCESS"))
    assert [] == stage.completed(upload)
    assert ("converted", ["text-partial"]) == (stage.status(upload)["state"], stage.status(upload)["flags"])


def test_a_result_that_textract_has_forgotten_is_a_failure(stage: Stage) -> None:
    upload = begun(stage)
    stage.stubber.add_client_error("get_document_analysis", "InvalidJobIdException")
    assert [] == stage.completed(upload)
    assert "failed" == stage.status(upload)["state"]


def test_a_document_that_textract_does_not_begin_to_read_is_refused(stage: Stage) -> None:
    stage.stubber.add_client_error("start_document_analysis", "BadDocumentException")
    upload = stage.convert(files.pdf(3))
    assert ("refused", "corrupt") == (stage.status(upload)["state"], stage.status(upload)["reason_code"])


@pytest.mark.parametrize("code", ["LimitExceededException", "ThrottlingException"])
def test_a_job_that_cannot_begin_yet_is_begun_when_the_message_returns(stage: Stage, code: str) -> None:
    upload = stage.upload(files.pdf(3))
    stage.stubber.add_client_error("start_document_analysis", code)
    assert ["0"] == stage.scanned(upload)
    assert "pending" == stage.status(upload)["state"]
    stage.stubber.add_response("start_document_analysis", JOB)
    assert [] == stage.scanned(upload)
    ends(stage, "text")
    assert [] == stage.completed(upload)
    assert "converted" == stage.status(upload)["state"]


def test_a_result_that_cannot_be_fetched_yet_is_fetched_when_the_message_returns(stage: Stage) -> None:
    upload = begun(stage)
    stage.stubber.add_client_error("get_document_analysis", "ProvisionedThroughputExceededException")
    assert ["0"] == stage.completed(upload)
    assert "pending" == stage.status(upload)["state"]
    ends(stage, "text")
    assert [] == stage.completed(upload)
    assert "converted" == stage.status(upload)["state"]


# Once


def test_a_completion_that_comes_twice_changes_nothing(stage: Stage) -> None:
    upload = begun(stage)
    ends(stage, "text")
    assert [] == stage.completed(upload)
    before = stage.versions()
    assert [] == stage.completed(upload)
    assert before == stage.versions()
    assert 1 == len(stage.news())


def test_two_completions_at_the_same_time_write_one_text_and_tell_once(stage: Stage) -> None:
    upload = begun(stage)
    ends(stage, "ours")
    ends(stage, "theirs")

    def other(_: Json) -> None:
        assert [] == stage.completed(upload)

    with stage.before("s3.PutObject", other, "status/"):
        assert [] == stage.completed(upload)
    outputs = described(stage.status(upload)["outputs"])
    assert b"ours\n\f\f" == stage.body(outputs["text.txt"]["key"]), "the first to be written stays"
    assert {1} == {stage.versions()[item["key"]] for item in outputs.values()}
    assert 1 == len(stage.news())


def test_two_scan_results_at_the_same_time_write_one_record_for_one_job(stage: Stage) -> None:
    upload = stage.upload(files.pdf(3))
    for _ in range(2):  # the same token: Textract answers with the same job
        stage.stubber.add_response("start_document_analysis", JOB)

    def other(_: Json) -> None:
        assert [] == stage.scanned(upload)

    with stage.before("s3.PutObject", other, "status/"):
        assert [] == stage.scanned(upload)
    assert [1] == [count for key, count in stage.versions().items() if key.startswith("status/")]


def test_a_completion_that_is_faster_than_the_one_who_began_finds_the_record(stage: Stage) -> None:
    upload = stage.upload(files.pdf(3))
    failed: list[str] = []

    def complete(**_: object) -> None:
        ends(stage, "text")
        failed.extend(stage.completed(upload))

    stage.stubber.add_response("start_document_analysis", JOB)
    stage.textract.meta.events.register("after-call.textract.StartDocumentAnalysis", complete)
    assert [] == stage.scanned(upload)
    assert [] == failed
    assert "converted" == stage.status(upload)["state"]


def test_a_completion_of_an_erased_upload_needs_nothing(stage: Stage) -> None:
    upload = Upload(bucket="uploads", key="consultations/7/gone.pdf", version="v1")
    assert [] == stage.completed(upload)
    assert [] == stage.derived()


def test_an_erasure_while_the_text_is_written_leaves_no_record(stage: Stage) -> None:
    upload = begun(stage)
    ends(stage, "text")

    def erase(_: Json) -> None:
        assert [] == stage.erased(upload)

    with stage.before("s3.PutObject", erase, "status/"):
        assert [] == stage.completed(upload)
    assert [] == stage.derived()
    assert [] == stage.news()


# A completion that is lost


def reminded(stage: Stage, which: int = 0) -> list[str]:
    """The queue hands a reminder back after its delay."""
    stage.later(REMIND_SECONDS)
    return stage.run(handler, stage.reminders[which]["MessageBody"])


def test_a_reminder_waits_in_the_queue_that_called_us(stage: Stage) -> None:
    begun(stage)
    [reminder] = stage.reminders
    assert REMIND_SECONDS == reminder["DelaySeconds"]
    assert QUEUE_ARN.rpartition(":")[2] == reminder["QueueUrl"].rpartition("/")[2]
    names = ["ApproximateNumberOfMessagesDelayed"]
    counted = stage.sqs.get_queue_attributes(QueueUrl=reminder["QueueUrl"], AttributeNames=names)["Attributes"]
    assert {names[0]: "1"} == counted


def test_a_lost_completion_is_found_out_and_counted(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    upload = begun(stage)
    ends(stage, "late")
    assert [] == reminded(stage)
    assert "converted" == stage.status(upload)["state"]
    counted = stage.counted(capsys.readouterr().out)
    assert (1.0, 900.0) == (counted["TextOverdue"], counted["TextOverdueSeconds"])


def test_a_job_that_still_runs_is_counted_and_looked_at_again(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    upload = begun(stage)
    for seconds in (900.0, 1800.0):
        stage.stubber.add_response("get_document_analysis", result(status="IN_PROGRESS"))
        assert [] == reminded(stage, which=-1)
        assert seconds == stage.counted(capsys.readouterr().out)["TextOverdueSeconds"]
    assert 3 == len(stage.reminders)
    assert "pending" == stage.status(upload)["state"]


def test_a_job_that_still_runs_when_it_is_said_to_be_done_is_looked_at_again(stage: Stage) -> None:
    upload = begun(stage)
    stage.stubber.add_response("get_document_analysis", result(status="IN_PROGRESS"))
    assert [] == stage.completed(upload)
    stage.later(REMIND_SECONDS)
    ends(stage, "late")
    assert [] == stage.run(completion, stage.reminders[-1]["MessageBody"]), "it comes back by the queue of completions"
    assert "converted" == stage.status(upload)["state"]


def test_a_reminder_after_the_end_is_nothing_to_count(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    upload = begun(stage)
    ends(stage, "text")
    assert [] == stage.completed(upload)
    assert [] == reminded(stage)
    assert "TextOverdue" not in stage.counted(capsys.readouterr().out)
    assert 1 == len(stage.reminders)


def test_a_completion_in_time_is_not_overdue(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    upload = begun(stage)
    stage.later(REMIND_SECONDS - 1)
    ends(stage, "text")
    assert [] == stage.completed(upload)
    assert "TextOverdue" not in stage.counted(capsys.readouterr().out)


@pytest.mark.parametrize("body", ["{}", '{"JobId": "x"}', '{"Type": "Notification", "Message": "{"}', "[]"])
def test_what_is_no_completion_returns(stage: Stage, body: str) -> None:
    assert ["0"] == stage.run(completion, body)
