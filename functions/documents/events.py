"""What arrives in the queues, typed: scan results, deletions, Textract's completions, our own reminders. Pure.

Keys are taken as they stand: in EventBridge's events of S3 they are not URL-encoded (those of S3's own notifications
are, which is why Powertools' S3 object class, made for both, is of no use here: it would turn a plus into a space).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from aws_lambda_powertools.utilities.data_classes import EventBridgeEvent
from aws_lambda_powertools.utilities.data_classes.s3_event import S3EventBridgeNotificationEvent

from functions.documents.faults import MisroutedError

SCANNED: Final = "GuardDuty Malware Protection Object Scan Result"
DELETED: Final = "Object Deleted"
TEXT_PENDING: Final = "Text Pending"
SWEEP: Final = "Erasure Sweep"

_OURS: Final = "medical.documents"
_PERMANENTLY: Final = "Permanently Deleted"


class ScanResult(StrEnum):
    """The scanner's words."""

    CLEAN = "NO_THREATS_FOUND"
    INFECTED = "THREATS_FOUND"
    UNSUPPORTED = "UNSUPPORTED"
    ACCESS_DENIED = "ACCESS_DENIED"
    FAILED = "FAILED"


@dataclass(frozen=True, kw_only=True)
class Upload:
    """One version of an uploaded object."""

    bucket: str
    key: str
    version: str

    @property
    def digest(self) -> str:
        """SHA-256 in hex of key and version: names the version where the key itself may not be shown.

        A line break lies between the two, which no version id has, so no two versions share a text.
        """
        return hashlib.sha256(f"{self.key}\n{self.version}".encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Scanned:
    """The scanner is done with an upload."""

    upload: Upload
    result: ScanResult


@dataclass(frozen=True, kw_only=True)
class Reminder:
    """Our own message to ourselves: look at this upload's text job, whose completion should have come by now."""

    upload: Upload
    job: str

    def to_json(self) -> str:
        """As the queue carries it, in EventBridge's shape."""
        return _ours(TEXT_PENDING, {**_detail(self.upload), "job": self.job})


@dataclass(frozen=True, kw_only=True)
class Completed:
    """Textract is done with a job. It says which key it was, but not which version: `tag` is the version's digest."""

    bucket: str
    key: str
    tag: str
    job: str


@dataclass(frozen=True, kw_only=True)
class Erasure:
    """An upload's version was deleted for good: by somebody, or by the bucket's lifecycle, as `reason` says.

    `sweep`: our own message to ourselves, to look once more.
    """

    upload: Upload
    at: datetime
    requester: str
    reason: str
    sweep: bool = False

    def to_json(self) -> str:
        """The sweep that follows, as the queue carries it."""
        rest = {"at": self.at.isoformat(), "requester": self.requester, "reason": self.reason}
        return _ours(SWEEP, {**_detail(self.upload), **rest})


def reminder(body: Mapping[str, Any]) -> Reminder | None:
    """Our own message to ourselves, if it is one. Raises MisroutedError."""
    with _well_formed():
        if body.get("detail-type") != TEXT_PENDING:
            return None
        detail = body["detail"]
        return Reminder(upload=_upload(detail), job=detail["job"])


def scanned_or_reminder(body: Mapping[str, Any]) -> Scanned | Reminder:
    """What the queue of uploads carries. Raises MisroutedError."""
    if reminded := reminder(body):
        return reminded
    event = EventBridgeEvent(dict(body))
    with _well_formed():
        if event.detail_type == SCANNED:
            place = event.detail["s3ObjectDetails"]
            upload = Upload(bucket=place["bucketName"], key=place["objectKey"], version=place["versionId"])
            return Scanned(upload=upload, result=ScanResult(event.detail["scanResultDetails"]["scanResultStatus"]))
    raise MisroutedError("neither a scan result nor a reminder")


def erasure(body: Mapping[str, Any]) -> Erasure | None:
    """What the queue of deletions carries; None for a delete marker, which deletes nothing. Raises MisroutedError."""
    event = S3EventBridgeNotificationEvent(dict(body))
    with _well_formed():
        if event.detail_type == SWEEP:
            detail = event["detail"]
            return Erasure(
                upload=_upload(detail),
                at=datetime.fromisoformat(detail["at"]),
                requester=detail["requester"],
                reason=detail["reason"],
                sweep=True,
            )
        if event.detail_type == DELETED:
            if event.detail.deletion_type != _PERMANENTLY:
                return None
            version = event.detail.object.version_id
            upload = Upload(bucket=event.detail.bucket.name, key=event["detail"]["object"]["key"], version=version)
            at = datetime.fromisoformat(event.time).astimezone(UTC)
            return Erasure(
                upload=upload, at=at, requester=event.detail.requester, reason=event.detail.reason or "not said"
            )
    raise MisroutedError("neither a deletion nor a sweep")


def completed(body: Mapping[str, Any]) -> Completed:
    """What Textract tells its topic, with or without SNS' envelope around it. Raises MisroutedError."""
    with _well_formed():
        news = json.loads(body["Message"]) if body.get("Type") == "Notification" else body
        place = news["DocumentLocation"]
        return Completed(bucket=place["S3Bucket"], key=place["S3ObjectName"], tag=news["JobTag"], job=news["JobId"])


@contextmanager
def _well_formed() -> Generator[None]:
    """Errors of reading a malformed message quote it: only that it is malformed goes on."""
    try:
        yield
    except (AttributeError, KeyError, TypeError, ValueError):
        raise MisroutedError("malformed") from None


def _detail(upload: Upload) -> dict[str, str]:
    return {"bucket": upload.bucket, "key": upload.key, "version": upload.version}


def _upload(detail: Mapping[str, str]) -> Upload:
    return Upload(bucket=detail["bucket"], key=detail["key"], version=detail["version"])


def _ours(detail_type: str, detail: Mapping[str, str]) -> str:
    return json.dumps({"source": _OURS, "detail-type": detail_type, "detail": detail})
