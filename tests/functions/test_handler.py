"""Scan results through the real handler: what is opened, what comes out, and that it comes once."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import pytest

from functions.documents import handler
from functions.documents.desk import desk as lambdas_desk
from functions.documents.events import Upload
from functions.documents.kinds import Kind
from tests.functions import files
from tests.functions.arrivals import Json, analysis, batch, described, line, scan_event, variables
from tests.functions.files import pdf
from tests.functions.stage import Context, Stage
from tests.functions.takes import PICTURES, TEXTS, picture, read_as, replicated, without_text

# What comes out


def test_a_picture_of_a_page_becomes_pictures_and_text(stage: Stage) -> None:
    read_as(stage, "Hello", "world")
    upload = stage.convert(picture())
    status = stage.status(upload)
    assert ("converted", "png", "NO_THREATS_FOUND") == (status["state"], status["kind"], status["scan_result"])
    outputs = described(status["outputs"])
    assert PICTURES | TEXTS == set(outputs)
    for item in outputs.values():
        body = stage.body(item["key"])
        assert (item["sha256"], item["size"]) == (hashlib.sha256(body).hexdigest(), len(body))
    assert b"Hello\nworld\n" == stage.body(outputs["text.txt"]["key"])
    assert (320, 200) == (outputs["image.webp"]["width"], outputs["image.webp"]["height"])


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("jpeg", files.jpeg(orientation=6)),
        ("png", files.png()),
        ("webp", files.webp(3)),
        ("tiff", files.tiff(2)),
        ("heic", files.heic()),
        ("dicom", files.dicom(files.grey_16())),
    ],
)
def test_each_kind_of_picture_becomes_all_pictures_whatever_its_name(stage: Stage, kind: str, data: bytes) -> None:
    without_text(stage)
    status = stage.status(stage.convert(data, "consultations/7/report.pdf"))
    assert ("converted", kind, PICTURES) == (status["state"], status["kind"], set(described(status["outputs"])))


def test_textract_is_pointed_to_this_very_version(stage: Stage) -> None:
    upload = stage.upload(pdf(1))
    place = {"Bucket": "uploads", "Name": upload.key, "Version": upload.version}
    asked = {"Document": {"S3Object": place}, "FeatureTypes": ["TABLES", "FORMS"]}
    stage.stubber.add_response("analyze_document", analysis(line("a")), asked)
    assert [] == stage.scanned(upload)
    assert TEXTS == set(described(stage.status(upload)["outputs"]))


def test_the_status_tells_where_everything_comes_from(stage: Stage) -> None:
    without_text(stage)
    data = picture()
    upload = stage.convert(data, "prescriptions/8/photo")
    source = {
        "bucket": "uploads",
        "key": "prescriptions/8/photo",
        "version": upload.version,
        "sha256": hashlib.sha256(data).hexdigest(),
        "size": len(data),
    }
    status = stage.status(upload)
    assert source == status["source"]
    assert status["tools"]["pillow"]
    found = stage.s3.head_object(Bucket="derived", Key=described(status["outputs"])["image.png"]["key"])
    assert (upload.version, source["sha256"]) == (
        found["Metadata"]["source-version"],
        found["Metadata"]["source-sha256"],
    )
    assert ("aws:kms", stage.settings.key_arn) == (found["ServerSideEncryption"], found["SSEKMSKeyId"])


def test_only_the_formats_that_are_wanted_are_made(stage: Stage) -> None:
    stage.settings = replace(
        stage.settings,
        text_kinds=frozenset({Kind.PDF}),
        image_formats=frozenset(list(stage.settings.image_formats)[:1]),
    )
    upload = stage.convert(picture())
    assert 3 == len(stage.status(upload)["outputs"]), "one picture and the two thumbnails"


def test_the_journey_is_told_once_where_the_status_is_and_nothing_of_the_content(stage: Stage) -> None:
    read_as(stage, "diagnosis")
    upload = stage.convert(pdf(1), "payments/9/invoice")
    told = {
        "event": "document.converted",
        "key": upload.key,
        "version": upload.version,
        "status_key": f"status/{upload.key}/{upload.version}.json",
    }
    assert [told] == stage.news("payments")
    assert [] == stage.news("consultations")
    assert "made" == stage.status(upload)["news"]["state"]


def test_the_original_is_never_touched(stage: Stage) -> None:
    without_text(stage)
    data = picture()
    upload = stage.convert(data)
    assert {upload.key: 1} == stage.versions("uploads")
    assert data == stage.body(upload.key, "uploads")


def test_keys_with_signs_are_taken_as_they_stand(stage: Stage) -> None:
    without_text(stage)
    upload = stage.convert(picture(), "consultations/7/a+b %2F Größe.png")
    assert "converted" == stage.status(upload)["state"]


# What is refused


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"MZ\x90\x00 a program", "unsupported"),
        (b"x" * 5_000_001, "oversized"),
        (picture()[:200], "corrupt"),
        (pdf(1, "locked"), "encrypted"),
        (pdf(21), "too-many-pages"),
    ],
)
def test_a_refused_file_ends_in_a_status_and_its_message_is_done(stage: Stage, data: bytes, code: str) -> None:
    upload = stage.convert(data)
    status = stage.status(upload)
    assert ("refused", code, []) == (status["state"], status["reason_code"], status["outputs"])
    assert status["reason"]
    assert ["document.refused"] == [item["event"] for item in stage.news()]


def test_a_refusal_of_textracts_is_the_end_of_a_document(stage: Stage) -> None:
    stage.stubber.add_client_error("analyze_document", "UnsupportedDocumentException")
    upload = stage.convert(pdf(1))
    assert ("refused", "unsupported") == (stage.status(upload)["state"], stage.status(upload)["reason_code"])


def test_a_picture_whose_text_is_refused_is_still_a_picture(stage: Stage) -> None:
    stage.stubber.add_client_error("analyze_document", "BadDocumentException")
    status = stage.status(stage.convert(picture()))
    assert ("converted", ["text-corrupt"]) == (status["state"], status["flags"])
    assert PICTURES == set(described(status["outputs"]))


@pytest.mark.parametrize(
    ("result", "state", "code"),
    [
        ("THREATS_FOUND", "refused", "infected"),
        ("UNSUPPORTED", "refused", "unsupported"),
        ("ACCESS_DENIED", "failed", "unscanned"),
        ("FAILED", "failed", "unscanned"),
    ],
)
def test_what_the_scanner_does_not_call_clean_is_not_opened(stage: Stage, result: str, state: str, code: str) -> None:
    opened: list[str] = []

    def note(params: Json, **_: object) -> None:
        opened.append(params["Bucket"])

    stage.s3.meta.events.register("provide-client-params.s3", note)
    upload = Upload(bucket="uploads", key="consultations/7/x", version="v1")
    assert [] == stage.scanned(upload, result=result)
    assert {"derived"} == set(opened)
    status = stage.status(upload)
    assert (state, code, result) == (status["state"], status["reason_code"], status["scan_result"])
    assert ["document.refused"] == [item["event"] for item in stage.news()]


def test_a_later_verdict_takes_the_place_of_none(stage: Stage) -> None:
    without_text(stage)
    upload = stage.upload(picture())
    assert [] == stage.scanned(upload, result="FAILED")
    assert [] == stage.scanned(upload)
    assert "converted" == stage.status(upload)["state"]
    assert ["document.refused", "document.converted"] == [item["event"] for item in stage.news()]


def test_a_later_failure_to_scan_changes_no_verdict(stage: Stage) -> None:
    without_text(stage)
    upload = stage.convert(picture())
    assert [] == stage.scanned(upload, result="FAILED")
    assert "converted" == stage.status(upload)["state"]


def test_a_replica_is_left_to_the_side_that_received_it(stage: Stage) -> None:
    upload = stage.upload(picture())
    replicated(stage)
    assert [] == stage.scanned(upload)
    assert [] == stage.derived()
    assert [] == stage.news()


def test_a_status_that_came_from_the_other_side_is_left_to_it(stage: Stage) -> None:
    stage.settings = replace(stage.settings, uploads="other-side")
    foreign = Upload(bucket="other-side", key="consultations/7/x", version="v1")

    def here(_: Json) -> None:
        stage.settings = replace(stage.settings, uploads="uploads")
        assert [] == stage.scanned(replace(foreign, bucket="uploads"), result="THREATS_FOUND")

    with stage.before("sns.Publish", here):
        assert [] == stage.scanned(foreign, result="THREATS_FOUND")
    assert 1 == len(stage.news())


def test_an_upload_that_is_gone_needs_nothing(stage: Stage) -> None:
    upload = stage.upload(picture())
    stage.s3.delete_object(Bucket="uploads", Key=upload.key, VersionId=upload.version)
    assert [] == stage.scanned(upload)
    assert [] == stage.derived()


# In Lambda


def test_the_entry_of_lambda_reads_its_environment(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    told = {"KEY_ARN": stage.settings.key_arn, "TOPICS": json.dumps(dict(stage.settings.topics)), "TEXT_FORMATS": ""}
    for name, value in variables(**told).items():
        monkeypatch.setenv(name, value)
    upload = stage.upload(picture())
    lambdas_desk.cache_clear()
    try:
        answer = handler.handler(batch(scan_event(upload)), Context())
    finally:
        lambdas_desk.cache_clear()
    assert {"batchItemFailures": []} == answer
    assert "converted" == stage.status(upload)["state"]
