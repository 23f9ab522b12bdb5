"""What the run's client has seen, and whether its markers are found again. Asks no API of AWS.

A marker counts as acknowledged once its row was. What a visit of long ago saw says nothing of now: without a visit in
the last few intervals there is no data.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final

from domain import markers
from domain.budget import OBJECTS_SECONDS
from ops.drill.context import Try
from ops.drill.model import Observation
from ops.drill.probes.routing import DRILL
from ops.drill.site import Site

STALE_INTERVALS: Final = 3
"""Marker intervals after which the last visit says nothing of now."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """The markers of a run that one side has: SHA-256 by number, as rows and as objects."""

    rows: Mapping[str, str]
    objects: Mapping[str, str]


def markers_flow(tries: Sequence[Try], now: datetime, every_seconds: int, count: int) -> Observation:
    """Whether at least `count` markers were acknowledged as row and object, the last of them lately."""
    if not tries:
        return _nothing_tried()
    whole = [seen for seen in tries if seen.row and seen.object]
    text = f"{len(whole)} of {count} markers acknowledged as row and object"
    values = {"markers": len(whole)}
    if not whole:
        return Observation(holds=False, text=f"{text}; last: {tries[-1].text or 'not acknowledged'}", values=values)
    age = (now - whole[-1].at).total_seconds()
    lately = age <= STALE_INTERVALS * every_seconds
    return Observation(holds=len(whole) >= count and lately, text=f"{text}, the last {age:.0f} s ago", values=values)


def home_lost(tries: Sequence[Try], home: str, failures: int) -> Observation:
    """Whether the client's last tries at home's load balancer, as many as `failures`, all failed."""
    at_home = [seen for seen in tries if seen.address == home]
    if not at_home:
        return Observation(holds=None, text="the client has tried nothing at home")
    failed = 0
    for seen in reversed(at_home):
        if seen.read:
            break
        failed += 1
    text = f"the last {failed} tries at home failed, of {failures}"
    if failed and at_home[-1].text:
        text += f": {at_home[-1].text}"
    return Observation(holds=failed >= failures, text=text, values={"failed": failed})


def served(tries: Sequence[Try], now: datetime, every_seconds: int, side: str, *, write: bool) -> Observation:
    """Whether the client's last visit, led by DNS, was read for (or its marker taken) by `side`."""
    if not tries:
        return _nothing_tried()
    last = tries[-1]
    age = (now - last.at).total_seconds()
    if age > STALE_INTERVALS * every_seconds:
        return Observation(holds=None, text=f"the client's last visit was {age:.0f} s ago, which says nothing of now")
    done = last.row if write else last.read
    what = "marker was taken" if write else "read was served"
    who = last.side or "nobody"
    text = f"the last {what} by {who}" if done else f"no {what.partition(' ')[0]}, last: {last.text or who}"
    return Observation(holds=done and last.side == side, text=text, values={"marker": last.number, "side": last.side})


def drained(tries: Sequence[Try], now: datetime, side: str, seconds: int) -> Observation:
    """Whether `side` has acknowledged no marker for `seconds`, while the client went on trying."""
    began = now - timedelta(seconds=seconds)
    lately = [seen for seen in tries if seen.at > began]
    if not lately:
        return Observation(holds=None, text=f"the client has tried nothing for {seconds} s")
    taken = [seen for seen in lately if seen.row and seen.side == side]
    text = f"{side} took {len(taken)} markers in the last {seconds} s, of {len(lately)} tries"
    return Observation(holds=not taken, text=text, values={"taken": len(taken), "tries": len(lately)})


def ask(site: Site, load_balancer: str, run: str) -> Found | str:
    """The markers that the side behind the load balancer has, or why it does not say.

    An answer tells of the markers of some 20 minutes, and where the next ones begin.

    Raises:
        UnreachableError: nobody answered.
    """
    rows: dict[str, str] = {}
    objects: dict[str, str] = {}
    start: int | None = 1
    while start is not None:
        path = markers.path(run) if start == 1 else f"{markers.path(run)}?from={start}"
        reply = site.send(DRILL, load_balancer, "GET", path)
        some, others = reply.body.get("rows"), reply.body.get("objects")
        if reply.status != HTTPStatus.OK or not isinstance(some, dict) or not isinstance(others, dict):
            why = f"HTTP {reply.status} {reply.body.get('error', '')}"
            return f"{load_balancer} does not tell of its markers: {why}".strip()
        rows |= some
        objects |= others
        following = reply.body.get("next")
        if following is not None and (not isinstance(following, int) or following <= start):
            return f"{load_balancer} does not tell of all its markers: after {start} comes {following!a}"
        start = following
    return Found(rows=rows, objects=objects)


def last_row(acknowledged: Sequence[Try]) -> Try | None:
    """The last visit whose row was acknowledged; None if there was none."""
    return acknowledged[-1] if acknowledged else None


