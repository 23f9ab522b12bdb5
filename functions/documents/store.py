"""The objects of one side: uploads are read, derivatives written and, for an erasure, removed; the audit record kept.

The original is never written to. Everything that is written has a condition: a first writer wins, and who comes second
learns what stands. Says nothing of what to write, nor when.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from functions.documents import lineage
from functions.documents.events import Upload
from functions.documents.faults import ConflictError, GoneError, TransientError, aws_errors
from functions.documents.lineage import Source
from functions.documents.records import Record
from functions.documents.settings import Settings
from functions.documents.status import Output

_JSON: Final = "application/json"
_REPLICA: Final = "REPLICA"
_BATCH: Final = 1000  # the most that DeleteObjects takes


@dataclass(frozen=True, kw_only=True)
class Head:
    """What S3 tells of an upload without opening it. `replica`: it was uploaded to the other side."""

    size: int
    replica: bool


@dataclass(frozen=True, kw_only=True)
class Held:
    """An object's content as it stood when it was read, with the ETag that a change of it must name."""

    record: Record
    etag: str


@dataclass(frozen=True, kw_only=True)
class ObjectVersion:
    """One version of a derived object, or one delete marker."""

    key: str
    version: str
    marker: bool


class Store:
    """The three buckets. All methods raise TransientError if S3 fails."""

    def __init__(self, client: Any, settings: Settings) -> None:  # noqa: ANN401 - boto3's clients have no static type
        """Use a client of S3."""
        self._s3 = client
        self._settings = settings

    def head(self, upload: Upload) -> Head:
        """Size and origin. Raises GoneError."""
        with aws_errors():
            found = self._s3.head_object(Bucket=upload.bucket, Key=upload.key, VersionId=upload.version)
        return Head(size=found["ContentLength"], replica=found.get("ReplicationStatus") == _REPLICA)

    def read(self, upload: Upload) -> bytes:
        """The whole content: ask for its size first. Raises GoneError."""
        with aws_errors():
            found = self._s3.get_object(Bucket=upload.bucket, Key=upload.key, VersionId=upload.version)
            return found["Body"].read()

    def put_output(self, source: Source, output: Output, data: bytes) -> Output:
        """Write a derivative unless it stands already; give what stands.

        An earlier attempt may have ended after this one, made by other tools: then its bytes stay, and are described.
        """
        metadata = {
            **lineage.object_metadata(source),
            "output-sha256": output.sha256,
            "output-width": str(output.width or ""),
            "output-height": str(output.height or ""),
            "output-pages": str(output.pages or ""),
        }
        try:
            self._put(self._settings.derived, output.key, data, output.media_type, {"IfNoneMatch": "*"}, metadata)
        except ConflictError:
            return self._standing(output)
        return output

    def _standing(self, output: Output) -> Output:
        """The description of the output that was there before ours."""
        try:
            with aws_errors():
                found = self._s3.head_object(Bucket=self._settings.derived, Key=output.key)
        except GoneError:
            raise TransientError("OutputRemoved") from None
        said: Mapping[str, str] = found["Metadata"]
        return Output(
            key=output.key,
            sha256=said["output-sha256"],
            size=found["ContentLength"],
            media_type=found["ContentType"],
            width=_number(said["output-width"]),
            height=_number(said["output-height"]),
            pages=_number(said["output-pages"]),
        )

    def record(self, upload: Upload) -> Held | None:
        """The record of an upload's version, if there is one."""
        try:
            data, etag = self._get(self._settings.derived, lineage.status_key(upload.key, upload.version))
        except GoneError:
            return None
        return Held(record=Record.from_json(data), etag=etag)

    def put_record(self, upload: Upload, record: Record, held: Held | None) -> Held:
        """Make the record, or change the one that was `held`.

        Raises ConflictError if it stands already or has changed, GoneError if it was to be changed and is gone.
        """
        key = lineage.status_key(upload.key, upload.version)
        metadata = lineage.object_metadata(record.status.source)
        etag = self._put(
            self._settings.derived, key, record.to_json(), _JSON, _condition(held.etag if held else None), metadata
        )
        return Held(record=record, etag=etag)

    def find(self, bucket: str, key: str, digest: str) -> Upload | None:
        """The version of an upload that has a record and this digest: Textract names no version."""
        prefix = lineage.status_key(key, "-").removesuffix("-.json")
        # With the delimiter, records of other uploads whose keys go on after a slash are left out.
        pages = self._s3.get_paginator("list_objects_v2").paginate(
            Bucket=self._settings.derived, Prefix=prefix, Delimiter="/"
        )
        with aws_errors():
            names = [item["Key"] for page in pages for item in page.get("Contents", [])]
        uploads = (Upload(bucket=bucket, key=key, version=_version(name, prefix)) for name in names)
        return next((upload for upload in uploads if upload.digest == digest), None)

    def versions(self, keys: Iterable[str]) -> list[ObjectVersion]:
        """Every version and delete marker of these derived keys."""
        with aws_errors():
            return [version for key in keys for version in self._versions(key)]

    def _versions(self, key: str) -> Generator[ObjectVersion]:
        pages = self._s3.get_paginator("list_object_versions").paginate(Bucket=self._settings.derived, Prefix=key)
        for page in pages:
            for kind, marker in (("Versions", False), ("DeleteMarkers", True)):
                found = [item for item in page.get(kind, []) if item["Key"] == key]
                yield from (ObjectVersion(key=key, version=item["VersionId"], marker=marker) for item in found)

    def remove(self, versions: list[ObjectVersion]) -> None:
        """Remove for good. Raises TransientError if S3 keeps any of them, as it does under a lock."""
        for first in range(0, len(versions), _BATCH):
            batch = [{"Key": item.key, "VersionId": item.version} for item in versions[first : first + _BATCH]]
            with aws_errors():
                answer = self._s3.delete_objects(
                    Bucket=self._settings.derived, Delete={"Objects": batch, "Quiet": True}
                )
            if errors := answer.get("Errors"):
                raise TransientError(f"NotRemoved{errors[0]['Code']}")

    def audit(self, key: str) -> tuple[bytes, str] | None:
        """An audit record and its ETag, if there is one."""
        try:
            return self._get(self._settings.audit, key)
        except GoneError:
            return None

    def put_audit(self, key: str, data: bytes, etag: str | None) -> str:
        """Make an audit record, or write the next version of the one with `etag`. Raises ConflictError."""
        return self._put(self._settings.audit, key, data, _JSON, _condition(etag), {})

    def _get(self, bucket: str, key: str) -> tuple[bytes, str]:
        with aws_errors():
            found = self._s3.get_object(Bucket=bucket, Key=key)
            return found["Body"].read(), found["ETag"]

    def _put(
        self,
        bucket: str,
        key: str,
        data: bytes,
        media_type: str,
        condition: Mapping[str, str],
        metadata: Mapping[str, str],
    ) -> str:
        arguments: dict[str, Any] = {
            "ContentType": media_type,
            "Metadata": dict(metadata),
            "ServerSideEncryption": "aws:kms",
            "SSEKMSKeyId": self._settings.key_arn,
            "BucketKeyEnabled": True,
            **condition,
        }
        with aws_errors():
            return self._s3.put_object(Bucket=bucket, Key=key, Body=data, **arguments)["ETag"]


def _condition(etag: str | None) -> dict[str, str]:
    return {"IfNoneMatch": "*"} if etag is None else {"IfMatch": etag}


def _number(text: str) -> int | None:
    return int(text) if text else None


def _version(name: str, prefix: str) -> str:
    return name.removeprefix(prefix).removesuffix(".json")
