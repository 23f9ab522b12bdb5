"""The status object: what it refuses to say, and that it is read as it was written."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from functions.documents.kinds import Kind
from functions.documents.lineage import Source
from functions.documents.refusals import Refusal
from functions.documents.status import SCHEMA, Output, State, Status

START = datetime(2026, 3, 1, 12, 0, 0, 250_000, tzinfo=UTC)
CONVERTED = Status(
    state=State.CONVERTED,
    source=Source(bucket="us-uploads", key="payments/ä.jpg", version="v1", sha256="ab" * 32, size=5),
    started=START,
    ended=START + timedelta(seconds=2),
    kind=Kind.DICOM,
    outputs=(
        Output(key="images/x/v1/image.webp", sha256="cd" * 32, size=9, media_type="image/webp", width=4, height=3),
        Output(key="texts/x/v1/text.txt", sha256="ef" * 32, size=1, media_type="text/plain", pages=2),
    ),
    pages=2,
    flags=("burned-in-annotation-yes",),
    scan_result="NO_THREATS_FOUND",
    tools={"pillow": "13.0.0"},
)
REFUSED = replace(
    CONVERTED, state=State.REFUSED, kind=None, outputs=(), reason_code=Refusal.BOMB, reason="too large by far"
)
FAILED = replace(CONVERTED, state=State.FAILED, reason_code="textract-failed", reason="given up after 5 tries")


@pytest.mark.parametrize("status", [CONVERTED, REFUSED, FAILED], ids=lambda status: status.state)
def test_a_status_is_read_as_it_was_written(status: Status) -> None:
    assert status == Status.from_json(status.to_json())
    assert status.to_json() == Status.from_json(status.to_json()).to_json()


def test_the_json_is_what_applications_are_told() -> None:
    content = json.loads(CONVERTED.to_json())
    assert ("converted", "dicom", SCHEMA) == (content["state"], content["kind"], content["schema"])
    assert ("2026-03-01T12:00:00.250000+00:00", None) == (content["started"], content["reason_code"])
    assert content["outputs"][0]["width"] == 4
    assert json.loads(REFUSED.to_json())["reason_code"] == "bomb"
    assert "payments/ä.jpg".encode() in CONVERTED.to_json()


def test_the_same_moment_in_another_zone_is_the_same_json() -> None:
    there = timezone(timedelta(hours=5, minutes=30))
    moved = replace(CONVERTED, started=START.astimezone(there))
    assert CONVERTED.to_json() == moved.to_json()


def test_the_codes_are_those_of_the_contract() -> None:
    expected = "infected unsupported oversized too-many-pages too-many-pixels bomb corrupt encrypted empty"
    assert set(expected.split()) == set(Refusal)


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"reason_code": Refusal.BOMB, "reason": "words"}, "exactly the others have one"),
        ({"state": State.REFUSED}, "exactly the others have one"),
        ({"state": State.FAILED}, "exactly the others have one"),
        ({"state": State.REFUSED, "reason_code": "throttled", "reason": "words"}, "refusals, and only they"),
        ({"state": State.FAILED, "reason_code": "corrupt", "reason": "words"}, "refusals, and only they"),
        ({"state": State.REFUSED, "reason_code": "corrupt"}, "give both or none"),
        ({"reason": "words"}, "give both or none"),
        ({"ended": START - timedelta(seconds=1)}, "before it started"),
        ({"started": START.replace(tzinfo=None)}, "with its zone"),
    ],
)
def test_a_status_that_contradicts_itself_is_refused(changes: dict[str, Any], rule: str) -> None:
    with pytest.raises(ValueError, match=rule):
        replace(CONVERTED, **changes)


@pytest.mark.parametrize(
    "change",
    [
        {"schema": SCHEMA + 1},
        {"state": "lost"},
        {"kind": "gif"},
        {"kind": 5},
        {"outputs": {}},
        {"outputs": [{"key": "k"}]},
        {"source": None},
        {"started": "yesterday"},
        {"surprise": 1},
    ],
)
def test_what_is_no_status_object_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="no status object"):
        Status.from_json(json.dumps(json.loads(CONVERTED.to_json()) | change).encode())


@pytest.mark.parametrize("data", [b"", b"[]", b"null", b"{}", b"\xff"])
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - json's words or ours
        Status.from_json(data)
