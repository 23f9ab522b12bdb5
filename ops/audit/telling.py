"""How an audit's answer is shown: tables for people, one JSON object for machines.

Times are UTC. What comes from outside (an object's name may hold anything) is shown without what steers a terminal.
"""

from __future__ import annotations

from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ops.audit.answer import Answer
from ops.audit.events import Event
from ops.audit.times import told

VALIDATE: Final = "whether a file was changed is not checked here; on AWS 'aws cloudtrail validate-logs' does that"


def as_json(found: Answer) -> dict[str, Any]:
    """The answer for machines."""
    question = found.question
    return {
        "cell": found.cell,
        "place": found.place,
        "since": f"{found.period.since:%Y-%m-%dT%H:%M:%SZ}",
        "until": f"{found.period.until:%Y-%m-%dT%H:%M:%SZ}",
        "asked": {
            "who": question.who or None,
            "what": question.what or None,
            "on": question.on or None,
            "errors": question.errors,
            "changes": question.changes,
        },
        "complete": found.complete,
        "covered_until": f"{found.covered:%Y-%m-%dT%H:%M:%SZ}",
        "gaps": found.gaps,
        "notes": found.notes,
        "sources": found.sources,
        "read": found.read,
        "matched": found.matched,
        "people": [person.as_json() for person in found.people],
        # All of them only where some are asked for: of the rest there are the people.
        "events": [event.as_json() for event in found.events] if question.narrow else None,
    }


def show(console: Console, found: Answer) -> None:
    """The answer for people."""
    console.print(Text(f"{found.cell} ({found.place}), {told(found.period.since)} to {told(found.period.until)}"))
    if found.question.narrow:
        console.print(_events(found) if found.matched else Text("  nobody did that, as far as this answer can see"))
    else:
        console.print(_people(found) if found.matched else Text("  nothing happened, as far as this answer can see"))
    count = "1 event" if found.matched == 1 else f"{found.matched} events"
    cut = f", the latest {found.limit} of them shown" if found.question.narrow and found.matched > found.limit else ""
    reach = "; later ones are shown as far as they are delivered by now" if found.period.open else ""
    console.print(Text(f"{count}{cut}; deliveries reach {told(found.covered)}{reach}"))
    for line in found.sources:
        console.print(Text(f"  read: {_plain(line)}"), soft_wrap=True)
    for line in (*found.notes, VALIDATE):
        console.print(Text(f"  note: {_plain(line)}"), soft_wrap=True)
    if not found.complete:
        console.print(Text("INCOMPLETE: this answer does not know all that was asked", style="bold red"))
        for line in found.gaps:
            console.print(Text(f"  missing: {_plain(line)}"), soft_wrap=True)


def _events(found: Answer) -> Table:
    table = Table(box=None, pad_edge=False)
    for name in ("time (UTC)", "who", "from", "region", "did", "on", "result"):
        table.add_column(name, overflow="fold")
    for event in found.events:
        cells = (told(event.at), event.who, event.address, event.region, event.name, _on(event), event.error or "ok")
        table.add_row(*(Text(_plain(cell)) for cell in cells))
    return table


def _people(found: Answer) -> Table:
    table = Table(box=None, pad_edge=False)
    for name in ("who", "identity", "events", "changes", "errors", "first (UTC)", "last (UTC)", "mostly"):
        table.add_column(name, overflow="fold", justify="right" if name in {"events", "changes", "errors"} else "left")
    for person in found.people:
        counts = (str(person.events), str(person.changes), str(person.errors))
        cells = (person.who, person.kind, *counts, told(person.first), told(person.last), person.mostly)
        table.add_row(*(Text(_plain(cell)) for cell in cells))
    return table


def _on(event: Event) -> str:
    return event.on[0] if event.on else ""


def _plain(text: str) -> str:
    """`text` with all that is no printable character written out."""
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)
