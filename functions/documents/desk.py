"""What every piece of work needs at hand: settings, clients behind their thin classes, the time."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Final

import boto3
from botocore.config import Config

from functions.documents import settings as environment
from functions.documents.events import Upload
from functions.documents.faults import MisroutedError
from functions.documents.notices import Notices
from functions.documents.reader import Reader
from functions.documents.settings import Settings
from functions.documents.store import Store

# Throttling is waited out here for some seconds; what lasts longer is the queue's, which waits for minutes. Textract
# takes up to about half a minute for one page.
_CONFIG: Final = Config(connect_timeout=5, read_timeout=60, retries={"mode": "standard", "total_max_attempts": 5})


@dataclass(frozen=True, kw_only=True)
class Desk:
    """`now`: the time, with its zone."""

    settings: Settings
    store: Store
    reader: Reader
    notices: Notices
    now: Callable[[], datetime]

    def check(self, upload: Upload) -> None:
        """Raises MisroutedError for an upload of another bucket: nothing but this side's uploads is worked on."""
        if upload.bucket != self.settings.uploads:
            raise MisroutedError("not of this side's uploads")


@dataclass(frozen=True, kw_only=True)
class Call:
    """What is true of one call of a function. `until`: when it is surely over; `queue_arn`: what has called."""

    until: datetime
    queue_arn: str


@cache
def desk() -> Desk:
    """The desk of this Lambda, made with the first call. Raises SettingsError."""
    settings = environment.load(os.environ)
    sns, sqs = (boto3.client(service, config=_CONFIG) for service in ("sns", "sqs"))
    return Desk(
        settings=settings,
        store=Store(boto3.client("s3", config=_CONFIG), settings),
        reader=Reader(boto3.client("textract", config=_CONFIG), settings),
        notices=Notices(sns, sqs, settings),
        now=lambda: datetime.now(UTC),
    )
