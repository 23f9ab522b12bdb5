"""Until when what was read is all that there is. Pure: works on what the files and the trail have told.

A file is proof of what was delivered. Where no file is, because nothing happened, the trail's own word is taken: it
logs, and has no trouble delivering. Of a region that does not answer nobody knows what it has not delivered.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ops.audit.answer import Answer
from ops.audit.files import Seen
from ops.audit.place import Place
from ops.audit.status import Status
from ops.audit.times import told

DELIVERY: Final = timedelta(minutes=15)
"""After this time an event counts as delivered where CloudTrail says that deliveries work. Source: CloudTrail delivers
within 5 minutes on average, and guarantees no time."""


@dataclass(frozen=True, kw_only=True)
class Files:
    """The files that were read: whose side's, and what was seen; no side if neither could be."""

    side: str
    seen: Seen


def judge(where: Place, trail: Status, files: Files, found: Answer) -> None:
    """Say until when what was read is all that there is, and what is missing."""
    if not files.side:
        return
    wanted = found.period.until
    if found.period.open:
        wanted = where.now - DELIVERY
        if found.period.since >= wanted:
            again = told(found.period.since + DELIVERY)
            found.gaps.append(f"all of this is so recent that some may not be delivered yet: ask again after {again}")
    reach = {region: _reach(region, where, trail, files, found) for region in _regions(where, files)}
    found.covered = min(reach.values())
    for region, until in sorted(reach.items()):
        if until >= wanted:
            continue
        state = trail.regions.get(region)
        if state and not state.answers:
            why = "the region does not answer, so nobody knows what it has not delivered"
        elif files.side != "home":
            why = "its later files are not copied yet"
        else:
            why = f"what is later may not be delivered yet: ask again after {told(wanted + DELIVERY)}"
        since = "nothing was seen" if until <= found.period.since else f"events are seen until {told(until)}"
        found.gaps.append(f"of {region} {since}; {why}")
    found.gaps += [
        f"CloudTrail cannot deliver what happens in {state.region}: {state.error}"
        for state in trail.regions.values()
        if state.answers and state.error
    ]


def _regions(where: Place, files: Files) -> list[str]:
    return sorted({*where.sides.values(), *files.seen.newest})


def _reach(region: str, where: Place, trail: Status, files: Files, found: Answer) -> datetime:
    """Until when the files hold all that happened in a region."""
    newest = files.seen.newest.get(region, found.period.since)
    # Of regions that the cell has nothing in, the trail is asked where it lives.
    state = trail.regions.get(region) or trail.regions.get(where.sides["home"])
    if state is None or not state.answers:
        return newest
    missing = region in trail.regions and state.delivered is not None and _minute(state.delivered) > newest
    if files.side != "home" and missing:
        return newest
    return max(newest, where.now - DELIVERY)


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)
