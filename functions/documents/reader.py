"""Textract: one page at once, many pages as a job. Gives blocks, which `texts` turns into text and layout."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from botocore.exceptions import ClientError

from functions.documents.events import Upload
from functions.documents.faults import aws_errors
from functions.documents.refusals import Refusal, RefusedError
from functions.documents.settings import Settings

SYNC_BYTES: Final = 10_000_000
"""The most that AnalyzeDocument takes, and of JPEG and PNG any call (Amazon Textract's quotas: 10 MB)."""

_REFUSED: Final = {
    "UnsupportedDocumentException": (Refusal.UNSUPPORTED, "Textract does not take this kind of document"),
    "BadDocumentException": (Refusal.CORRUPT, "Textract cannot open the document"),
    "DocumentTooLargeException": (Refusal.OVERSIZED, "the document is larger than Textract takes"),
}
# Results are kept for seven days: a completion that lay among the dead letters for longer has none.
_FORGOTTEN: Final = "InvalidJobIdException"


class Progress(StrEnum):
    """How far a job is."""

    RUNNING = "running"
    DONE = "done"
    PARTIAL = "partial"
    FAILED = "failed"


_PROGRESS: Final = {
    "IN_PROGRESS": Progress.RUNNING,
    "SUCCEEDED": Progress.DONE,
    "PARTIAL_SUCCESS": Progress.PARTIAL,
    "FAILED": Progress.FAILED,
}


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What Textract has read. `model`: its version. Empty unless done or partial."""

    progress: Progress
    blocks: tuple[Mapping[str, Any], ...] = ()
    model: str = ""


class Reader:
    """Textract of one side. All methods raise TransientError: throttled, or failed for now."""

    def __init__(self, client: Any, settings: Settings) -> None:  # noqa: ANN401 - boto3's clients have no static type
        """Use a client of Textract."""
        self._textract = client
        self._settings = settings

    def read_page(self, upload: Upload) -> Reading:
        """Read a document of one page. Raises RefusedError."""
        with aws_errors():
            try:
                answer = self._textract.analyze_document(
                    Document=_place(upload), FeatureTypes=list(self._settings.text_features)
                )
            except ClientError as error:
                _refuse(error)
                raise
        return Reading(
            progress=Progress.DONE, blocks=tuple(answer["Blocks"]), model=answer["AnalyzeDocumentModelVersion"]
        )

    def start(self, upload: Upload) -> str:
        """Begin to read a document of many pages; give the job, the same if asked again. Raises RefusedError."""
        with aws_errors():
            try:
                answer = self._textract.start_document_analysis(
                    DocumentLocation=_place(upload),
                    FeatureTypes=list(self._settings.text_features),
                    ClientRequestToken=upload.digest,
                    JobTag=upload.digest,
                    NotificationChannel={
                        "SNSTopicArn": self._settings.textract_topic_arn,
                        "RoleArn": self._settings.textract_role_arn,
                    },
                )
            except ClientError as error:
                _refuse(error)
                raise
        return answer["JobId"]

    def result(self, job: str) -> Reading:
        """What has become of a job, with all of its blocks once it is done."""
        blocks: list[Mapping[str, Any]] = []
        more: dict[str, str] = {}
        while True:
            with aws_errors():
                try:
                    answer = self._textract.get_document_analysis(JobId=job, **more)
                except ClientError as error:
                    if error.response["Error"]["Code"] == _FORGOTTEN:
                        return Reading(progress=Progress.FAILED)
                    raise
            progress = _PROGRESS[answer["JobStatus"]]
            if progress in (Progress.RUNNING, Progress.FAILED):
                return Reading(progress=progress)
            blocks += answer.get("Blocks", [])
            if "NextToken" not in answer:
                model = answer.get("AnalyzeDocumentModelVersion", "")
                return Reading(progress=progress, blocks=tuple(blocks), model=model)
            more = {"NextToken": answer["NextToken"]}


def _place(upload: Upload) -> dict[str, dict[str, str]]:
    return {"S3Object": {"Bucket": upload.bucket, "Name": upload.key, "Version": upload.version}}


def _refuse(error: ClientError) -> None:
    """Raise RefusedError if the document itself is what Textract complains of."""
    refusal = _REFUSED.get(error.response["Error"]["Code"])
    if refusal:
        raise RefusedError(*refusal) from None
