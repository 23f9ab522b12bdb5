"""The last steps of all work on an upload: the record is written, then its news are published, each once.

News are owed by whoever has written the record: it says until when that attempt may live. If publishing fails, the
record says so and the message returns; if the attempt dies, its time runs out. Only then may another one publish, and
only the one that has changed the record to say that it does. So news come twice only if an attempt dies between the
two: after SNS has taken them, before the record says so.
"""

from __future__ import annotations

from contextlib import suppress

from functions.documents.desk import Call, Desk
from functions.documents.events import Upload
from functions.documents.faults import ConflictError, GoneError, TransientError
from functions.documents.outcomes import Ending, Outcome
from functions.documents.records import News, Record
from functions.documents.status import State, Status
from functions.documents.store import Held

_ENDINGS = {State.CONVERTED: Ending.CONVERTED, State.REFUSED: Ending.REFUSED, State.FAILED: Ending.FAILED}


def settle(desk: Desk, call: Call, upload: Upload, status: Status, held: Held | None) -> Outcome:
    """Write the final record, in the place of `held` if there is one, and publish its news.

    If somebody else was first, theirs stands. Raises TransientError.
    """
    record = Record(status=status, until=call.until)
    try:
        written = desk.store.put_record(upload, record, held)
    except ConflictError:
        return repeat(desk, call, upload, first_of(desk, upload))
    except GoneError:
        return Outcome(ending=Ending.GONE, digest=upload.digest)
    _publish(desk, upload, written)
    kind = status.kind.value if status.kind else None
    return Outcome(ending=_ENDINGS[status.state], digest=upload.digest, code=status.reason_code, kind=kind)


def first_of(desk: Desk, upload: Upload) -> Held:
    """What the one has written who was first. Raises TransientError if it is not to be seen."""
    held = desk.store.record(upload)
    if held is None:
        raise TransientError("RecordInFlux")
    return held


def repeat(desk: Desk, call: Call, upload: Upload, held: Held) -> Outcome:
    """It was done before: see to it that its news are out. Raises TransientError while somebody else may publish."""
    record = held.record
    if record.pending:
        raise TransientError("RecordInFlux")
    if record.news is not News.MADE:
        if not record.may_publish(desk.now()):
            raise TransientError("NewsUnderWay")
        try:
            claimed = desk.store.put_record(upload, record.told(News.DUE, call.until), held)
        except (ConflictError, GoneError):
            raise TransientError("NewsUnderWay") from None
        _publish(desk, upload, claimed)
    return Outcome(ending=Ending.REPEATED, digest=upload.digest)


def _publish(desk: Desk, upload: Upload, held: Held) -> None:
    """Publish, and write down how it went. Nobody else changes the record meanwhile, save an erasure."""
    try:
        desk.notices.publish(upload, held.record.status.state)
    except (TransientError, GoneError) as error:
        # If this fails too, the attempt's time runs out instead.
        with suppress(TransientError, ConflictError, GoneError):
            desk.store.put_record(upload, held.record.told(News.FAILED), held)
        raise TransientError("NewsNotPublished") from error
    with suppress(ConflictError, GoneError):
        desk.store.put_record(upload, held.record.told(News.MADE), held)
