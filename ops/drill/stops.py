"""The conditions that stop a drill, watched at every poll."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ops.drill.calls import ActionError
from ops.drill.journal import Journal
from ops.drill.marks import Marks
from ops.drill.model import Condition, Observation, Plan
from ops.drill.ports import Catalog
from ops.drill.site import HeldBackError, UnreachableError
from ops.drill.taken import WELL

AFTER: Final = "after"
"""The argument of a stop that names a step: the condition is watched once that step has ended well."""
SILENT_POLLS: Final = 3
"""Polls in a row in which a condition could not be asked for want of an answer, before that itself stops the drill."""


@dataclass(frozen=True, kw_only=True)
class Stop:
    """Why the drill stops: the probe, and what it saw."""

    probe: str
    text: str


class Stops:
    """Those of a plan. A condition without data stops nothing; one that is broken, or long unanswered, does."""

    def __init__(self, plan: Plan, catalog: Catalog, marks: Marks, journal: Journal) -> None:
        """Ask nothing yet; what is seen is recorded when first seen, and whenever it changes."""
        self._stops = plan.stops
        self._catalog = catalog
        self._marks = marks
        self._journal = journal
        self._silent: dict[str, int] = {}
        self._last: dict[str, tuple[bool | None, str]] = {}

    def broken(self) -> Stop | None:
        """The first condition that no longer holds; None if all do."""
        for condition in self._stops:
            stop = self._asked(condition)
            if stop:
                return stop
        return None

    def _asked(self, condition: Condition) -> Stop | None:
        after = condition.arguments.get(AFTER)
        if after is not None and self._marks.outcome(str(after)) not in WELL:
            return None
        arguments = {name: value for name, value in condition.arguments.items() if name != AFTER}
        try:
            seen = self._catalog.observe(Condition(probe=condition.probe, arguments=arguments))
        except HeldBackError:  # it is there, and has no data now
            return None
        except UnreachableError as error:
            count = self._silent[condition.probe] = self._silent.get(condition.probe, 0) + 1
            if count < SILENT_POLLS:
                return None
            return Stop(probe=condition.probe, text=f"not answered {count} times in a row: {error}")
        except ActionError:  # no data
            return None
        self._silent[condition.probe] = 0
        self._record(condition.probe, seen)
        return Stop(probe=condition.probe, text=seen.text) if seen.holds is False else None

    def _record(self, probe: str, seen: Observation) -> None:
        if self._last.get(probe) == (seen.holds, seen.text):
            return
        self._last[probe] = (seen.holds, seen.text)
        data = {"step": self._marks.current, "probe": probe, "holds": seen.holds, "text": seen.text}
        self._journal.append("observe", {**data, "values": dict(seen.values)})
