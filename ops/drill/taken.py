"""The steps that a run has taken, read back from its journal's entries. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from ops.drill.model import Outcome, Phase

WELL: Final = frozenset({Outcome.DONE, Outcome.ALREADY, Outcome.OVERRIDDEN})
"""Outcomes that let a drill pass. OVERRIDDEN is among them, and is a deviation that the report tells."""


@dataclass(frozen=True, kw_only=True)
class Taken:
    """A step as it went. `ended` and `outcome` are None while it is under way; `text` is what it ended with."""

    id: str
    phase: Phase
    title: str
    began: datetime
    ended: datetime | None = None
    outcome: Outcome | None = None
    text: str = ""

    @property
    def seconds(self) -> float | None:
        """How long it took."""
        return None if self.ended is None else (self.ended - self.began).total_seconds()


def at(entry: Mapping[str, Any]) -> datetime:
    """When an entry was made."""
    return datetime.fromisoformat(entry["at"])


def only(entries: Iterable[Mapping[str, Any]], kind: str) -> list[Mapping[str, Any]]:
    """The entries of one kind, in their order."""
    return [entry for entry in entries if entry["kind"] == kind]


def taken(entries: Iterable[Mapping[str, Any]]) -> list[Taken]:
    """The steps in the order in which they were begun.

    A step that is begun again after a resume has its first beginning and its last end: its time was spent either way.
    """
    found: dict[str, Taken] = {}
    for entry in entries:
        data = entry["data"]
        if entry["kind"] == "step-begin":
            step = Taken(id=data["step"], phase=Phase(data["phase"]), title=data["title"], began=at(entry))
            found[step.id] = replace(found.get(step.id, step), ended=None, outcome=None, text="")
        elif entry["kind"] == "step-end":
            # A step that is skipped ends without having begun.
            blank = Taken(id=data["step"], phase=Phase(data["phase"]), title=data["step"], began=at(entry))
            found[blank.id] = replace(
                found.get(blank.id, blank), ended=at(entry), outcome=Outcome(data["outcome"]), text=data["text"]
            )
    return list(found.values())
