"""What gets out of the functions: outcomes and codes; no key, nothing of the content."""

from __future__ import annotations

import io
import json

import pytest

from functions.documents import handler
from functions.documents.events import Upload
from tests.functions import files
from tests.functions.arrivals import scan_event
from tests.functions.files import pdf
from tests.functions.stage import Stage
from tests.functions.takes import picture, read_as, replicated

# What gets out

NAME = "Xaverine-Quux"  # of the patient: in the key, which journeys and the status may name
WORD = "Zyklothymia"  # of the content: nowhere but in the text


def everything_said(stage: Stage, runtime_log: io.StringIO, capfd: pytest.CaptureFixture[str]) -> str:
    return "".join((stage.log.getvalue(), runtime_log.getvalue(), *capfd.readouterr()))


@pytest.mark.parametrize("result", ["NO_THREATS_FOUND", "THREATS_FOUND"])
def test_neither_key_nor_content_get_into_logs_and_metrics(
    stage: Stage, result: str, runtime_log: io.StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    if result == "NO_THREATS_FOUND":
        read_as(stage, WORD)
    upload = stage.upload(pdf(1), f"consultations/{NAME}/{NAME}.pdf")
    assert [] == stage.scanned(upload, result=result)
    said = everything_said(stage, runtime_log, capfd)
    assert all(word not in said for word in (NAME, WORD, upload.version))
    assert upload.digest in said, "who knows the key finds the upload again"


def test_a_patients_name_in_a_dicom_file_gets_nowhere(
    stage: Stage, runtime_log: io.StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    whole = files.dicom(files.grey_16(), PatientName=WORD)
    uploads = [stage.upload(data) for data in (whole, whole[: len(whole) // 2], whole[:400])]
    assert [] == stage.scanned(*uploads)
    assert ["converted", "refused", "refused"] == [stage.status(upload)["state"] for upload in uploads]
    said = everything_said(stage, runtime_log, capfd) + json.dumps(stage.news())
    assert WORD not in said
    assert all(WORD.encode() not in stage.body(key) for key in stage.derived())


@pytest.mark.parametrize(
    "code", ["ThrottlingException", "BadDocumentException", None], ids=["throttled", "refused", "defect"]
)
def test_errors_say_nothing_of_what_they_are_about(
    stage: Stage,
    code: str | None,
    runtime_log: io.StringIO,
    capfd: pytest.CaptureFixture[str],
) -> None:
    if code:
        stage.stubber.add_client_error("analyze_document", code, WORD)
    else:
        stage.stubber.add_response("analyze_document", {"Blocks": [{"Text": WORD}]})  # no model
    stage.scanned(stage.upload(pdf(1), f"consultations/{NAME}.pdf"))
    said = everything_said(stage, runtime_log, capfd)
    assert NAME not in said
    assert WORD not in said + json.dumps(stage.news())
    assert all(WORD.encode() not in stage.body(key) for key in stage.derived())


def test_a_malformed_message_is_not_quoted(
    stage: Stage, runtime_log: io.StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    event = scan_event(Upload(bucket="uploads", key=NAME, version="v"))
    event["detail"]["scanResultDetails"]["scanResultStatus"] = WORD
    assert ["0", "1"] == stage.run(handler, event, f'{{"{NAME}')
    said = everything_said(stage, runtime_log, capfd)
    assert all(word not in said for word in (NAME, WORD))


def test_a_defect_is_told_by_its_place_and_its_type(stage: Stage) -> None:
    stage.stubber.add_response("analyze_document", {"Blocks": [{"Text": WORD}]})
    assert ["0"] == stage.scanned(stage.upload(pdf(1)))
    [told] = [item for item in stage.logged() if item["level"] == "ERROR"]
    assert ("Unexpected", "KeyError") == (told["code"], told["error_type"])
    assert "reader.py" in told["places"][-1]


def test_a_refusal_is_counted_with_its_code(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    stage.convert(b"")
    out = capsys.readouterr().out
    counted = stage.counted(out)
    assert (1.0, 1.0) == (counted["Refused"], counted["RefusedBy"])
    assert "Converted" not in counted
    assert '"code":"empty"' in out.replace(" ", "")


def test_a_replica_is_counted_as_one(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    replicated(stage)
    assert [] == stage.scanned(stage.upload(picture()))
    assert 1.0 == stage.counted(capsys.readouterr().out)["Replica"]
