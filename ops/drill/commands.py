"""What the commands of the drill do.

Owns: how a run is put together from what was asked. Does not own: any step of it, nor what is said of it, nor what is
refused of what was asked.
"""

from __future__ import annotations

import getpass
from collections.abc import Generator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Final

from domain.continuity import State
from domain.manifest import Manifest
from domain.regions import GLOBAL_REGION
from ops.drill import deciding, execute, ledger, permissions, places, preflight, progress, worlds
from ops.drill.asked import Asked, planned, refuse, refuse_then, refuse_untyped
from ops.drill.catalog import CALLS
from ops.drill.equipment import Outfit, state_before
from ops.drill.execute import Order, unasked
from ops.drill.model import Arguments, Kind, Plan, Verdict
from ops.drill.places import Cell, Place
from ops.drill.report.model import Report
from ops.drill.reversing import Reversed
from ops.drill.runs import Run, Runs
from ops.drill.stackfile import Foresight, StackFileError
from ops.drill.taken import WELL, taken
from ops.engine.project import ROOT
from ops.refusal import RefusalError

STATUS: Final = {Verdict.PASSED: 0, Verdict.FAILED: 3, Verdict.INCONCLUSIVE: 4}
"""What a run exits with, by its verdict."""
_WORST_FIRST: Final = (Verdict.FAILED, Verdict.INCONCLUSIVE, Verdict.PASSED)
_DECLARED: Final = "declared"


def worst(verdicts: Sequence[Verdict]) -> Verdict:
    """The verdict on several runs together."""
    return min(verdicts, key=_WORST_FIRST.index)


def status_of(verdicts: Sequence[Verdict]) -> int:
    """What a command exits with that has made runs with these verdicts: as the worst of them."""
    return STATUS[worst(verdicts)]


def plan(asked: Asked) -> Plan:
    """The plan of what was asked for: from the program alone for the local cloud, from the account for AWS.

    Raises:
        RefusalError: there is none.
    """
    refuse(asked)
    cell = places.cell(asked.cell, asked.folder)
    if asked.on == "aws":
        place = places.in_aws(cell, asked.profile)
        return planned(asked, place.manifest, failed_over=place.failed_over)
    return planned(asked, places.offline(cell), failed_over=asked.kind is Kind.FAILBACK)


def run(asked: Asked) -> tuple[Run, Report]:
    """Carry out what was asked for, as a new run.

    Raises:
        RefusalError: it is refused; nothing was changed.
        BuildError: the local cloud could not be built.
    """
    refuse(asked)
    cell = places.cell(asked.cell, asked.folder)
    refuse_untyped(asked)
    Runs().keep(cell.name)
    with _held(cell.name, simulated=asked.on == "sandbox", standing=asked.standing):
        place, where = _place(asked, cell)
        try:
            made = planned(asked, place.manifest, failed_over=place.failed_over)
            with _order(
                made, cell, place, {**where, "stacks": str(cell.folder)}, asked.execute, asked.profile
            ) as order:
                found, _ = execute.start(made, order)
        except BaseException:
            worlds.let_go_unbegun(cell.name, where.get("instance", ""))
            raise
        return found, _ended(found)


def run_all(asked: Asked, then: Kind | None) -> list[tuple[Run, Report]]:
    """Carry out what was asked for and, if that has moved users, `then` as well.

    Raises:
        RefusalError, BuildError: as `run`.
    """
    refuse_then(asked, then)
    done = [run(asked)]
    if then is not None and _moved(done[0][0]):
        done.append(run(replace(asked, kind=then, faults=())))
    return done


def _moved(found: Run) -> bool:
    """Whether the run has got past its point of no return."""
    outcomes = {step.id: step.outcome for step in taken(ledger.entries(found))}
    return any(step.no_return and outcomes.get(step.id) in WELL for step in found.plan().steps)


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


def _place(asked: Asked, cell: Cell) -> tuple[Place, dict[str, str]]:
    """Where the drill takes place, and what whoever resumes it must know of that."""
    if asked.on == "aws":
        return places.in_aws(cell, asked.profile), {}
    if asked.standing:
        standing = worlds.standing(cell.name)
        seed = None if asked.kind is Kind.FAILBACK else asked.seed
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
    made = found.plan()
    preflight.refuse_typed(made, typed)
    execute.refuse_over(found.id, ledger.sound(found))
    where = found.facts().get("where") or {}
    cell = places.cell(found.cell, Path(where.get("stacks") or ROOT))
    instance = str(where.get("instance", ""))
    with _held(cell.name, simulated=made.simulated, standing=not worlds.own(cell.name, instance)):
        if made.simulated:
            place = places.in_sandbox(cell, worlds.again(found.cell, instance), None)
        else:
            place = places.in_aws(cell, profile)
        with _order(made, cell, place, where, typed, profile) as order:
            yield order


def _held(cell: str, *, simulated: bool, standing: bool) -> AbstractContextManager[None]:
    """Keep the local cloud of `cell`, if it is one, from being ended under the drill."""
    return worlds.held(cell, standing=standing) if simulated else nullcontext()


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


def _foreseen(made: Plan, cell: Cell) -> AbstractContextManager[Foresight | None]:
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
