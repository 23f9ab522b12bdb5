"""What `sandbox upload` says in the end: what came out, where it was copied to, or why not. Pure but for printing."""

from __future__ import annotations

from collections.abc import Iterator

from ops.sandbox.physics.functions.textract import MODEL
from ops.sandbox.uploads.upload import CONVERTED, UPLOADS, Object, Upload


def lines(upload: Upload) -> Iterator[str]:
    """An upload that has ended, for people."""
    status, side = upload.status, upload.side
    yield f"{upload.cell} {side.name} ({side.region}): {upload.key}, {upload.size:,} bytes, version {upload.version}"
    pages = f", {_many(status['pages'], 'page')}" if status.get("pages") else ""
    what = f"{status.get('kind') or 'not opened'}{pages}, scanned {upload.scan}, {upload.seconds:.1f} s"
    yield f"  {upload.state}: {what}"
    if upload.state != CONVERTED:
        yield f"  why: {status['reason_code']}: {status['reason']}"
    yield from (f"  flag: {flag}" for flag in status.get("flags", ()))
    for item in upload.objects:
        yield f"  {item.size:>11,}  {item.media_type:<25}  {_copied(upload, item):<15}  {item.key}"
    yield f"  in {side.buckets[UPLOADS]} and {side.buckets['derived']}"
    if upload.other:
        buckets = upload.other.buckets
        yield f"  copied to {upload.other.region}: {buckets[UPLOADS]} and {buckets['derived']}"
    if upload.has_text:
        yield f"  text: {MODEL}"


def late(upload: Upload) -> Iterator[str]:
    """What to look at for an upload that has not come to its end in time."""
    yield f"{upload.cell} {upload.side.name}: {upload.key} has not come to its end within {upload.seconds:.0f} s"
    look = "python -m ops sandbox env " + upload.cell
    if not upload.scan:
        yield (
            "  it was not scanned: its region may be dark, or the cell's clock held by a drill; "
            f"look at its tags with '{look}' and the AWS command line"
        )
    elif not upload.ended:
        state = "its text was not read" if upload.state else "nothing was written of it"
        yield (
            f"  scanned {upload.scan}, and then {state}: look at the queues medical-{upload.cell}-*-documents-* for "
            f"what waits there, at their dead letters, and at the functions' log groups; '{look}' says how"
        )
    else:
        yield f"  {upload.state}, and not yet copied to {upload.other.region if upload.other else 'anywhere'}:"
        yield from (f"    {item.key}" for item in upload.objects if item.copied is False)
        yield "  a few objects in a hundred take minutes; replication waits while a region is dark"


def _copied(upload: Upload, item: Object) -> str:
    if upload.other is None:
        return "no other side"
    return "copied" if item.copied else "not copied yet"


def _many(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
