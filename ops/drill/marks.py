"""What a journal knows so far, for those who judge a step by another one's time. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from ops.drill.model import Outcome

LOSS: Final = ("lose-home", "inject")
"""Steps that make the fault a drill is about; other faults only make its circumstances."""
SEEN: Final = "detect-loss"
"""The step that ends when a loss has been seen."""


class Marks:
    """The marks in `entries`, which may grow: each question reads on from where the last one stopped."""

    def __init__(self, entries: Sequence[Mapping[str, Any]]) -> None:
        """Read nothing yet."""
        self._entries = entries
        self._read = 0
        self._began: dict[str, datetime] = {}
        self._ended: dict[str, datetime] = {}
        self._outcomes: dict[str, Outcome] = {}
        self._acts: dict[str, list[Mapping[str, Any]]] = {}
        self._acted: set[str] = set()
        self._sampled: datetime | None = None
        self._fault: datetime | None = None
        self._without: datetime | None = None
        self._decided = False
        self._current = ""
        self._latest = ""

    def began(self, step: str) -> datetime | None:
        """When `step` was first begun; None if it was not."""
        self._catch_up()
        return self._began.get(step)

    def ended(self, step: str) -> datetime | None:
        """When `step` ended; None if it has not, or was begun anew."""
        self._catch_up()
        return self._ended.get(step)

    def outcome(self, step: str) -> Outcome | None:
        """How `step` ended; None as above, and if a stop condition broke it off."""
        self._catch_up()
        return self._outcomes.get(step)

    def tried(self, step: str) -> Sequence[Mapping[str, Any]]:
        """The calls that `step` was about to make, whether or not they were taken."""
        self._catch_up()
        return tuple(self._acts.get(step, ()))

    def acted(self, step: str) -> bool:
        """Whether a call of `step` is known to have been taken."""
        self._catch_up()
        return step in self._acted

    @property
    def current(self) -> str:
        """The step that is under way; empty if none is."""
        self._catch_up()
        return self._current

    @property
    def fault_at(self) -> datetime | None:
        """When the loss began: when it was injected, else the client's first try of those that showed it."""
        self._catch_up()
        return self._fault

    @property
    def decided(self) -> bool:
        """Whether a person has decided to go on."""
        self._catch_up()
        return self._decided

    @property
    def sampled(self) -> datetime | None:
        """When the metrics were last looked at."""
        self._catch_up()
        return self._sampled

    def _catch_up(self) -> None:
        while self._read < len(self._entries):
            self._take(self._entries[self._read])
            self._read += 1

    def _take(self, entry: Mapping[str, Any]) -> None:
        at, data = datetime.fromisoformat(entry["at"]), entry["data"]
        match entry["kind"]:
            case "fault":
                if self._fault is None and data["on"] and self._current in LOSS:
                    self._fault = at
            case "client":
                self._without = None if data["read"] else (self._without or at)
            case "sample":
                self._sampled = at
            case "decided":
                self._decided = True
            case kind:
                self._take_step(kind, at, data)

    def _take_step(self, kind: str, at: datetime, data: Mapping[str, Any]) -> None:
        match kind:
            case "step-begin":
                self._begin(data["step"], at)
            case "act":
                self._acts.setdefault(data["step"], []).append(data)
            case "acted":
                self._acted.add(data["step"])
            case "step-end":
                self._end(data["step"], at, Outcome(data["outcome"]))
            case "stop":  # what was broken off is taken again
                self._ended.pop(self._latest, None)
                self._outcomes.pop(self._latest, None)

    def _begin(self, step: str, at: datetime) -> None:
        self._began.setdefault(step, at)
        self._ended.pop(step, None)
        self._outcomes.pop(step, None)
        self._current = self._latest = step

    def _end(self, step: str, at: datetime, outcome: Outcome) -> None:
        self._ended[step] = at
        self._outcomes[step] = outcome
        self._current = ""
        if self._fault is None and step == SEEN and outcome is Outcome.DONE:
            self._fault = self._without or at
