"""Takes back what a drill has done so far, in reverse order. It takes nothing back past a point of no return."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from ops.drill.acting import carry_out
from ops.drill.calls import ActionError
from ops.drill.journal import Journal
from ops.drill.marks import Marks
from ops.drill.model import Action, Kind, Plan, Step
from ops.drill.ports import Equipment
from ops.drill.site import SiteError, UnreachableError
from ops.refusal import RefusalError

TRIES: Final = 4
"""How often a reversal is tried where nobody answers, with the step's own polls between."""
_ONWARDS: Final = MappingProxyType(
    {
        Kind.FAILOVER: "the way back is a failback: 'python -m ops drill run failback --cell {cell}'",
        Kind.SWITCHOVER: "the way back is a failback: 'python -m ops drill run failback --cell {cell}'",
        Kind.FAILBACK: "home writes: rebuild recovery (docs/runbooks/failback.md, step 6); then a failover is possible",
    }
)


@dataclass(frozen=True, kw_only=True)
class Reversed:
    """Which steps were taken back, and which could not be, each with why and what to do."""

    done: tuple[str, ...]
    left: tuple[str, ...]

    @property
    def text(self) -> str:
        """Both in words."""
        done = f"taken back: {', '.join(self.done)}" if self.done else "there was nothing to take back"
        return f"{done}; NOT taken back: {'; '.join(self.left)}" if self.left else done


def refuse_past_return(plan: Plan, marks: Marks, run: str) -> None:
    """Refuse to take back a run in which the point of no return was reached, or may have been.

    Raises:
        RefusalError: saying what to do instead.
    """
    for step in plan.steps:
        if step.no_return and marks.tried(step.id):
            onwards = _ONWARDS[plan.kind].format(cell=plan.cell)
            sure = "was" if marks.acted(step.id) else "may have been"
            raise RefusalError(
                f"{step.id} {sure} done, and cannot be taken back: go on with 'python -m ops drill resume {run}'; once "
                f"it has ended, {onwards}",
                [{"key": "run", "value": run, "rule": f"nothing is taken back past {step.id}"}],
            )


def take_back(plan: Plan, journal: Journal, marks: Marks, equipment: Equipment) -> Reversed:
    """Reverse every step whose call was made or may have been, the last one first.

    What cannot be reached or is refused does not keep the rest from being taken back. Doing it twice does no harm.
    """
    done: list[str] = []
    left: list[str] = []
    for step in reversed(plan.steps):
        if not marks.tried(step.id):
            continue
        if step.reversal is None:
            left.append(f"{step.id}: {step.undo}")
            continue
        why = _reversed(step, step.reversal, journal, equipment)
        if why:
            left.append(f"{step.id}: {why}")
        else:
            done.append(step.id)
    return Reversed(done=tuple(done), left=tuple(left))


def _reversed(step: Step, reversal: Action, journal: Journal, equipment: Equipment) -> str:
    """Carry out the reversal of `step`; why it could not be done, empty if it was."""
    why = ""
    for attempt in range(TRIES):
        if attempt:
            equipment.time.sleep(step.poll_seconds)
        try:
            carry_out(journal, equipment.catalog, step.id, reversal)
        except UnreachableError as error:
            why = str(error)
        except (ActionError, SiteError) as error:
            return str(error)
        else:
            return ""
    return why
