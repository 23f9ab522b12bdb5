"""Carries out a plan, step by step, from wherever its journal says that it has got to.

A step's journal entry stands before its call, and its postcondition is asked before it acts. So a run that was killed
anywhere is begun again like any other: what has been done is found done, and is not done twice. It owns the order of
steps and how the run ends; `ops.drill.waiting` owns a step.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ops.drill.journal import Journal
from ops.drill.marks import Marks
from ops.drill.model import Kind, Outcome, Plan, Step, Verdict
from ops.drill.ports import Equipment
from ops.drill.stops import Stops
from ops.drill.taken import WELL
from ops.drill.waiting import Ended, Waiting

_INDEPENDENT: Final = frozenset({Kind.READINESS, Kind.GAMEDAY})


@dataclass(frozen=True, kw_only=True)
class Ending:
    """How a run ended, and in which step if not in the last."""

    verdict: Verdict
    reasons: tuple[str, ...]
    stopped_in: str = ""


class Runner:
    """A plan and the journal of its run."""

    def __init__(self, plan: Plan, journal: Journal, marks: Marks, equipment: Equipment) -> None:
        """Do nothing yet."""
        self._plan = plan
        self._journal = journal
        self._marks = marks
        self._equipment = equipment
        stops = Stops(plan, equipment.catalog, marks, journal)
        self._waiting = Waiting(plan=plan, journal=journal, marks=marks, equipment=equipment, stops=stops)

    def run(self, facts: Mapping[str, Any]) -> Ending:
        """Carry out what is left of the plan; `facts` go into the journal's first entry.

        Raises:
            JournalError: an entry cannot be written. Anything else that is raised comes from the equipment: the run
                can be resumed from there.
        """
        if any(entry["kind"] == "begin" for entry in self._journal.entries):
            self._equipment.client.restore(self._journal.entries)
            self._journal.append("resume", {})
        else:
            self._journal.append("begin", beginning(self._plan, facts))
        stopped = next((step.id for step in self._plan.steps if not self._goes_on(step)), "")
        return self._end(stopped)

    def _goes_on(self, step: Step) -> bool:
        """Take `step` unless it has been taken, and say whether the next one may be."""
        if self._passable(step, self._marks.outcome(step.id)):
            return True
        ended = self._waiting.take(step)
        self._note(step, ended)
        return not ended.stop and self._passable(step, ended.outcome)

    def _passable(self, step: Step, outcome: Outcome | None) -> bool:
        """Whether the plan goes on after `step` has ended with `outcome`.

        What failed before the point of no return stops the drill. After it the only way is on: to stop there would
        leave users without what the rest of the plan brings, and the verdict says all the same what failed. Where
        nothing builds on a step, the others are taken too.
        """
        if outcome is None or outcome in WELL:
            return outcome is not None
        if step.on_timeout == "note" or self._past_return(step):
            return True
        return self._plan.kind in _INDEPENDENT and step.action is None and step.on_timeout != "inconclusive"

    def _past_return(self, step: Step) -> bool:
        ahead = itertools.takewhile(lambda other: other.id != step.id, self._plan.steps)
        return any(other.no_return and self._marks.outcome(other.id) in WELL for other in ahead)

    def _note(self, step: Step, ended: Ended) -> None:
        began = self._marks.began(step.id) or self._equipment.time.now()
        data = {
            "step": step.id,
            "phase": step.phase.value,
            "outcome": ended.outcome.value,
            "text": ended.text,
            "seconds": (self._equipment.time.now() - began).total_seconds(),
        }
        self._journal.append("step-end", data)
        if ended.stop:
            self._journal.append("stop", {"probe": ended.stop.probe, "text": ended.stop.text})

    def _end(self, stopped: str) -> Ending:
        judged = self._equipment.judge(self._plan, self._journal.entries)
        if judged.measures:
            self._journal.append("measure", judged.measures)
        for finding in judged.findings:
            self._journal.append("finding", finding)
        self._journal.append("end", {"verdict": judged.verdict.value, "reasons": list(judged.reasons)})
        return Ending(verdict=judged.verdict, reasons=judged.reasons, stopped_in=stopped)


def beginning(plan: Plan, facts: Mapping[str, Any]) -> dict[str, Any]:
    """What a journal begins with: the plan's own words, and `facts` (participants, approvals and the like)."""
    return {
        "plan_hash": plan.hash,
        "kind": plan.kind.value,
        "cell": plan.cell,
        "site": plan.site,
        "simulated": plan.simulated,
        "seed": plan.seed,
        "code": plan.code,
        "manifest": plan.manifest,
        "targets": plan.targets.model_dump(),
        **facts,
    }
