"""What the commands of the drill do.

Owns: how a run is put together from what was asked. Does not own: any step of it, nor what is said of it.
"""

from __future__ import annotations

import getpass
from collections.abc import Generator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal

from domain.continuity import State
from domain.manifest import Manifest
from ops.drill import deciding, execute, ledger, permissions, places, plans, progress, readiness, worlds
from ops.drill.calls import GLOBAL_REGION
from ops.drill.catalog import CALLS
from ops.drill.equipment import Outfit, markers_of, state_before
from ops.drill.execute import Order, unasked
from ops.drill.model import Arguments, Kind, Plan, Verdict
from ops.drill.places import Cell, Place
from ops.drill.plans import PlanError, Recipe
from ops.drill.report.model import Report
from ops.drill.reversing import Reversed
from ops.drill.runs import Run, Runs
from ops.drill.stackfile import Foresight, StackFileError
from ops.drill.taken import WELL
from ops.engine.project import ROOT
from ops.refusal import RefusalError

STATUS: Final = {Verdict.PASSED: 0, Verdict.FAILED: 3, Verdict.INCONCLUSIVE: 4}
"""What a run exits with, by its verdict."""
_MOVING: Final = frozenset({Kind.FAILOVER, Kind.SWITCHOVER})
_DECLARED: Final = "declared"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What was asked for on the command line. `execute` is the cell's name as it was typed, empty for a dry run."""

    kind: Kind
    cell: str
    on: Literal["sandbox", "aws"] = "sandbox"
    execute: str = ""
    faults: tuple[str, ...] = ()
    seed: int = 1
    standing: bool = False
    profile: str | None = None
    stacks: Path | None = None
    decision_seconds: int | None = None

    @property
    def folder(self) -> Path:
        """Where the stack files are."""
        return self.stacks or ROOT


def plan(asked: Asked) -> Plan:
    """The plan of what was asked for: from the program alone for the local cloud, from the account for AWS.

    Raises:
        RefusalError: there is none.
    """
    cell = places.cell(asked.cell, asked.folder)
    if asked.on == "aws":
        place = places.in_aws(cell, asked.profile)
        return _plan(asked, place.manifest, failed_over=place.failed_over)
    return _plan(asked, places.offline(cell), failed_over=asked.kind is Kind.FAILBACK)


def run(asked: Asked) -> tuple[Run, Report]:
    """Carry out what was asked for, as a new run.

    Raises:
        RefusalError: it is refused; nothing was changed.
        BuildError: the local cloud could not be built.
    """
    cell = places.cell(asked.cell, asked.folder)
    if asked.execute != asked.cell:
        raise RefusalError(
            f"to change cell {cell.name} its name is typed out, and {asked.execute!a} is not it: add --execute "
            f"{cell.name}",
            [{"key": "execute", "value": asked.execute, "rule": "the cell's name is typed out"}],
        )
    place, where = _place(asked, cell)
    made = _plan(asked, place.manifest, failed_over=place.failed_over)
    with _order(made, cell, place, {**where, "stacks": str(cell.folder)}, asked.execute, asked.profile) as order:
        found, _ = execute.start(made, order)
    return found, _ended(found)


def run_all(asked: Asked, then: Kind | None) -> list[tuple[Run, Report]]:
    """Carry out what was asked for and, if that has moved users, `then` as well.

    Raises:
        RefusalError, BuildError: as `run`.
    """
    if then is not None and (asked.kind not in _MOVING or then is not Kind.FAILBACK):
        raise RefusalError(
            f"--then {then} does not follow from {asked.kind}; a failback follows a failover or switchover"
        )
    done = [run(asked)]
    if then is not None and _moved(done[0][0]):
        done.append(run(replace(asked, kind=then, faults=())))
    return done


def _moved(found: Run) -> bool:
    """Whether the run has got past its point of no return."""
    ended = {
        entry["data"]["step"]: entry["data"]["outcome"]
        for entry in ledger.entries(found)
        if entry["kind"] == "step-end"
    }
    return any(step.no_return and ended.get(step.id) in WELL for step in found.plan().steps)


def resume(name: str, typed: str, profile: str | None) -> tuple[Run, Report]:
    """Go on with the run called `name`.

    Raises:
        RefusalError: it cannot be gone on with.
    """
    found = Runs().find(name)
    with _again(found, typed, profile) as order:
        execute.resume(found, order)
    return found, _ended(found)


