"""A stand-in for Amazon Textract, which moto answers with nothing: it gives the text that a PDF itself contains.

It does not look at pictures: of a scanned page, a PNG, a JPEG or a TIFF it reads no text at all. It finds no tables and
no forms, and says of no line where on its page it stands. What it says of its model is `MODEL`, which the functions
keep with each text, so that nobody takes it for Textract's. Takes and gives what boto3's client of Textract does, as
far as the functions use it; jobs end after a while, and are told of on their topic.
"""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from ops.sandbox.physics.world import World

MODEL: Final = "simulated: text that the PDF contains; pictures are not read"
_PDF: Final = b"%PDF-"
_SURE: Final = 100.0  # it is copied, not recognized


@dataclass(kw_only=True)
class _Job:
    """A document of many pages that is being read until `due`."""

    id: str
    due: float
    place: dict[str, Any]
    tag: str
    topic_arn: str
    answer: dict[str, Any]
    told: bool = False


class Textract:
    """Textract in one region."""

    def __init__(self, world: World, region: str, s3: Any) -> None:  # noqa: ANN401 - boto3's clients have no static type
        """Read documents through `s3`, a client of S3 in the same region."""
        self._world = world
        self._region = region
        self._s3 = s3
        self._jobs: dict[str, _Job] = {}

    def step(self) -> None:
        """Tell of the jobs that have ended."""
        for job in self._jobs.values():
            if not job.told and self._has_ended(job):
                job.told = True
                self._tell(job)

    def analyze_document(self, **asked: Any) -> dict[str, Any]:  # noqa: ANN401 - as boto3's own
        """Read a document of one page.

        Raises:
            ClientError: it cannot be opened, or is not there.
        """
        return self._read(asked["Document"]["S3Object"], "AnalyzeDocument")

    def start_document_analysis(self, **asked: Any) -> dict[str, str]:  # noqa: ANN401 - as boto3's own
        """Begin to read a document; the same request token is the same job.

        Raises:
            ClientError: it cannot be opened, or is not there.
        """
        id_ = asked["ClientRequestToken"]
        if id_ not in self._jobs:
            place = asked["DocumentLocation"]["S3Object"]
            self._jobs[id_] = _Job(
                id=id_,
                due=self._world.clock.elapsed + self._world.draw("text_job", id_),
                place=place,
                tag=asked["JobTag"],
                topic_arn=asked["NotificationChannel"]["SNSTopicArn"],
                answer=self._read(place, "StartDocumentAnalysis"),
            )
        return {"JobId": id_}

    def get_document_analysis(self, **asked: Any) -> dict[str, Any]:  # noqa: ANN401 - as boto3's own
        """How far a job is, and once it has ended all that was read.

        Raises:
            ClientError: there is no such job.
        """
        job = self._jobs.get(asked["JobId"])
        if job is None:
            raise _error("InvalidJobIdException", "GetDocumentAnalysis")
        return {"JobStatus": "SUCCEEDED", **job.answer} if self._has_ended(job) else {"JobStatus": "IN_PROGRESS"}

    def _has_ended(self, job: _Job) -> bool:
        return job.due <= self._world.clock.elapsed

    def _tell(self, job: _Job) -> None:
        news = {
            "JobId": job.id,
            "Status": "SUCCEEDED",
            "API": "StartDocumentAnalysis",
            "JobTag": job.tag,
            "Timestamp": int(self._world.now.timestamp() * 1000),
            "DocumentLocation": {"S3ObjectName": job.place["Name"], "S3Bucket": job.place["Bucket"]},
        }
        self._world.backend("sns", self._region).publish(message=json.dumps(news), arn=job.topic_arn)

    def _read(self, place: dict[str, Any], operation: str) -> dict[str, Any]:
        found = self._s3.get_object(Bucket=place["Bucket"], Key=place["Name"], VersionId=place["Version"])
        pages = _pages(found["Body"].read(), operation)
        blocks = [
            {"Id": f"line-{number}-{row}", "BlockType": "LINE", "Text": text, "Page": number, "Confidence": _SURE}
            for number, lines in enumerate(pages, start=1)
            for row, text in enumerate(lines, start=1)
        ]
        return {"Blocks": blocks, "DocumentMetadata": {"Pages": len(pages)}, "AnalyzeDocumentModelVersion": MODEL}


def _pages(data: bytes, operation: str) -> list[list[str]]:
    """The lines of each page of a PDF; of anything else one page without any."""
    from pypdf import PdfReader  # noqa: PLC0415 - few clouds ever read a document

    if not data.startswith(_PDF):
        return [[]]
    try:
        texts = [page.extract_text() for page in PdfReader(io.BytesIO(data)).pages]
    except Exception:  # noqa: BLE001 - pypdf raises anything for hostile bytes; Textract says one thing
        raise _error("BadDocumentException", operation) from None
    return [[line.strip() for line in text.splitlines() if line.strip()] for text in texts]


def _error(code: str, operation: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "said by the local cloud"}}, operation)
