"""Whose events an audit shows, which, and on what: by any of the names that somebody or something has."""

from __future__ import annotations

from typing import Any

import pytest

from ops.audit import events
from ops.audit.events import Event
from ops.audit.question import Question

ROLE = "arn:aws:iam::111122223333:role/medical-us-global-auditor"
BUCKET = "medical-us-use2-uploads-111122223333"
BUCKETS = {"uploads": (BUCKET, "medical-us-usw2-uploads-111122223333")}


def record(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    """A record of an object read by a session of the auditor's role."""
    return {
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "AssumedRole",
            "principalId": "AROA123:carol@example.com",
            "arn": "arn:aws:sts::111122223333:assumed-role/medical-us-global-auditor/carol@example.com",
            "accountId": "111122223333",
            "accessKeyId": "ASIAEXAMPLE",
            "sessionContext": {"sessionIssuer": {"arn": ROLE, "userName": "medical-us-global-auditor"}},
        },
        "eventTime": "2026-11-01T14:00:00Z",
        "eventSource": "s3.amazonaws.com",
        "eventName": "GetObject",
        "awsRegion": "us-east-2",
        "sourceIPAddress": "192.0.2.7",
        "userAgent": "aws-cli/2",
        "requestParameters": {"bucketName": BUCKET, "key": "consultations/a/b.pdf"},
        "eventID": "e1",
        "readOnly": True,
        "resources": [{"type": "AWS::S3::Object", "ARN": f"arn:aws:s3:::{BUCKET}/consultations/a/b.pdf"}],
        "eventCategory": "Data",
        **changes,
    }


def user(name: str) -> dict[str, Any]:
    arn = f"arn:aws:iam::111122223333:user/{name}"
    return {"type": "IAMUser", "userName": name, "arn": arn, "accessKeyId": "AKIAEXAMPLE"}


def event(**changes: Any) -> Event:  # noqa: ANN401 - any JSON
    return events.read(record(**changes))


@pytest.mark.parametrize(
    "who",
    [
        "carol@example.com",
        "CAROL@example.com",
        "medical-us-global-auditor",
        "carol*",
        "*auditor",
        ROLE,
        "arn:aws:sts::111122223333:assumed-role/medical-us-global-auditor/carol@example.com",
        "ASIAEXAMPLE",
    ],
)
def test_a_session_is_found_by_its_name_its_role_its_arns_and_its_key(who: str) -> None:
    assert Question(who=who).asks_for(event())


@pytest.mark.parametrize("who", ["carol", "dave", "auditor", "[c]arol@example.com", "?arol@example.com"])
def test_a_name_is_asked_for_whole(who: str) -> None:
    assert not Question(who=who).asks_for(event())


@pytest.mark.parametrize(
    ("identity", "who", "shown"),
    [
        (user("dave"), "dave", "dave"),
        (user("dave"), "AKIAEXAMPLE", "dave"),
        ({"type": "Root", "arn": "arn:aws:iam::111122223333:root"}, "root", "root"),
        ({"type": "AWSService", "invokedBy": "lambda.amazonaws.com"}, "lambda.*", "lambda.amazonaws.com"),
        ({"type": "AWSAccount", "principalId": "AIDA:x", "accountId": "444455556666"}, "AIDA:x", "AIDA:x"),
    ],
)
def test_users_root_services_and_other_accounts_have_names(identity: dict[str, Any], who: str, shown: str) -> None:
    found = event(userIdentity=identity)
    assert Question(who=who).asks_for(found)
    assert shown == found.who


def test_a_session_is_shown_with_its_role() -> None:
    assert "carol@example.com (medical-us-global-auditor)" == event().who


@pytest.mark.parametrize("what", ["GetObject", "getobject", "Get*", "s3:GetObject", "s3:*"])
def test_a_call_is_asked_for_by_name_with_or_without_its_service(what: str) -> None:
    assert Question(what=what).asks_for(event())


@pytest.mark.parametrize("what", ["Get", "PutObject", "ec2:*"])
def test_other_calls_are_not(what: str) -> None:
    assert not Question(what=what).asks_for(event())


@pytest.mark.parametrize(
    "on",
    [
        f"{BUCKET}/consultations/a/b.pdf",
        f"arn:aws:s3:::{BUCKET}",
        "consultations/a",
        "uploads/consultations/a/b.pdf",
        "uploads/",
        "uploads",
        "B.PDF",
    ],
)
def test_an_object_is_asked_for_by_any_part_of_it_and_by_its_buckets_role(on: str) -> None:
    assert Question(on=on, buckets=BUCKETS).asks_for(event())


@pytest.mark.parametrize("on", ["derived/", "uploads/b.pdf", "consultations/c", "192.0.2.7"])
def test_what_an_event_is_not_about_does_not_find_it(on: str) -> None:
    assert not Question(on=on, buckets=BUCKETS).asks_for(event())


def test_what_parameters_name_is_found_and_what_they_say_is_not() -> None:
    asked = {"dBInstanceIdentifier": "medical-us-use2-db-1", "filters": [{"name": "state", "values": ["idle"]}]}
    found = event(requestParameters=asked, resources=None, eventName="ModifyDBInstance", readOnly=False)
    assert Question(on="use2-db-1").asks_for(found)
    assert not Question(on="idle").asks_for(found)


def test_errors_and_changes_narrow() -> None:
    assert not Question(errors=True).asks_for(event())
    assert Question(errors=True).asks_for(event(errorCode="AccessDenied"))
    assert not Question(changes=True).asks_for(event())
    assert Question(changes=True).asks_for(event(readOnly=False))
    assert not Question(changes=True, errors=True).asks_for(event(readOnly=False))


def test_a_question_without_any_of_it_is_not_narrow() -> None:
    assert not Question().narrow
    assert Question(on="x").narrow


@pytest.mark.parametrize(
    "changes",
    [
        {"userIdentity": None},
        {"eventTime": "yesterday"},
        {"eventTime": "2026-11-01T14:00:00"},
        {"requestParameters": "text"},
        {"resources": ["text"]},
    ],
)
def test_what_is_no_record_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises((ValueError, KeyError, TypeError, AttributeError)):
        event(**changes)


def test_a_record_with_nothing_but_what_all_have_is_read() -> None:
    few = {name: value for name, value in record().items() if name not in {"requestParameters", "resources"}}
    assert () == events.read(few | {"requestParameters": None}).on
