"""Takes one step of a plan: asks, acts, and asks again until it is done or its time is up. Waits by polling only.

It owns the order within a step, which is what makes a killed run converge: postcondition, precondition, the journal's
entry, the call. It does not own what follows from a step's end.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ops.drill.acting import carry_out
from ops.drill.calls import ActionError
from ops.drill.journal import Journal
from ops.drill.marks import Marks
from ops.drill.model import Action, Condition, Observation, Outcome, Phase, Plan, Step
from ops.drill.ports import Equipment
from ops.drill.site import HeldBackError, SiteError, UnreachableError
from ops.drill.stops import Stop, Stops

SAMPLE_SECONDS: Final = 60
"""How often the metrics are looked at: RDS and S3 report theirs once a minute."""
_CANARIES: Final = "journeys-walked"
"""The probe of what canaries find: users are served already, and nobody waits for it."""
STOP_SECONDS: Final = 30
"""How often the stop conditions are asked within a step; they always are before a step does anything."""


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How a step ended, and the condition that stopped the drill in it, if one did."""

    outcome: Outcome
    text: str
    stop: Stop | None = None


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What a condition showed; `silent` if nobody answered."""

    holds: bool | None
    text: str
    silent: bool = False


class Waiting:
    """Takes the steps of one run."""

    def __init__(self, *, plan: Plan, journal: Journal, marks: Marks, equipment: Equipment, stops: Stops) -> None:
        """Do nothing yet."""
        self._plan = plan
        self._journal = journal
        self._marks = marks
        self._catalog = equipment.catalog
        self._client = equipment.client
        self._time = equipment.time
        self._sample = equipment.sample
        self._decision = equipment.decision
        self._stops = stops

    def take(self, step: Step) -> Ended:
        """Take `step`, whether or not it was begun before, until it is done, its time is up or a stop breaks.

        Its time counts from its first beginning, or from that of the step which it names. Whatever the time, the
        postcondition is asked at least once, and once more after an action that came late.
        """
        self._journal.append("step-begin", {"step": step.id, "phase": step.phase.value, "title": step.title})
        deadline = self._deadline(step)
        watched = _Watched(self._journal, step)
        due = self._time.now()
        first = True
        while True:
            now = self._time.now()
            last = now >= deadline
            self._client.tick()
            if now >= due:
                due = now + timedelta(seconds=STOP_SECONDS)
                stop = self._stops.broken()
                if stop:
                    return Ended(outcome=Outcome.FAILED, text=f"stopped: {stop.text}", stop=stop)
            self._look(step)
            # A region that does not answer costs many seconds, and the question is about what users see now.
            self._client.tick()
            seen = watched.told(step.postcondition, self._asked(step.postcondition))
            if seen.holds:
                already = first if step.action is None else not self._marks.tried(step.id)
                return Ended(outcome=Outcome.ALREADY if already else Outcome.DONE, text=seen.text)
            first = False
            if self._acts(step, watched):
                deadline = self._time.now() + timedelta(seconds=step.poll_seconds) if last else deadline
                continue
            if last:
                return _timed_out(step, seen, watched)
            self._pause(step, min(step.poll_seconds, (deadline - self._time.now()).total_seconds()))

    def _deadline(self, step: Step) -> datetime:
        began = self._marks.began(step.since or step.id) or self._time.now()
        return began + timedelta(seconds=step.timeout_seconds)

    def _look(self, step: Step) -> None:
        """Look at the metrics if that is due, and whether a person has decided."""
        sampled, now = self._marks.sampled, self._time.now()
        if sampled is None or now - sampled >= timedelta(seconds=SAMPLE_SECONDS):
            # Where nobody answers the curve has a gap, which is what was seen.
            with contextlib.suppress(UnreachableError):
                self._journal.append("sample", self._sample())
        if step.side == "people" and not self._marks.decided:
            by = self._decision()
            if by:
                self._journal.append("decided", {"by": by})

    def _asked(self, condition: Condition) -> Observation | UnreachableError:
        try:
            return self._catalog.observe(condition)
        except UnreachableError as error:
            return error
        except ActionError as error:  # whoever may not look has no data
            return Observation(holds=None, text=str(error))

    def _acts(self, step: Step, watched: _Watched) -> bool:
        """Carry out what is left to do, and say whether it was taken.

        Only a precondition that is seen to hold lets the call be made; so a call that a kill has left in doubt is made
        again only if there is still need. What is refused is tried again at the next poll.
        """
        if step.action is None or self._marks.acted(step.id):
            return False
        if step.precondition and not watched.told(step.precondition, self._asked(step.precondition)).holds:
            return False
        try:
            carry_out(self._journal, self._catalog, step.id, step.action)
        except (ActionError, SiteError, UnreachableError) as error:
            watched.not_done(step.action, error)
            return False
        watched.done()
        return True

    def _pause(self, step: Step, seconds: float) -> None:
        """Let `seconds` pass, while the client goes on as it does; where nobody waits for it, only between polls."""
        unhurried = step.phase is Phase.REBUILD or step.postcondition.probe == _CANARIES
        while seconds > 0:
            part = seconds if unhurried else min(seconds, self._plan.marker_seconds)
            self._time.sleep(part)
            seconds -= part
            if seconds > 0:
                self._client.tick()


class _Watched:
    """What a step's conditions have shown: recorded when first seen, and whenever it changes."""

    def __init__(self, journal: Journal, step: Step) -> None:
        self._journal = journal
        self._step = step
        self._last: dict[str, tuple[bool | None, str]] = {}
        self.refused = ""
        self.unheard = False

    def told(self, condition: Condition, found: Observation | UnreachableError) -> Seen:
        if isinstance(found, UnreachableError):
            silent = not isinstance(found, HeldBackError)
            found = Observation(holds=None, text=f"no answer: {found}")
        else:
            silent = False
        self._record(condition.probe, found)
        return Seen(holds=found.holds, text=found.text, silent=silent)

    def not_done(self, action: Action, error: Exception) -> None:
        self.refused = str(error)
        self.unheard = isinstance(error, UnreachableError) and not isinstance(error, HeldBackError)
        self._record(action.name, Observation(holds=False, text=f"not done: {error}"))

    def done(self) -> None:
        """What was refused or unheard before has been taken."""
        self.refused, self.unheard = "", False

    def _record(self, probe: str, found: Observation) -> None:
        if self._last.get(probe) == (found.holds, found.text):
            return
        self._last[probe] = (found.holds, found.text)
        data = {"step": self._step.id, "probe": probe, "holds": found.holds, "text": found.text}
        self._journal.append("observe", {**data, "values": dict(found.values)})


def _timed_out(step: Step, seen: Seen, watched: _Watched) -> Ended:
    """How a step ends whose time is up. Without data there is nothing to fail by."""
    text = f"{seen.text}; not done: {watched.refused}" if watched.refused else seen.text
    # Only who says nothing is given up: a region that has answered last is there, and could go on writing.
    if step.on_unreachable == "proceed" and (seen.silent or (watched.unheard and seen.holds is None)):
        return Ended(outcome=Outcome.OVERRIDDEN, text=f"{step.override} ({text})")
    no_data = seen.holds is None and not seen.silent
    outcome = Outcome.INCONCLUSIVE if no_data or step.on_timeout == "inconclusive" else Outcome.FAILED
    waited = f"not within {step.timeout_seconds} s: " if step.timeout_seconds else ""
    return Ended(outcome=outcome, text=f"{waited}{text}")
