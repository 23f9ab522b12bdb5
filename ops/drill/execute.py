"""Carries out a plan for real: everything is looked at before the first change, and locked until the run has ended.

It owns the order: what is refused is refused before anything is changed. It does not own what a run is equipped with.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeAlias

from domain.manifest import Manifest
from ops.drill import approval, lock, preflight, reversing
from ops.drill.calls import ActionError
from ops.drill.journal import Entry, Journal, unwatched
from ops.drill.lock import Lock
from ops.drill.marks import Marks
from ops.drill.model import Plan, Verdict
from ops.drill.ports import Equipment
from ops.drill.reversing import Reversed
from ops.drill.runner import Ending, Runner
from ops.drill.runs import Run, Runs
from ops.drill.site import Site, UnreachableError
from ops.refusal import RefusalError


@dataclass(frozen=True, kw_only=True)
class Given:
    """What a run's equipment is made from."""

    run: Run
    plan: Plan
    manifest: Manifest
    site: Site
    journal: Journal
    marks: Marks
    lock: Lock


Equip: TypeAlias = Callable[[Given], Equipment]


def unasked(_plan: Plan, _manifest: Manifest) -> str:
    """Nobody is asked what the caller may do: in the local cloud everybody may do everything."""
    return ""


@dataclass(frozen=True, kw_only=True)
class Order:
    """Where and by whom plans are carried out, and the cell's name as it was `typed` for it.

    `holder` is who is named to those who find the cell locked. `forbidden` says what the caller may not do of a plan,
    and what to do about it; empty if nothing is missing. `started` is the real time. `watch` is told of every entry of
    the journal. `where` is kept with the run, for whoever resumes it.
    """

    runs: Runs
    site: Site
    equip: Equip
    typed: str
    holder: str
    participants: tuple[str, ...] = ()
    forbidden: Callable[[Plan, Manifest], str] = unasked
    started: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    watch: Callable[[Entry], None] = unwatched
    where: Mapping[str, str] = field(default_factory=dict)


def start(plan: Plan, order: Order) -> tuple[Run, Ending]:
    """Carry out `plan` as a new run.

    Raises:
        RefusalError: something is not as it must be; nothing was changed.
        JournalError: the journal cannot be written; the run can be resumed.
    """
    with order.runs.locked(plan.cell):
        looked = preflight.look(plan, order.site, order.typed)
        missing = order.forbidden(plan, looked.manifest)
        if missing:
            raise RefusalError(
                missing, [{"key": "permission", "value": looked.caller, "rule": "what a plan does is allowed"}]
            )
        approved = _approved(plan, order.site, looked.caller)
        _refuse_locked(plan, order.site)
        run = order.runs.create(plan)
        started = order.started().isoformat()
        facts: dict[str, Any] = {"participants": list(order.participants), "approvals": approved}
        if not plan.simulated:
            facts |= {"started": started, "caller": looked.caller}
        run.note(started=started, holder=order.holder, begin=facts, where=dict(order.where))
        return run, _carried_out(run, plan, looked.manifest, order, facts)


def resume(run: Run, order: Order) -> Ending:
    """Go on with `run` from where its journal says that it has got to.

    The manifest may have changed since by the run's own doing, so it is only looked at for being the cell's.

    Raises:
        RefusalError: it is over, or something is not as it must be; nothing was changed.
        JournalError: the journal was changed, or cannot be written.
    """
    plan = run.plan()
    with order.runs.locked(run.cell):
        preflight.refuse_typed(plan, order.typed)
        manifest = preflight.resumable(plan, order.site)
        facts = run.facts().get("begin")
        if facts is None:
            raise RefusalError(f"run {run.id} was never begun: nothing was changed; begin a new drill")
        return _carried_out(run, plan, manifest, order, facts)


