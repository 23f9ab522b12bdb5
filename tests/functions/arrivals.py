"""What reaches the functions, as AWS sends it: environment, batches, events, Textract's answers."""

from __future__ import annotations

import json
from typing import Any, cast

from functions.documents.events import Upload

REGION = "us-east-2"
ACCOUNT = "123456789012"
QUEUE_ARN = f"arn:aws:sqs:{REGION}:{ACCOUNT}:documents"
CLEAN = "NO_THREATS_FOUND"

Json = dict[str, Any]


def variables(**changes: str) -> dict[str, str]:
    """The environment of a function."""
    topics = {"consultations": f"arn:aws:sns:{REGION}:{ACCOUNT}:consultations"}
    return {
        "UPLOADS_BUCKET": "uploads",
        "DERIVED_BUCKET": "derived",
        "AUDIT_BUCKET": "audit",
        "KEY_ARN": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1",
        "TOPICS": json.dumps(topics),
        "TEXTRACT_TOPIC_ARN": f"arn:aws:sns:{REGION}:{ACCOUNT}:texts",
        "TEXTRACT_ROLE_ARN": f"arn:aws:iam::{ACCOUNT}:role/texts",
        "MAX_BYTES": "5000000",
        "MAX_PIXELS": "4000000",
        "MAX_PAGES": "20",
        "IMAGE_FORMATS": "webp,jpeg,png",
        "TEXT_FEATURES": "TABLES,FORMS",
        **changes,
    }


def batch(*bodies: Json | str) -> Json:
    """What Lambda hands over from a queue; messages are named 0, 1, ..."""
    return {
        "Records": [
            {
                "messageId": str(number),
                "receiptHandle": f"receipt-{number}",
                "body": body if isinstance(body, str) else json.dumps(body),
                "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "1795348800000"},
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "eventSourceARN": QUEUE_ARN,
                "awsRegion": REGION,
            }
            for number, body in enumerate(bodies)
        ]
    }


def scan_event(upload: Upload, result: str = CLEAN) -> Json:
    """As GuardDuty Malware Protection for S3 sends it to EventBridge."""
    threats = [{"name": "EICAR-Test-File (not a virus)"}] if result == "THREATS_FOUND" else None
    place = {"bucketName": upload.bucket, "objectKey": upload.key, "eTag": "x", "versionId": upload.version}
    return _event(
        "aws.guardduty",
        "GuardDuty Malware Protection Object Scan Result",
        {
            "schemaVersion": "1.0",
            "scanStatus": "COMPLETED",
            "resourceType": "S3_OBJECT",
            "s3ObjectDetails": {**place, "s3Throttled": False},
            "scanResultDetails": {"scanResultStatus": result, "threats": threats},
        },
    )


def deletion_event(upload: Upload, **changes: str) -> Json:
    """As S3 sends it to EventBridge."""
    return _event(
        "aws.s3",
        "Object Deleted",
        {
            "version": "0",
            "bucket": {"name": upload.bucket},
            "object": {"key": upload.key, "version-id": upload.version, "sequencer": "0066"},
            "request-id": "D82B88E5F771F645",
            "requester": ACCOUNT,
            "source-ip-address": "203.0.113.9",
            "reason": "DeleteObject",
            "deletion-type": "Permanently Deleted",
            **changes,
        },
    )


def _event(source: str, detail_type: str, detail: Json) -> Json:
    return {
        "version": "0",
        "id": "7f4c1d1e-0000-4000-8000-000000000000",
        "detail-type": detail_type,
        "source": source,
        "account": ACCOUNT,
        "time": "2026-11-22T12:00:00Z",
        "region": REGION,
        "resources": [],
        "detail": detail,
    }


def textract_news(upload: Upload, job: str = "job-1", **changes: str) -> Json:
    """As Textract tells its topic, delivered raw."""
    return {
        "JobId": job,
        "Status": "SUCCEEDED",
        "API": "StartDocumentAnalysis",
        "JobTag": upload.digest,
        "Timestamp": 1795348800000,
        "DocumentLocation": {"S3ObjectName": upload.key, "S3Bucket": upload.bucket},
        **changes,
    }


def line(text: str, page: int = 1, confidence: float = 99.0) -> Json:
    """A line as Textract gives it."""
    box = {"Left": 0.1, "Top": 0.2, "Width": 0.3, "Height": 0.04}
    return {
        "Id": f"line-{page}-{text}",
        "BlockType": "LINE",
        "Text": text,
        "Page": page,
        "Confidence": confidence,
        "Geometry": {"BoundingBox": box},
    }


def analysis(*blocks: Json, pages: int = 1) -> Json:
    """What AnalyzeDocument answers."""
    return {"Blocks": list(blocks), "DocumentMetadata": {"Pages": pages}, "AnalyzeDocumentModelVersion": "1.0"}


def result(*blocks: Json, status: str = "SUCCEEDED", more: str | None = None) -> Json:
    """What GetDocumentAnalysis answers."""
    token = {"NextToken": more} if more else {}
    return {**analysis(*blocks, pages=2), "JobStatus": status, **token}


def described(outputs: object) -> dict[str, Json]:
    """A status' outputs by the last part of their keys."""
    return {item["key"].rpartition("/")[2]: item for item in cast("list[Json]", outputs)}
