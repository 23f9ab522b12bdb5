"""An original that is deleted for good takes its derivatives with it; a record of that stays."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import pytest
from botocore.exceptions import ClientError

from functions.documents import erasure, lineage
from functions.documents.events import Upload
from functions.documents.notices import REMIND_SECONDS
from tests.functions import files
from tests.functions.arrivals import ACCOUNT, Json, analysis, line
from tests.functions.stage import Stage

NAME = "Xaverine-Quux"


def converted(stage: Stage, key: str = "consultations/7/report") -> Upload:
    stage.stubber.add_response("analyze_document", analysis(line("text")))
    return stage.convert(files.png(), key)


def deleted(stage: Stage, upload: Upload) -> None:
    stage.s3.delete_object(Bucket="uploads", Key=upload.key, VersionId=upload.version)


def audited(stage: Stage, upload: Upload) -> Json:
    return json.loads(stage.body(f"erasures/2026-11-22/{upload.digest}.json", "audit"))


def test_all_versions_of_all_derivatives_go(stage: Stage) -> None:
    upload = converted(stage)
    for key in stage.derived()[:3]:
        stage.s3.put_object(Bucket="derived", Key=key, Body=b"a later version")
        stage.s3.delete_object(Bucket="derived", Key=key)  # a delete marker on top
    deleted(stage, upload)
    assert [] == stage.erased(upload)
    assert {} == stage.versions()


def test_nothing_of_other_uploads_goes(stage: Stage) -> None:
    upload, same_key = converted(stage), converted(stage)
    longer = converted(stage, f"{upload.key}/{upload.version}/text.txt")
    kept = [key for key in stage.derived() if key not in lineage.output_keys(upload.key, upload.version)]
    deleted(stage, upload)
    assert [] == stage.erased(upload)
    assert kept == stage.derived()
    assert 9 == len(audited(stage, upload)["removed"]), "five pictures, two texts, two versions of the status"
    assert ["converted"] * 2 == [stage.status(other)["state"] for other in (same_key, longer)]


def test_the_audit_record_says_what_when_and_by_whom_and_nothing_of_the_patient(stage: Stage) -> None:
    upload = converted(stage, f"consultations/{NAME}/report")
    versions = stage.versions()
    deleted(stage, upload)
    assert [] == stage.erased(upload)
    record = audited(stage, upload)
    assert (ACCOUNT, "DeleteObject", True) == (record["requester"], record["reason"], record["done"])
    assert "2026-11-22T12:00:00+00:00" == record["deleted"] == record["ended"]
    assert sum(versions.values()) == len(record["removed"])
    assert {"texts", "images", "status"} == {item["dataset"] for item in record["removed"]}
    assert NAME not in json.dumps(record)
    assert all(NAME not in key for key in stage.versions("audit"))


def test_an_erasure_that_comes_twice_leaves_the_record_as_it_is(stage: Stage) -> None:
    upload = converted(stage)
    deleted(stage, upload)
    assert [] == stage.erased(upload)
    record, versions = audited(stage, upload), stage.versions("audit")
    stage.later(60)
    assert [] == stage.erased(upload)
    assert (record, versions) == (audited(stage, upload), stage.versions("audit"))


def test_the_record_of_an_upload_without_derivatives_stays_too(stage: Stage) -> None:
    upload = stage.upload(b"never scanned")
    deleted(stage, upload)
    assert [] == stage.erased(upload)
    assert ([], True) == (audited(stage, upload)["removed"], audited(stage, upload)["done"])


def test_an_attempt_that_died_half_way_leaves_the_whole_list(stage: Stage) -> None:
    upload = converted(stage)
    versions = stage.versions()
    deleted(stage, upload)

    def die(params: Json) -> None:
        half = params["Delete"]["Objects"][:4]
        stage.s3.delete_objects(Bucket="derived", Delete={"Objects": half})
        raise ConnectionError

    with stage.before("s3.DeleteObjects", die):
        assert ["0"] == stage.erased(upload)
    assert not audited(stage, upload)["done"]
    assert [] == stage.erased(upload)
    assert {} == stage.versions()
    assert (sum(versions.values()), True) == (len(audited(stage, upload)["removed"]), audited(stage, upload)["done"])


def test_an_audit_record_that_is_locked_is_amended_and_not_overwritten(stage: Stage) -> None:
    upload = converted(stage)
    deleted(stage, upload)
    assert [] == stage.erased(upload)
    assert [2] == list(stage.versions("audit").values()), "what was to go, and that it is gone"
    [first, *_] = stage.s3.list_object_versions(Bucket="audit")["Versions"]
    with pytest.raises(ClientError, match="AccessDenied"):
        stage.s3.delete_object(Bucket="audit", Key=first["Key"], VersionId=first["VersionId"])


def test_what_was_written_meanwhile_goes_with_a_second_look(stage: Stage) -> None:
    upload = converted(stage)
    deleted(stage, upload)
    assert [] == stage.erased(upload)
    late = lineage.output_keys(upload.key, upload.version)[0]
    stage.s3.put_object(Bucket="derived", Key=late, Body=b"by work that was under way")
    [message] = stage.reminders
    assert REMIND_SECONDS == message["DelaySeconds"]
    stage.later(REMIND_SECONDS)
    before = len(audited(stage, upload)["removed"])
    assert [] == stage.run(erasure, message["MessageBody"])
    assert {} == stage.versions()
    assert before + 1 == len(audited(stage, upload)["removed"])
    assert 1 == len(stage.reminders), "a second look is the last"


def test_later_work_finds_nothing_to_convert(stage: Stage) -> None:
    upload = converted(stage)
    deleted(stage, upload)
    assert [] == stage.erased(upload)
    assert [] == stage.scanned(upload)
    assert [] == stage.derived()


def test_derivatives_do_not_outlive_an_original_whose_time_is_over(stage: Stage) -> None:
    upload = converted(stage)
    deleted(stage, upload)
    assert [] == stage.erased(upload, reason="Lifecycle Expiration", requester="s3.amazonaws.com")
    assert {} == stage.versions()
    found = audited(stage, upload)
    assert ("Lifecycle Expiration", "s3.amazonaws.com", True) == (found["reason"], found["requester"], found["done"])


def test_what_can_still_be_restored_stays(stage: Stage) -> None:
    upload = converted(stage)
    before = stage.versions()
    assert [] == stage.erased(upload, **{"deletion-type": "Delete Marker Created"})
    assert before == stage.versions()
    assert {} == stage.versions("audit")


def test_derivatives_that_s3_keeps_make_the_message_return(stage: Stage) -> None:
    upload = converted(stage)
    deleted(stage, upload)

    def refuse(parsed: Json, **_: object) -> None:
        parsed["Errors"] = [{"Key": "x", "Code": "AccessDenied", "Message": NAME}]

    stage.s3.meta.events.register("after-call.s3.DeleteObjects", refuse)
    assert ["0"] == stage.erased(upload)
    assert not audited(stage, upload)["done"]


def test_an_erasure_of_another_bucket_is_refused(stage: Stage) -> None:
    upload = converted(stage)
    before = stage.versions()
    assert ["0"] == stage.erased(replace(upload, bucket="derived"))
    assert before == stage.versions()


def test_keys_are_taken_as_they_stand(stage: Stage) -> None:
    upload = converted(stage, "consultations/7/a+b%20c d")
    assert [] == stage.erased(upload)
    assert {} == stage.versions()


def test_the_key_gets_into_no_log(stage: Stage, runtime_log: io.StringIO, capfd: pytest.CaptureFixture[str]) -> None:
    upload = converted(stage, f"consultations/{NAME}")
    assert [] == stage.erased(upload)
    said = "".join((stage.log.getvalue(), runtime_log.getvalue(), *capfd.readouterr()))
    assert NAME not in said
    assert upload.digest in said
