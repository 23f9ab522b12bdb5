"""What a side's documents are made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from components.documents.tasks import Task
from components.package import Package
from components.storage.bucket import StoredBucket
from domain import documents
from domain.naming import ROLE, TOPIC, Names


@dataclass(frozen=True, kw_only=True)
class Work:
    """How uploads are converted: see the settings of these names.

    `text_features` are what Textract looks for; with none no text is read.
    """

    package: Package
    memory_mib: int
    concurrency: int
    formats: tuple[str, ...]
    text_features: tuple[str, ...]
    max_mib: int
    log_days: int


@dataclass(frozen=True, kw_only=True)
class DocumentsArgs:
    """The side, its buckets by role, its topics by journey, and the work."""

    names: Names
    account_id: str
    boundary_arn: pulumi.Input[str]
    region: str
    key_arn: pulumi.Input[str]
    buckets: Mapping[str, StoredBucket]
    topics: Mapping[str, pulumi.Input[str]]
    operations_topic: pulumi.Input[str]
    work: Work

    @property
    def reads_text(self) -> bool:
        """Whether text is read on this side."""
        return bool(self.work.text_features) and documents.reads_text(self.region)

    @property
    def text(self) -> str:
        """In words, whether text is read and if not, why."""
        if self.reads_text:
            return f"read by Textract, with {', '.join(self.work.text_features)}"
        if self.work.text_features:
            return f"off: Textract is not in {self.region} ({documents.AS_OF}), and no document may leave"
        return "off: documentsTextFeatures is empty"

    def name_of(self, task: Task) -> str:
        """The physical name of a function and of its role."""
        return self.names.of(f"documents-{task.name}", ROLE)

    def queue_of(self, task: Task) -> str:
        """The physical name of a function's queue."""
        return self.names.of(f"documents-{task.name}", TOPIC)

    def arn(self, service: str, rest: str) -> str:
        """The ARN of something of this side, known before it stands."""
        return f"arn:aws:{service}:{self.region}:{self.account_id}:{rest}"
