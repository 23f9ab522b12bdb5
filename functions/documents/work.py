"""What is done with an upload once the scanner has spoken: opened or not, converted, read, and ended in a record.

Nothing of the upload is opened that the scanner has not called clean, and nothing that another side received. What is
wrong with a file ends in its record; only what AWS fails to do for now is raised, so that the message returns.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from functions.documents import conversion, kinds, lineage, texting
from functions.documents.conversion import Conversion
from functions.documents.desk import Call, Desk
from functions.documents.endings import first_of, repeat, settle
from functions.documents.events import Scanned, ScanResult, Upload
from functions.documents.faults import ConflictError, GoneError
from functions.documents.kinds import Kind
from functions.documents.lineage import Source
from functions.documents.outcomes import Ending, Outcome
from functions.documents.reader import SYNC_BYTES
from functions.documents.records import UNSCANNED
from functions.documents.refusals import Refusal, RefusedError
from functions.documents.status import Output, State, Status
from functions.documents.store import Held

_UNCLEAN = {
    ScanResult.INFECTED: (Refusal.INFECTED, "the malware scan found a threat"),
    ScanResult.UNSUPPORTED: (Refusal.UNSUPPORTED, "the malware scan cannot open this kind of file"),
}
_UNJUDGED = "the malware scan came to no verdict: have the upload scanned again"


@dataclass(frozen=True, kw_only=True)
class _Opened:
    """A file that was read and told apart."""

    source: Source
    kind: Kind
    data: bytes


def take(desk: Desk, call: Call, scanned: Scanned) -> Outcome:
    """Do what a scan result asks for, whatever was done before. Raises TransientError, MisroutedError."""
    upload = scanned.upload
    desk.check(upload)
    started = desk.now()
    clean = scanned.result is ScanResult.CLEAN
    size = 0
    if clean:
        try:
            head = desk.store.head(upload)
        except GoneError:
            return Outcome(ending=Ending.GONE, digest=upload.digest)
        if head.replica:
            return Outcome(ending=Ending.REPLICA, digest=upload.digest)
        size = head.size
    held = desk.store.record(upload)
    if held and held.record.status.source.bucket != upload.bucket:
        # The other side's record, which came here by replication: an unclean upload's own origin cannot be asked.
        return Outcome(ending=Ending.REPLICA, digest=upload.digest)
    judged = clean or scanned.result in _UNCLEAN
    if held and not (held.record.undecided and judged):
        return _again(desk, call, upload, held)
    blank = _blank(scanned, size, started)
    if not clean:
        return settle(desk, call, upload, _unclean(desk, scanned.result, blank), held)
    return _convert(desk, call, upload, blank, held)


def _blank(scanned: Scanned, size: int, started: datetime) -> Status:
    """A status that knows as much as the event says."""
    upload = scanned.upload
    return Status(
        state=State.CONVERTED,
        source=Source(bucket=upload.bucket, key=upload.key, version=upload.version, sha256="", size=size),
        started=started,
        ended=started,
        scan_result=scanned.result,
        tools=lineage.tools(),
    )


def _unclean(desk: Desk, result: ScanResult, blank: Status) -> Status:
    if result in _UNCLEAN:
        return refused(desk, blank, RefusedError(*_UNCLEAN[result]))
    return replace(blank, state=State.FAILED, reason_code=UNSCANNED, reason=_UNJUDGED, ended=desk.now())


def refused(desk: Desk, status: Status, error: RefusedError) -> Status:
    """The same status, refused now."""
    return replace(status, state=State.REFUSED, reason_code=error.code, reason=error.words, ended=desk.now())


def _again(desk: Desk, call: Call, upload: Upload, held: Held) -> Outcome:
    if held.record.pending:
        return texting.begin(desk, call, upload, held)
    return repeat(desk, call, upload, held)


def _convert(desk: Desk, call: Call, upload: Upload, status: Status, held: Held | None) -> Outcome:
    limits = desk.settings.limits
    try:
        limits.check_bytes(status.source.size)
        data = desk.store.read(upload)
        source = replace(status.source, sha256=lineage.sha256(data))
        status = replace(status, source=source)
        opened = _Opened(source=source, kind=kinds.sniff(data), data=data)
        status = replace(status, kind=opened.kind)
        made = conversion.convert(data, opened.kind, limits, desk.settings.image_formats)
        outputs = _put_pictures(desk, opened, made)
        status = replace(status, outputs=outputs, pages=made.pages, flags=made.flags)
        if opened.kind in desk.settings.text_kinds:
            if _as_job(opened, made.pages):
                return _wait_for_text(desk, call, upload, status, held)
            status = texting.at_once(desk, upload, status)
    except RefusedError as error:
        return settle(desk, call, upload, refused(desk, status, error), held)
    except GoneError:
        return Outcome(ending=Ending.GONE, digest=upload.digest)
    return settle(desk, call, upload, replace(status, ended=desk.now()), held)


def _put_pictures(desk: Desk, opened: _Opened, made: Conversion) -> tuple[Output, ...]:
    source = opened.source
    outputs = (
        (
            picture.data,
            Output(
                key=lineage.image_key(source.key, source.version, picture.name),
                sha256=lineage.sha256(picture.data),
                size=len(picture.data),
                media_type=picture.media_type,
                width=picture.width,
                height=picture.height,
            ),
        )
        for picture in made.pictures
    )
    return tuple(desk.store.put_output(source, output, data) for data, output in outputs)


def _as_job(opened: _Opened, pages: int) -> bool:
    """Whether it is read as a job: many pages, and one page of a PDF or TIFF that is too large to be read at once."""
    return pages > 1 or (opened.source.size > SYNC_BYTES and opened.kind in (Kind.PDF, Kind.TIFF))


def _wait_for_text(desk: Desk, call: Call, upload: Upload, status: Status, held: Held | None) -> Outcome:
    """Write down what there is so far, then begin the job: whenever its completion comes, it finds the record."""
    try:
        pending = desk.store.put_record(upload, texting.pending(status, call), held)
    except ConflictError:
        return _again(desk, call, upload, first_of(desk, upload))
    return texting.begin(desk, call, upload, pending)
