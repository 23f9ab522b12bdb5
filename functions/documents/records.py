"""The status object as the shell keeps it: with whether its text is still to come, and its news are out. Pure.

The record is what makes the work idempotent, so there is no table beside it. It is only ever written on a condition:
made if there is none, changed if it is still what was read. Whoever loses reads again.

Applications read the same object: `state` is `pending` until the text of a document of many pages has come; `ended` is
then null. `news` is ours: `due` until a moment at which the attempt that publishes is surely over, then `made` or
`failed`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from functions.documents.status import State, Status

PENDING: Final = "pending"
UNSCANNED: Final = "unscanned"
"""Reason code of what the scanner has not judged: the one ending that a later scan may change."""


class News(StrEnum):
    """How far the event on the journey's topic has come."""

    DUE = "due"
    MADE = "made"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class Record:
    """A status that stands in the derived bucket. While `pending`, `status` holds what there is so far.

    `until`: while news are due, the end of the attempt that publishes them; nobody else may before.
    """

    status: Status
    pending: bool = False
    news: News = News.DUE
    until: datetime

    @property
    def undecided(self) -> bool:
        """True if the scanner gave no verdict: a verdict that comes later counts."""
        return self.status.reason_code == UNSCANNED

    def may_publish(self, now: datetime) -> bool:
        """Whether news are owed, and nobody can be publishing them at this moment."""
        return self.news is News.FAILED or (self.news is News.DUE and now >= self.until)

    def told(self, news: News, until: datetime | None = None) -> Record:
        """The same with other news."""
        return replace(self, news=news, until=until or self.until)

    def to_json(self) -> bytes:
        """UTF-8 JSON: the status' own, with what is ours."""
        content = json.loads(self.status.to_json())
        if self.pending:
            content |= {"state": PENDING, "ended": None}
        content["news"] = {"state": self.news, "until": self.until.isoformat()}
        return json.dumps(content, sort_keys=True, indent=2, ensure_ascii=False).encode() + b"\n"

    @classmethod
    def from_json(cls, data: bytes) -> Record:
        """The reverse. Raises ValueError if it is no record."""
        try:
            content = json.loads(data)
            news = content.pop("news")
            pending = content["state"] == PENDING
            if pending:
                content |= {"state": State.CONVERTED, "ended": content["started"]}
            return cls(
                status=Status.from_json(json.dumps(content).encode()),
                pending=pending,
                news=News(news["state"]),
                until=datetime.fromisoformat(news["until"]),
            )
        except (AttributeError, KeyError, TypeError) as problem:
            raise ValueError(f"this is no record: {problem}") from problem
