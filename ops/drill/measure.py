"""What a drill has measured, from its journal's entries alone. Pure: the same entries give the same measures.

It judges nothing: `ops.drill.verdict` does. What the drill believes of itself counts for as little as possible. Time to
recover is what the client saw; loss is what was acknowledged and not found.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, Final

from ops.drill import outage
from ops.drill.measures import (
    Answered,
    Journeys,
    Led,
    Measures,
    Objects,
    Recovery,
    Rows,
    Sample,
    Seen,
    Sight,
    Walk,
    Writers,
    Writing,
)
from ops.drill.model import Kind
from ops.drill.probes.journeys import AT, MILLISECONDS
from ops.drill.taken import WELL, Taken, at, only, taken
from ops.drill.traffic import Try, tries_of

GAINING: Final = {Kind.FAILOVER: "recovery", Kind.SWITCHOVER: "recovery", Kind.FAILBACK: "home"}
"""The side that serves afterwards. A gameday moves nobody."""

LOSS: Final = "region-dark"
"""The fault that takes a region away."""

JOURNEYS_PROBE: Final = "journeys-walked"
"""The probe of the canaries, by which a journey is seen to be back."""

DETECT_STEP: Final = "detect-loss"
_AFTERWARDS: Final = frozenset({"measure", "finding", "end"})
_WRITERS: Final = frozenset({"one-writer", "at-most-one-writer"})


def measure(entries: Iterable[Mapping[str, Any]]) -> Measures:
    """The measures of the run that has `entries`. What the drill itself concluded at its end is left out."""
    entries = [entry for entry in entries if entry["kind"] not in _AFTERWARDS]
    tries, steps = tries_of(entries), taken(entries)
    kind = Kind(begun["kind"]) if (begun := begin(entries)) else None
    loss, how = _loss(entries, tries, steps) if kind is Kind.FAILOVER else (None, "")
    if kind is Kind.FAILOVER and not loss:
        # Visits that were never interrupted are no recovery in 0 seconds: there was nothing to recover from.
        reads = writes = Recovery(how=how)
        how = f"the beginning: {how}"
    elif kind is Kind.FAILOVER and loss:
        gaining = GAINING[kind]
        reads, writes = (outage.after_loss(tries, served, steps, loss, gaining) for served in (_reads, _writes))
    else:
        reads, writes = (outage.longest(tries, served, steps) for served in (_reads, _writes))
        how = how or ("the first moment without writes" if writes.began else "the beginning: writes never failed")
    return Measures(
        began=at(entries[0]) if entries else None,
        ended=at(entries[-1]) if entries else None,
        origin=loss or writes.began or (at(entries[0]) if entries else None),
        origin_how=how,
        reads=reads,
        writes=writes,
        rows=_rows(entries, tries, loss),
        objects=_objects(entries, tries, loss),
        stores_agree=_agree(entries),
        samples=tuple(_sample(entry) for entry in only(entries, "sample")),
        answers=tuple(_answers(tries)),
        visits=tuple(_visits(tries)),
        writers=_writers(entries, tries),
        journeys=_journeys(entries, loss or writes.began),
    )


def _journeys(entries: Sequence[Mapping[str, Any]], origin: datetime | None) -> Journeys:
    """Which journeys were walked again: a run that waits for it has looked until all were, or its time was up."""
    how = "from the beginning of the outage to the minute of each canary's first walk after writes were back"
    looks = [entry["data"]["values"] for entry in only(entries, "observe") if entry["data"]["probe"] == JOURNEYS_PROBE]
    if not looks or origin is None:
        return Journeys(how=how)
    names = [name.removesuffix(AT) for name in looks[-1] if name.endswith(AT)]
    walks = {name: _walk(looks[-1], name, origin) for name in names}
    return Journeys(walks=walks, how=how)


def _walk(values: Mapping[str, Any], journey: str, origin: datetime) -> Walk:
    moment = datetime.fromisoformat(values[f"{journey}{AT}"])
    return Walk(
        seconds=round((moment - origin).total_seconds(), 3),
        at=moment,
        milliseconds=values.get(f"{journey}{MILLISECONDS}"),
    )


def begin(entries: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
    """What a journal's first entry says of its run; empty if it has none."""
    return next((entry["data"] for entry in only(entries, "begin")), {})


def _reads(seen: Try) -> bool:
    return seen.read


def _writes(seen: Try) -> bool:
    return seen.row


def _loss(
    entries: Sequence[Mapping[str, Any]], tries: Sequence[Try], steps: Sequence[Taken]
) -> tuple[datetime | None, str]:
    """When home was lost: when it was injected or, where nobody injects, after the last visit before it was noticed."""
    for entry in only(entries, "fault"):
        data = entry["data"]
        if data["on"] and (data["fault"], data["side"]) == (LOSS, "home"):
            return at(entry), "the fault was injected"
    noticed = next((step.ended for step in steps if step.id == DETECT_STEP and step.outcome in WELL), None)
    gap = next((gap for gap in reversed(outage.gaps(tries, _reads)) if noticed and gap.began <= noticed), None)
    return (
        (gap.began, "the last visit that was served before the loss was noticed")
        if gap
        else (None, "home was never lost")
    )


