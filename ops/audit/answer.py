"""An audit's answer while it is gathered: the events asked for, who made them, and what stands against its being whole.

Pure. Memory is bounded: the latest events up to a limit, a line for each person, and eight bytes an event to know one
that comes twice, as CloudTrail may deliver one and event history repeats it.
"""

from __future__ import annotations

import hashlib
import heapq
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from ops.audit.events import Event
from ops.audit.question import Question
from ops.audit.times import Period

LIMIT: Final = 500
_MOST_PEOPLE: Final = 5000
_OTHERS: Final = "(others)"
_MOSTLY: Final = 3


@dataclass(kw_only=True)
class Person:
    """What somebody did."""

    who: str
    kind: str
    first: datetime
    last: datetime
    events: int = 0
    changes: int = 0
    errors: int = 0
    did: Counter[str] = field(default_factory=Counter)

    def as_json(self) -> dict[str, Any]:
        """All of it for machines."""
        return {
            "who": self.who,
            "identity": self.kind,
            "first": f"{self.first:%Y-%m-%dT%H:%M:%SZ}",
            "last": f"{self.last:%Y-%m-%dT%H:%M:%SZ}",
            "events": self.events,
            "changes": self.changes,
            "errors": self.errors,
            "did": dict(sorted(self.did.items())),
        }

    @property
    def mostly(self) -> str:
        """What they did most."""
        ordered = sorted(self.did.items(), key=lambda item: (-item[1], item[0]))
        return ", ".join(f"{name} {count}" for name, count in ordered[:_MOSTLY])


@dataclass(kw_only=True)
class Answer:
    """The answer. `gaps` say in words what it cannot know, `notes` what is worth knowing, `sources` what was read.

    `covered` is the moment until which the trail was delivered, as far as this answer could see.
    """

    cell: str
    place: str
    period: Period
    question: Question
    limit: int
    covered: datetime
    gaps: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    matched: int = 0
    read: int = 0
    _kept: list[tuple[datetime, str, Event]] = field(default_factory=list)
    _people: dict[str, Person] = field(default_factory=dict)
    _ids: set[int] = field(default_factory=set)

    def take(self, event: Event) -> bool:
        """Take an event that was read, if it is asked for and new; whether it was."""
        self.read += 1
        if not self.question.asks_for(event):
            return False
        id_ = int.from_bytes(hashlib.blake2b(event.id.encode(), digest_size=8).digest())
        if id_ in self._ids:
            return False
        self._ids.add(id_)
        self.matched += 1
        self._count(event)
        # An identifier comes once, so that two events are never compared themselves.
        item = (event.at, event.id, event)
        if len(self._kept) < self.limit:
            heapq.heappush(self._kept, item)
        else:
            heapq.heappushpop(self._kept, item)
        return True

    @property
    def complete(self) -> bool:
        """Whether nothing stands against it."""
        return not self.gaps

    @property
    def events(self) -> list[Event]:
        """The latest of what is asked for, in order."""
        return [event for _, _, event in sorted(self._kept, key=lambda item: item[:2])]

    @property
    def people(self) -> list[Person]:
        """Who made the events, whoever made most first."""
        return sorted(self._people.values(), key=lambda person: (-person.events, person.who))

    def _count(self, event: Event) -> None:
        who = event.who if event.who in self._people or len(self._people) < _MOST_PEOPLE else _OTHERS
        person = self._people.get(who)
        if person is None:
            person = self._people[who] = Person(who=who, kind=event.kind, first=event.at, last=event.at)
        person.first, person.last = min(person.first, event.at), max(person.last, event.at)
        person.events += 1
        person.changes += not event.read_only
        person.errors += bool(event.error)
        person.did[event.name] += 1
