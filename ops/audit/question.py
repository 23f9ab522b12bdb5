"""What an auditor asks for: whose events, which, and on what. Pure.

Names are asked for whole, letter case aside, and `*` stands for anything. What an event is about is asked for by any
part of it; a bucket also by its role, as in `uploads/consultations/`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from ops.audit.events import Event


@dataclass(frozen=True, kw_only=True)
class Question:
    """Which events are asked for; `buckets` are the cell's, by role."""

    who: str = ""
    what: str = ""
    on: str = ""
    errors: bool = False
    changes: bool = False
    buckets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def narrow(self) -> bool:
        """Whether it asks for some events only."""
        return bool(self.who or self.what or self.on or self.errors or self.changes)

    def asks_for(self, event: Event) -> bool:
        """Whether an event is asked for."""
        if (self.errors and not event.error) or (self.changes and event.read_only):
            return False
        if self.who and not any(_is(self.who, name) for name in event.names):
            return False
        service = event.source.partition(".")[0]
        if self.what and not any(_is(self.what, name) for name in (event.name, f"{service}:{event.name}")):
            return False
        return not self.on or any(self._is_about(target) for target in event.on)

    def _is_about(self, target: str) -> bool:
        text = target.casefold()
        if self.on.casefold() in text:
            return True
        role, slash, rest = self.on.partition("/")
        return any(f"{bucket}{slash}{rest}".casefold() in text for bucket in self.buckets.get(role, ()))


def _is(wanted: str, name: str) -> bool:
    return fnmatchcase(name.casefold(), _literal(wanted.casefold()))


def _literal(wanted: str) -> str:
    """`wanted` with only `*` left as a pattern."""
    return wanted.replace("[", "[[]").replace("?", "[?]")