def _found(entries: Sequence[Mapping[str, Any]]) -> list[list[Mapping[str, Any]]]:
    """What each step found of the markers, look by look, where it could look."""
    looks: dict[str, list[Mapping[str, Any]]] = {}
    for entry in only(entries, "observe"):
        data = entry["data"]
        if data["probe"] == "markers-found" and data["values"].get("rows_lost") is not None:
            looks.setdefault(data["step"], []).append(data["values"])
    return list(looks.values())


def _counted(tries: Sequence[Try], loss: datetime | None, *, rows: bool) -> int:
    return sum((seen.row if rows else seen.object) and (loss is None or seen.at <= loss) for seen in tries)


def _rows(entries: Sequence[Mapping[str, Any]], tries: Sequence[Try], loss: datetime | None) -> Rows:
    when = " before the loss" if loss else ""
    acknowledged = _counted(tries, loss, rows=True)
    finals = [looks[-1] for looks in _found(entries)]
    if not finals:
        return Rows(acknowledged=acknowledged, how=f"rows acknowledged{when} were not looked for")
    worst = max(finals, key=lambda values: values["rows_lost"])
    lost = worst["rows_lost"]
    return Rows(
        lost=lost,
        seconds=worst.get("rows_lost_seconds") if lost else 0,
        acknowledged=acknowledged,
        found=worst.get("rows"),
        sha256=str(worst.get("rows_sha256") or ""),
        how=f"rows written through the application and acknowledged{when}, looked for afterwards; "
        "seconds are of the writing that the lost ones span",
    )


def _objects(entries: Sequence[Mapping[str, Any]], tries: Sequence[Try], loss: datetime | None) -> Objects:
    when = " before the loss" if loss else ""
    acknowledged = _counted(tries, loss, rows=False)
    found = [[values for values in looks if values.get("objects_lost") is not None] for looks in _found(entries)]
    looked = [looks for looks in found if looks]
    if not looked:
        return Objects(acknowledged=acknowledged, how=f"objects acknowledged{when} were not looked for")
    worst = max((looks[-1] for looks in looked), key=lambda values: values["objects_lost"])
    late = sum(max(values["objects_lost"] for values in looks) - looks[-1]["objects_lost"] for looks in looked)
    return Objects(
        lost=worst["objects_lost"],
        late=late,
        acknowledged=acknowledged,
        found=worst.get("objects"),
        sha256=str(worst.get("objects_sha256") or ""),
        how=f"objects written through the application and acknowledged{when}, looked for until the step ended",
    )


def _agree(entries: Sequence[Mapping[str, Any]]) -> bool | None:
    found = [entry["data"]["holds"] for entry in only(entries, "observe") if entry["data"]["probe"] == "stores-agree"]
    return found[-1] if found else None


def _sample(entry: Mapping[str, Any]) -> Sample:
    known = {name: entry["data"].get(name) for name in Sample.model_fields if name != "at"}
    return Sample.model_validate({**known, "at": at(entry), "lag_side": known["lag_side"] or ""})


def _answers(tries: Sequence[Try]) -> Iterable[Answered]:
    """Whom DNS led to. An address is the side's that ever answered there, in this run."""
    sides = {seen.address: seen.side for seen in tries if seen.side}

    def led(seen: Try) -> Led:
        if not seen.address:
            return "nowhere"
        side = sides.get(seen.address)
        return "home" if side == "home" else "recovery" if side == "recovery" else "unknown"

    for to, group in groupby(tries, key=led):
        spans = list(group)
        yield Answered(began=spans[0].at, ended=spans[-1].at, to=to, visits=len(spans))


def _visits(tries: Sequence[Try]) -> Iterable[Seen]:
    def sight(seen: Try) -> tuple[Sight, str]:
        return ("acknowledged" if seen.row else "reads only" if seen.read else "failed"), seen.side

    for (saw, side), group in groupby(tries, key=sight):
        spans = list(group)
        yield Seen(began=spans[0].at, ended=spans[-1].at, sight=saw, side=side, visits=len(spans))


def _writers(entries: Sequence[Mapping[str, Any]], tries: Sequence[Try]) -> Writers:
    """At most how many wrote: by the probes, and by who acknowledged writes in turns."""
    looks = [entry["data"] for entry in only(entries, "observe") if entry["data"]["probe"] in _WRITERS]
    counted = [int(n) for look in looks if (n := look["values"].get("writers")) is not None]
    held = [1 for look in looks if look["holds"]]
    broken = [2 for look in looks if look["probe"] == "at-most-one-writer" and look["holds"] is False]
    spans = []
    for side, group in groupby((seen for seen in tries if seen.row), key=lambda seen: seen.side):
        rows = list(group)
        spans.append(Writing(side=side or "unknown", first=rows[0].at, last=rows[-1].at, rows=len(rows)))
    back_again = [2] if len({span.side for span in spans}) < len(spans) else []
    return Writers(
        most=max((*counted, *held, *broken, *back_again), default=None),
        checks=len(looks),
        spans=tuple(spans),
        how="databases that would take a write, asked in both regions, and the sides that acknowledged markers",
    )