def abort(name: str, typed: str, profile: str | None) -> tuple[Run, Reversed]:
    """Take back what the run called `name` has done.

    Raises:
        RefusalError: it cannot be taken back.
    """
    found = Runs().find(name)
    with _again(found, typed, profile) as order:
        taken_back = execute.abort(found, order)
    _ended(found)
    return found, taken_back


def _plan(asked: Asked, manifest: Manifest, *, failed_over: bool) -> Plan:
    given: dict[str, Any] = {} if asked.decision_seconds is None else {"decision_seconds": asked.decision_seconds}
    recipe = Recipe(
        manifest=manifest,
        site=asked.on,
        code=places.code(),
        calls=CALLS,
        seed=asked.seed if asked.on == "sandbox" else None,
        faults=asked.faults,
        checks=tuple(readiness.CHECKS),
        outage=_outage(asked.cell) if asked.kind is Kind.FAILBACK else (),
        failed_over=failed_over,
        **given,
    )
    try:
        return plans.build(asked.kind, recipe)
    except PlanError as error:
        raise RefusalError(str(error)) from None


def _outage(cell: str) -> tuple[str, ...]:
    """What the markers of the cell's last failover or switchover are called: they must be home after the way back."""
    for found in reversed(Runs().of(cell)):
        made = found.plan()
        if made.kind in _MOVING:
            return (markers_of(made, found.id),)
    return ()


def _place(asked: Asked, cell: Cell) -> tuple[Place, dict[str, str]]:
    """Where the drill takes place, and what whoever resumes it must know of that."""
    if asked.on == "aws":
        return places.in_aws(cell, asked.profile), {}
    if asked.standing:
        standing, seed = worlds.standing(cell.name), asked.seed
    elif asked.kind is Kind.FAILBACK:
        standing, seed = worlds.left(cell.name), None
    else:
        standing, seed = worlds.build(cell.name, cell.folder), asked.seed
    where = {"endpoint_url": standing.endpoint_url, "instance": standing.instance}
    return places.in_sandbox(cell, standing, seed), where


@contextmanager
def _again(found: Run, typed: str, profile: str | None) -> Generator[Order]:
    """The order for a run that was begun before.

    Raises:
        RefusalError: where it took place is gone.
    """
    where = found.facts().get("where") or {}
    made = found.plan()
    cell = places.cell(found.cell, Path(where.get("stacks") or ROOT))
    if made.simulated:
        place = places.in_sandbox(cell, worlds.again(found.cell, str(where.get("instance"))), None)
    else:
        place = places.in_aws(cell, profile)
    with _order(made, cell, place, where, typed, profile) as order:
        yield order


@contextmanager
def _order(
    made: Plan, cell: Cell, place: Place, where: dict[str, str], typed: str, profile: str | None
) -> Generator[Order]:
    """The order by which `made` is carried out, while somebody watches."""
    who = getpass.getuser()
    with _foreseen(made, cell) as foresight, progress.watching(made) as watch:
        outfit = Outfit(cell=cell, foresight=foresight, decision=deciding.decision(made, who))
        yield Order(
            runs=Runs(),
            site=place.site,
            equip=outfit.equip,
            typed=typed,
            holder=who if profile is None else f"{who} ({profile})",
            participants=() if made.simulated else (who,),
            forbidden=unasked if made.simulated else lambda asked, manifest: _forbidden(asked, manifest, place),
            watch=watch,
            where=where,
        )


def _foreseen(made: Plan, cell: Cell) -> Any:  # noqa: ANN401 - a context of a foresight or of nothing
    """The preview of the update after the drill, under way; nothing if the plan declares nothing."""
    for step in made.steps:
        if step.postcondition.probe == _DECLARED:
            after = _state(step.postcondition.arguments)
            try:
                return Foresight(cell.name, cell.folder, state_before(after), after)
            except StackFileError as error:
                raise RefusalError(str(error)) from None
    return nullcontext()


def _state(given: Arguments) -> State:
    return State(
        writer=str(given["writer"]),
        home_generation=int(str(given["home_generation"])),
        recovery_generation=int(str(given["recovery_generation"])),
    )


def _forbidden(asked: Plan, manifest: Manifest, place: Place) -> str:
    """What the caller may not do of a plan on AWS, and what to do about it."""
    sts = place.site.client("sts", asked.recovery_region)
    iam = place.site.client("iam", GLOBAL_REGION)
    return permissions.ask(sts, iam, permissions.needed(asked, manifest, CALLS)).refusal(asked.kind)


def _ended(found: Run) -> Report:
    """Write the report, and let go of a local cloud that nobody goes on with."""
    report = ledger.report(found)
    if found.plan().simulated:
        worlds.let_go(found)
    return report
