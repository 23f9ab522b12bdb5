"""A document's text: read at once, or as a job that is begun here and finished by whoever hears of its end first.

A job's end is told by Textract's topic (`completion`). Should that be lost, our own reminder finds out: it comes back
as long as the job runs, and each time makes the delay known.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from functions.documents import lineage, texts
from functions.documents.desk import Call, Desk
from functions.documents.endings import repeat, settle
from functions.documents.events import Reminder, Upload
from functions.documents.notices import REMIND_SECONDS
from functions.documents.outcomes import Ending, Outcome
from functions.documents.reader import SYNC_BYTES, Progress, Reading
from functions.documents.records import Record
from functions.documents.refusals import Refusal, RefusedError
from functions.documents.status import Output, State, Status
from functions.documents.store import Held

TEXT_FAILED: Final = "text-failed"
"""Reason code of a document whose job failed without saying why; as a flag, of a picture that has all but its text."""
TEXT_PARTIAL: Final = "text-partial"
_MEDIA_TYPES: Final = {"text.txt": "text/plain; charset=utf-8", "layout.json": "application/json"}
_NO_REASON: Final = "Textract gave up on the document and does not say why"


def at_once(desk: Desk, upload: Upload, status: Status) -> Status:
    """The status with the text of a single page. Raises RefusedError if text was all there is to get."""
    if status.source.size > SYNC_BYTES:
        words = f"Textract reads pictures of at most {SYNC_BYTES} bytes"
        return _without_text(status, RefusedError(Refusal.OVERSIZED, words))
    try:
        reading = desk.reader.read_page(upload)
    except RefusedError as error:
        return _without_text(status, error)
    return _with_text(desk, status, reading)


def pending(status: Status, call: Call) -> Record:
    """The record of a document whose text is still to come."""
    return Record(status=status, pending=True, until=call.until)


def begin(desk: Desk, call: Call, upload: Upload, held: Held) -> Outcome:
    """Begin the job of a pending record, or find the one that was begun: the same version is the same job."""
    try:
        job = desk.reader.start(upload)
    except RefusedError as error:
        return _end(desk, call, upload, held, error)
    desk.notices.remind(call.queue_arn, Reminder(upload=upload, job=job).to_json())
    return _pending(desk, upload, held)


def look(desk: Desk, call: Call, reminder: Reminder) -> Outcome:
    """A reminder came: finish a job whose completion was lost, or wait on. Raises TransientError, MisroutedError."""
    upload = reminder.upload
    desk.check(upload)
    held = desk.store.record(upload)
    if held is None:
        return Outcome(ending=Ending.GONE, digest=upload.digest)
    return finish(desk, call, upload, held, reminder)


def finish(desk: Desk, call: Call, upload: Upload, held: Held, reminder: Reminder) -> Outcome:
    """Write the text of a job that has ended; look again later if it has not."""
    if not held.record.pending:
        return repeat(desk, call, upload, held)
    overdue = _overdue(desk, held)
    reading = desk.reader.result(reminder.job)
    if reading.progress is Progress.RUNNING:
        desk.notices.remind(call.queue_arn, reminder.to_json())
        return _pending(desk, upload, held)
    status = held.record.status
    if reading.progress is Progress.FAILED:
        return replace(_end(desk, call, upload, held, None), overdue=overdue)
    status = replace(_with_text(desk, status, reading), ended=desk.now())
    return replace(settle(desk, call, upload, status, held), overdue=overdue)


def _pending(desk: Desk, upload: Upload, held: Held) -> Outcome:
    kind = held.record.status.kind
    return Outcome(
        ending=Ending.PENDING,
        digest=upload.digest,
        kind=kind.value if kind else None,
        overdue=_overdue(desk, held),
    )


def _overdue(desk: Desk, held: Held) -> float | None:
    """Seconds that a text has been awaited, if that is longer than a reminder takes; else None."""
    seconds = (desk.now() - held.record.status.started).total_seconds()
    return seconds if seconds >= REMIND_SECONDS else None


def _end(desk: Desk, call: Call, upload: Upload, held: Held, error: RefusedError | None) -> Outcome:
    """End a pending record without text: refused with `error`, failed without one, converted if it has pictures."""
    status = replace(held.record.status, ended=desk.now())
    try:
        status = _without_text(status, error)
    except RefusedError as refusal:
        status = replace(status, state=State.REFUSED, reason_code=refusal.code, reason=refusal.words)
    return settle(desk, call, upload, status, held)


def _without_text(status: Status, error: RefusedError | None) -> Status:
    """A status that stays without text. Raises `error` if there are no pictures that are worth having by themselves."""
    if status.outputs:
        flag = f"text-{error.code}" if error else TEXT_FAILED
        return replace(status, flags=(*status.flags, flag))
    if error:
        raise error
    return replace(status, state=State.FAILED, reason_code=TEXT_FAILED, reason=_NO_REASON)


def _with_text(desk: Desk, status: Status, reading: Reading) -> Status:
    """Write text and layout; give the status that names them."""
    partial = reading.progress is Progress.PARTIAL
    pages = status.pages or 1
    text = texts.extract(reading.blocks, pages=pages, model=reading.model, partial=partial)
    outputs = tuple(
        desk.store.put_output(status.source, _output(status, name, data, pages), data)
        for name, data in (("text.txt", text.text), ("layout.json", text.layout))
    )
    flags = (*status.flags, TEXT_PARTIAL) if partial else status.flags
    return replace(status, outputs=(*status.outputs, *outputs), flags=flags)


def _output(status: Status, name: str, data: bytes, pages: int) -> Output:
    return Output(
        key=lineage.text_key(status.source.key, status.source.version, name),
        sha256=lineage.sha256(data),
        size=len(data),
        media_type=_MEDIA_TYPES[name],
        pages=pages,
    )
