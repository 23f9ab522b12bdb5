"""Lambda entry for the queue of deletions: when a version of an upload is deleted for good, its derivatives go too.

All versions of them, and the record. What stays is an audit record: what was removed, when, at whose request. It names
the upload by the hash of key and version, because the key may hold the name of the person who has asked to be
forgotten; who knows the key can still prove the erasure.

A lifecycle deletes versions that were deleted or replaced before, once their time is over. Their derivatives go with
them: no lifecycle ends those, so what is read off a document would outlive it for ever.

Work on the upload may be under way meanwhile, and write after us. It ends within the longest time that a function may
run, and later work finds neither upload nor record; so we look once more after that time. The functions that open files
need no right to delete anything.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.documents import desk as desks
from functions.documents import events, lineage
from functions.documents.desk import Call, Desk
from functions.documents.entry import lambda_entry, serve
from functions.documents.events import Erasure
from functions.documents.faults import ConflictError, TransientError
from functions.documents.outcomes import Ending, Outcome
from functions.documents.store import ObjectVersion


@lambda_entry
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Work through a batch of the queue of deletions."""
    return serve(event, context, desks.desk(), take)


def take(desk: Desk, call: Call, body: Mapping[str, Any]) -> Outcome:
    """Remove what one message asks for, however often it comes. Raises TransientError, MisroutedError."""
    asked = events.erasure(body)
    if asked is None:
        return Outcome(ending=Ending.NOT_ASKED)
    upload = asked.upload
    desk.check(upload)
    found = desk.store.versions(lineage.output_keys(upload.key, upload.version))
    audit = _Audit(desk, asked)
    # What is to be removed is written down first: an attempt that dies half-way leaves nothing to find out later.
    audit.note(found, done=not found)
    if found:
        desk.store.remove(found)
        audit.note([], done=True)
    if not asked.sweep:
        desk.notices.remind(call.queue_arn, asked.to_json())
    return Outcome(ending=Ending.ERASED, digest=upload.digest)


def audit_key(asked: Erasure) -> str:
    """erasures/<date of the deletion>/<hash of key and version>.json: the same however often the message comes."""
    return f"erasures/{asked.at.date().isoformat()}/{asked.upload.digest}.json"


class _Audit:
    """The audit record of one erasure, as it grows."""

    def __init__(self, desk: Desk, asked: Erasure) -> None:
        self._desk = desk
        self._asked = asked
        self._key = audit_key(asked)
        held = desk.store.audit(self._key)
        self._content: dict[str, Any] | None = json.loads(held[0]) if held else None
        self._etag = held[1] if held else None

    def note(self, found: list[ObjectVersion], *, done: bool) -> None:
        """Add what is removed; `done`: all of it is. Writes only what changes. Raises TransientError."""
        before = self._content
        removed = list(before["removed"]) if before else []
        removed += [item for item in map(_described, found) if item not in removed]
        content: dict[str, Any] = {
            "schema": 1,
            "upload": self._asked.upload.digest,
            "bucket": self._asked.upload.bucket,
            "deleted": self._asked.at.isoformat(),
            "requester": self._asked.requester,
            "reason": self._asked.reason,
            "removed": removed,
            "done": done,
        }
        if before and {**before, "ended": None} == {**content, "ended": None}:
            return
        content["ended"] = self._desk.now().isoformat() if done else None
        data = json.dumps(content, sort_keys=True, indent=2).encode() + b"\n"
        try:
            self._etag = self._desk.store.put_audit(self._key, data, self._etag)
        except ConflictError:
            raise TransientError("AuditUnderWay") from None
        self._content = content


def _described(version: ObjectVersion) -> dict[str, Any]:
    """A removed version by its dataset, the last part of its name and its own id; its key is left out."""
    dataset, _, rest = version.key.partition("/")
    name = "status.json" if dataset == "status" else rest.rpartition("/")[2]
    return {"dataset": dataset, "name": name, "version": version.version, "marker": version.marker}