def abort(run: Run, order: Order) -> Reversed:
    """Take back what `run` has done, in reverse order, and end it.

    Raises:
        RefusalError: it is over, or past the point of no return; nothing was changed.
        JournalError: the journal was changed, or cannot be written.
    """
    plan = run.plan()
    with order.runs.locked(run.cell):
        preflight.refuse_typed(plan, order.typed)
        manifest = preflight.resumable(plan, order.site)
        with _locked(run, plan, order) as held, _opened(run, order) as (journal, marks):
            refuse_over(run.id, journal.entries)
            reversing.refuse_past_return(plan, marks, run.id)
            given = Given(
                run=run, plan=plan, manifest=manifest, site=order.site, journal=journal, marks=marks, lock=held
            )
            found = reversing.take_back(plan, journal, marks, order.equip(given))
            journal.append("abort", {"text": found.text})
            _note_end(run, journal, order)
            return found


def _carried_out(run: Run, plan: Plan, manifest: Manifest, order: Order, facts: Mapping[str, Any]) -> Ending:
    with _locked(run, plan, order) as held, _opened(run, order) as (journal, marks):
        refuse_over(run.id, journal.entries)
        given = Given(run=run, plan=plan, manifest=manifest, site=order.site, journal=journal, marks=marks, lock=held)
        ending = Runner(plan, journal, marks, order.equip(given)).run(facts)
        _note_end(run, journal, order)
        return ending


@contextmanager
def _opened(run: Run, order: Order) -> Generator[tuple[Journal, Marks]]:
    with Journal(run.journal, order.site.now, order.watch) as journal:
        yield journal, Marks(journal.entries)


@contextmanager
def _locked(run: Run, plan: Plan, order: Order) -> Generator[Lock]:
    """Hold the cell's lock. A run that is broken off keeps it, because it is still to be resumed or aborted."""
    ssm = order.site.client("ssm", plan.recovery_region)
    try:
        lock.take(ssm, plan.cell, run.id, order.holder, order.site.now())
    except (UnreachableError, ActionError) as error:
        raise _no_lock(plan, error) from None
    yield Lock(ssm=ssm, cell=plan.cell, run=run.id)
    try:
        lock.release(ssm, plan.cell, run.id)
    except (UnreachableError, ActionError) as error:
        raise RefusalError(
            f"run {run.id} has ended, and its lock on cell {plan.cell} could not be given back: {error}; once the "
            f"region answers, 'aws ssm delete-parameter --region {plan.recovery_region} --name "
            f"{lock.parameter_name(plan.cell)}'"
        ) from None


def _refuse_locked(plan: Plan, site: Site) -> None:
    """Refuse a cell that another run holds before a folder is made for this one."""
    ssm = site.client("ssm", plan.recovery_region)
    try:
        held = lock.read(ssm, plan.cell)
    except (UnreachableError, ActionError) as error:
        raise _no_lock(plan, error) from None
    if held:
        raise lock.refused(plan.cell, held, site.now())


def _no_lock(plan: Plan, error: Exception) -> RefusalError:
    return RefusalError(
        f"the lock of cell {plan.cell} cannot be taken: {error}",
        [{"key": "lock", "value": plan.cell, "rule": "a drill runs under its cell's lock"}],
    )


def _approved(plan: Plan, site: Site, caller: str) -> list[dict[str, Any]]:
    """The approvals that the plan needs: none in the local cloud, a second person's on AWS."""
    if plan.simulated:
        return []
    ssm = site.client("ssm", plan.recovery_region)
    try:
        found = approval.check(ssm, plan.cell, plan.hash, caller, site.now())
    except (UnreachableError, ActionError) as error:
        raise RefusalError(f"the plan's approval cannot be read: {error}") from None
    return [found.model_dump(mode="json")]


def refuse_over(run: str, entries: Sequence[Entry]) -> None:
    """Refuse to go on with what is over.

    Raises:
        RefusalError: `run` was aborted, or has passed.
    """
    last = entries[-1] if entries else None
    if last is None or last["kind"] not in {"end", "abort"}:
        return
    if last["kind"] == "abort" or last["data"]["verdict"] == Verdict.PASSED:
        how = "was aborted" if last["kind"] == "abort" else f"has ended {Verdict.PASSED}"
        raise RefusalError(f"run {run} {how}: there is nothing to go on with; begin a new drill")


def _note_end(run: Run, journal: Journal, order: Order) -> None:
    run.note(ended=order.started().isoformat(), seal=journal.seal, entries=len(journal.entries))
