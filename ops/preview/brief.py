"""A difference as a short text, for a comment where somebody reviews a change: totals first, then what differs. Pure.

It is printable ASCII and never longer than `MOST` characters, so that the texts of several cells fit into one comment
of GitHub, which takes 65,536. Lines begin with `+`, `-` or `!`, as a block of the language `diff` colours them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from ops.preview.diff import Change, Difference, compare
from ops.preview.findings import SEVERITIES
from ops.preview.model import Preview, Resource
from ops.preview.telling import shown
from ops.preview.timeline_table import clock

MOST: Final = 15_000  # characters
_LINE: Final = 240  # characters
_VALUE: Final = 80  # characters
_FOLLOWS: Final = "opts.dependencies"  # from the properties that are shown
_NOTE: Final = 80  # characters that the note of what was cut needs


def new(after: Preview) -> Difference:
    """The difference of a cell that was not there before: all of it is added."""
    nothing = replace(after, resources=(), outputs={}, findings={}, cost={}, timeline={})
    return compare(nothing, after)


def text(found: Difference, most: int = MOST) -> str:
    """`found` in at most `most` characters, cut at a line."""
    lines = [_plain(line) for line in _lines(found)]
    kept: list[str] = []
    room = most - _NOTE
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            kept.append(f"... and {len(lines) - len(kept)} more lines, which the whole preview has")
            break
        kept.append(line)
    return "".join(f"{line}\n" for line in kept)


def _plain(line: str) -> str:
    """`line` in printable ASCII on one line, cut where it is long."""
    return shown("".join(char if " " <= char <= "~" else "?" for char in line), _LINE)


def _lines(found: Difference) -> Iterator[str]:
    before, after = found.before, found.after
    yield f"cell {after.cell}: {_total(found)}"
    yield f"  resources  {len(before.resources)} -> {len(after.resources)}"
    yield f"  findings   {_findings(before.findings)} -> {_findings(after.findings)}"
    yield f"  cost       {_cost(before.cost, after.cost)}"
    yield f"  timeline   {_time(before.timeline)} -> {_time(after.timeline)} for a first deployment"
    yield from _found(before.findings, after.findings)
    yield from (f"! warning: {line}" for line in after.warnings)
    # What goes is told before what comes: a long list is cut at its end.
    yield from (f"- {_named(item)}" for item in found.removed)
    for changed in found.changed:
        told = [item for item in changed.changes if item.path != _FOLLOWS]
        yield f"! {_named(changed.resource)}{'' if told else ': what it depends on'}"
        yield from (f"!     {_changed(item)}" for item in told)
    yield from (f"!     output {_changed(item)}" for item in found.outputs)
    yield from (f"+ {_named(item)}" for item in found.added)


def _total(found: Difference) -> str:
    if not found:
        return "no difference"
    if not found.before.resources:
        return f"new, {len(found.added)} resources"
    return (
        f"{len(found.added)} added, {len(found.removed)} removed, {len(found.changed)} changed, "
        f"{len(found.outputs)} outputs"
    )


def _changed(item: Change) -> str:
    return f"{item.path}: {shown(item.before, _VALUE)} -> {shown(item.after, _VALUE)}"


def _findings(found: Mapping[str, Any]) -> str:
    counts = Counter(item["severity"] for item in found.get("found", ()))
    return ", ".join(f"{counts[severity]} {severity}" for severity in SEVERITIES if counts[severity]) or "none"


def _cost(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    if not after:
        return "not known"
    now = after["total"]
    least = "" if after["complete"] else ", at least: something has no price"
    if not before:
        return f"{now:.2f} USD a month{least}"
    return f"{before['total']:.2f} -> {now:.2f} USD a month ({now - before['total']:+.2f}){least}"


def _time(timeline: Mapping[str, Any]) -> str:
    return clock(timeline["seconds"]) if timeline else "none"


def _found(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """Findings that come, and those that go."""
    olds, news = ([_finding(item) for item in found.get("found", ())] for found in (before, after))
    yield from (f"- finding, new: {line}" for line in news if line not in olds)
    yield from (f"+ finding, gone: {line}" for line in olds if line not in news)


def _finding(item: Mapping[str, Any]) -> str:
    return f"{item['severity']}  {item['rule']}  {item['urn'].rpartition('::')[2]}: {item['message']}"


def _named(item: Resource) -> str:
    words = [item.name, item.short_type, item.region, "protected" if item.protect else ""]
    return "  ".join(word for word in words if word)