def row_arrived(found: Found | str, run: str, last: Try | None, lag: Observation) -> Observation:
    """Whether the row of the visit `last` is there, said beside what the `lag` is."""
    if last is None:
        return Observation(holds=None, text=f"{lag.text}; no row was acknowledged by which that could be proven")
    if isinstance(found, str):
        return Observation(holds=None, text=found)
    missing = _missing(run, [last], found.rows)
    text = f"{lag.text}; the last row acknowledged, {last.number}, {'has not arrived' if missing else 'has arrived'}"
    return Observation(holds=not missing, text=text, values=lag.values)


def markers_found(found: Found | str, run: str, acknowledged: Sequence[Try], most_seconds: int) -> Observation:
    """Whether every marker of `acknowledged` is there, as row and as object, but for `most_seconds` of writing.

    Where that is 0, no object may lack either. Otherwise objects may lack that S3 had 15 minutes for
    (`domain.budget.OBJECTS_SECONDS`): no target is held against them, but that bound.
    """
    if isinstance(found, str):
        return Observation(holds=None, text=found)
    if not acknowledged:
        return Observation(holds=None, text="no marker was acknowledged, so there is none to be found")
    with_object = [seen for seen in acknowledged if seen.object]
    rows = _missing(run, acknowledged, found.rows)
    objects = _missing(run, with_object, found.objects)
    rows_seconds, objects_seconds = _writing(acknowledged, rows), _writing(with_object, objects)
    values = {
        "rows": len(acknowledged) - len(rows),
        "rows_lost": len(rows),
        "rows_lost_seconds": rows_seconds,
        "rows_sha256": markers.total(found.rows),
        "objects": len(with_object) - len(objects),
        "objects_lost": len(objects),
        "objects_lost_seconds": objects_seconds,
        "objects_sha256": markers.total(found.objects),
    }
    text = (
        f"rows: {len(rows)} of {len(acknowledged)} missing, {rows_seconds:.0f} s of writing; "
        f"objects: {len(objects)} of {len(with_object)} missing, {objects_seconds:.0f} s"
    )
    holds = rows_seconds <= most_seconds and objects_seconds <= (OBJECTS_SECONDS if most_seconds else 0)
    holds = holds and (bool(most_seconds) or not (rows or objects))
    return Observation(holds=holds, text=text, values=values)


def stores_agree(home: Found | str, recovery: Found | str, tries: Sequence[Try]) -> Observation:
    """Whether rows and objects of the run are the same on both sides, by count and checksum.

    What the present writer has taken since the other side took its last is left aside: that copies from now on only
    where a replica follows.
    """
    unknown = [found for found in (home, recovery) if isinstance(found, str)]
    if isinstance(home, str) or isinstance(recovery, str):
        return Observation(holds=None, text="; ".join(unknown))
    last = _last_of_both(tries)
    sums = [
        (len(kept), markers.total(kept))
        for found in (home, recovery)
        for kept in (_until(found.rows, last), _until(found.objects, last))
    ]
    (home_rows, home_objects, rows, objects) = sums
    if not any(count for count, _ in sums):
        return Observation(holds=None, text="neither side has a marker of the run")
    text = f"rows: {home_rows[0]} at home and {rows[0]} in recovery; objects: {home_objects[0]} and {objects[0]}"
    agree = home_rows == rows and home_objects == objects
    values = {
        "rows_home": home_rows[0],
        "rows_recovery": rows[0],
        "objects_home": home_objects[0],
        "objects_recovery": objects[0],
        "rows_sha256": home_rows[1],
        "objects_sha256": home_objects[1],
    }
    return Observation(holds=agree, text=text + ("" if agree else "; they differ"), values=values)


def _missing(run: str, acknowledged: Collection[Try], found: Mapping[str, str]) -> list[Try]:
    """Those that are not found, or found with another content."""
    return [
        seen
        for seen in acknowledged
        if found.get(str(seen.number)) != markers.checksum(markers.content(run, seen.number))
    ]


def _writing(acknowledged: Sequence[Try], missing: Sequence[Try]) -> float:
    """How many seconds of writing are missing: from the last marker found before the first gap to the last missing."""
    if not missing:
        return 0.0
    gone = {seen.number for seen in missing}
    before = [seen.at for seen in acknowledged if seen.at <= missing[0].at and seen.number not in gone]
    return (missing[-1].at - (before[-1] if before else missing[0].at)).total_seconds()


def _last_of_both(tries: Sequence[Try]) -> int | None:
    """The last marker that was taken by another side than the present writer; None if one side took all."""
    taken = [seen for seen in tries if seen.row]
    others = [seen.number for seen in taken if seen.side != taken[-1].side]
    return others[-1] if others else None


def _until(found: Mapping[str, str], last: int | None) -> dict[str, str]:
    return {number: sha256 for number, sha256 in found.items() if last is None or int(number) <= last}


def _nothing_tried() -> Observation:
    return Observation(holds=None, text="the client has tried nothing yet")
