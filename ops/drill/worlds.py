"""Where a drill finds its local cloud: the cell built anew for it, or the one that stands already.

A drill's own cells are kept apart from those of `sandbox up`, so that no drill breaks what somebody else is using. One
that has failed over is left standing, because the way back begins there.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from ops.drill import journal
from ops.drill.model import Kind, Verdict
from ops.drill.runs import Run, Runs
from ops.refusal import RefusalError
from ops.sandbox import commands, plan
from ops.sandbox.cells.state import BusyError, Standing, StateFolder

KEEP_HOURS: Final = 8
_GONE_ON_WITH: Final = frozenset({Kind.FAILOVER, Kind.SWITCHOVER})


class BuildError(Exception):
    """The cell could not be built in the local cloud; the message says what failed."""


def folder() -> StateFolder:
    """Where the drills' own cells are noted.

    Raises:
        StateError: it cannot be used.
    """
    return StateFolder(StateFolder().path / commands.DRILLS)


@contextmanager
def held(cell: str, *, standing: bool) -> Generator[None]:
    """Keep everybody else from ending or building the drills' own `cell`, or the `standing` one of `sandbox up`.

    Raises:
        RefusalError: another command is at work on it.
    """
    with ExitStack() as stack:
        try:
            stack.enter_context((StateFolder() if standing else folder()).locked([cell]))
        except BusyError:
            raise RefusalError(
                f"another command of this machine is at work on cell {cell} in the local cloud; wait until it has "
                f"ended, or see it with 'python -m ops drill status'"
            ) from None
        yield


def own(cell: str, instance: str) -> bool:
    """Whether the drills' own cell is the process `instance`, and not one of `sandbox up`."""
    found = folder().noted().get(cell)
    return found is not None and found.instance == instance


def build(cell: str, stacks: Path) -> Standing:
    """Build `cell`, which is `held`, anew from the stack file in `stacks`; one that a former drill left is ended.

    Raises:
        RefusalError: there is no such cell, or its configuration is refused.
        BuildError: the local cloud did not make it.
    """
    from ops.sandbox.cells.fleet import Fleet  # noqa: PLC0415 - what resumes or verifies a drill builds nothing
    from ops.sandbox.progress import watching  # noqa: PLC0415 - as above

    orders = plan.orders([cell], stacks)
    where = folder()
    commands.end_all(where, [cell])
    with watching() as observer, Fleet(where, observer, jobs=1, keep_hours=KEEP_HOURS) as fleet:
        (outcome,) = fleet.build(orders)
    if outcome.failed or outcome.standing is None:
        reason = outcome.failed.reason if outcome.failed else "it ended"
        raise BuildError(f"cell {cell!r} was not built in the local cloud: {reason}")
    return outcome.standing


def left(cell: str) -> Standing:
    """The cell that the last drill has left standing.

    Raises:
        RefusalError: there is none.
    """
    found = folder().standing().get(cell)
    if found is None:
        raise RefusalError(
            f"no drill has left cell {cell!a} standing; begin with 'python -m ops drill run failover --cell {cell} "
            f"--execute {cell}'"
        )
    return found


def standing(cell: str) -> Standing:
    """The cell that `sandbox up` has left standing.

    Raises:
        RefusalError: there is none.
    """
    found = StateFolder().standing().get(cell)
    if found is None:
        raise RefusalError(f"cell {cell!a} does not stand; 'python -m ops sandbox up {cell}' brings it up")
    return found


def again(cell: str, instance: str) -> Standing:
    """The cell in which a run was begun, by its process's `instance`.

    Raises:
        RefusalError: it stands no more, and what the run did in it is gone with it.
    """
    for where in (folder(), StateFolder()):
        found = where.standing().get(cell)
        if found is not None and found.instance == instance:
            return found
    raise RefusalError(
        f"the local cloud in which the run was begun stands no more, and all that it did there is gone; begin a new "
        f"drill of cell {cell}"
    )


def let_go(run: Run) -> None:
    """End the local cloud that was built for `run`, unless somebody may go on with it; the cell is `held`.

    That is so where the cell has failed over, and where the run can be resumed. A check of readiness changes nothing,
    so that one that is resumed would find the same. A cell that stood before is given back its clock.
    """
    instance = str((run.facts().get("where") or {}).get("instance", ""))
    kind, last = run.plan().kind, journal.verify(run.journal).entries[-1]
    aborted = last["kind"] == "abort"
    moved = kind in _GONE_ON_WITH and not aborted
    if not own(run.cell, instance):
        if not moved:
            _give_back(run.cell, instance)
    elif aborted or kind is Kind.READINESS or (not moved and last["data"].get("verdict") == Verdict.PASSED):
        commands.end_all(folder(), [run.cell])


def let_go_unbegun(cell: str, instance: str) -> None:
    """End the local cloud `instance` that was built for a drill which was then not begun; the cell is `held`."""
    begun = any((run.facts().get("where") or {}).get("instance") == instance for run in Runs().of(cell))
    if not begun and own(cell, instance):
        commands.end_all(folder(), [cell])


def _give_back(cell: str, instance: object) -> None:
    from ops.sandbox.remote import RemoteWorld  # noqa: PLC0415 - what builds or verifies talks to no world

    standing = StateFolder().standing().get(cell)
    if standing is not None and standing.instance == instance:
        RemoteWorld(standing.endpoint_url).follow()
