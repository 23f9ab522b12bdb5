"""What a run is equipped with: the catalog bound to it, its client, what the metrics say, and the judge at its end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from domain.continuity import State
from domain.manifest import SideName
from ops.drill import stackfile
from ops.drill.calls import ActionError
from ops.drill.catalog import Bound
from ops.drill.conclude import conclude
from ops.drill.context import Context, Foresight, other
from ops.drill.execute import Given
from ops.drill.model import Kind, Plan, Value
from ops.drill.places import Cell
from ops.drill.ports import Decision, Equipment, undecided
from ops.drill.probes import buckets, fleet, lag
from ops.drill.runs import Run
from ops.drill.site import UnreachableError
from ops.drill.traffic import Traffic

T = TypeVar("T")
_REPLICATED: Final = ("uploads", "derived")


class Nobody:
    """The user of a drill that changes nothing: whoever visits writes markers, so there is none."""

    def tick(self) -> None:
        """Visit nobody."""

    def restore(self, entries: Iterable[Mapping[str, Any]]) -> None:
        """There are no visits to go on from."""


@dataclass(frozen=True, kw_only=True)
class Outfit:
    """What equipment is made from beside the run itself: the cell, what is foreseen, and who decides."""

    cell: Cell
    foresight: Foresight | None = None
    decision: Decision = undecided

    def equip(self, given: Given) -> Equipment:
        """The equipment of a run.

        Raises:
            StackFileError: the stack's file cannot be copied.
        """
        markers = markers_of(given.plan, given.run.id)
        traffic = Traffic(
            given.site,
            self.cell.domain,
            run=markers,
            every_seconds=given.plan.marker_seconds,
            record=given.journal.append,
        )
        context = Context(
            site=given.site,
            plan=given.plan,
            manifest=given.manifest,
            traffic=traffic,
            marks=given.marks,
            run=markers,
            folder=stack_folder(given.plan, given.run, self.cell),
            foresight=self.foresight,
            lock=given.lock,
        )
        return Equipment(
            catalog=Bound(context=context),
            client=Nobody() if given.plan.kind is Kind.READINESS else traffic,
            time=given.site,
            sample=sampler(context),
            judge=conclude,
            decision=self.decision,
        )


def stack_folder(plan: Plan, run: Run, cell: Cell) -> Path:
    """Where the stack's file is that the drill writes: the stack's own on AWS, else a copy in the run's folder.

    Raises:
        StackFileError: it cannot be copied.
    """
    if not plan.simulated:
        return cell.folder
    folder = run.folder / "stacks"
    if not folder.is_dir():
        stackfile.copy(cell.name, cell.folder, folder)
    return folder


def markers_of(plan: Plan, run: str) -> str:
    """What the markers of a run are called.

    In the local cloud that follows from the plan, so that the same seed gives the same journal whatever ran before.
    """
    return f"{plan.cell}-{plan.kind}-{plan.hash[:12]}" if plan.simulated else run


def sampler(context: Context) -> Callable[[], dict[str, Value]]:
    """What draws the curves: the replica's lag, the objects that are under way, and the instances that serve."""

    def sample() -> dict[str, Value]:
        side = _follower(context.plan)
        return {
            "lag_seconds": _quiet(lambda: _lag(context, side)),
            "lag_side": side,
            **_backlog(context, side),
            "in_service_home": _quiet(lambda: _serving(context, "home")),
            "in_service_recovery": _quiet(lambda: _serving(context, "recovery")),
        }

    return sample


def _follower(plan: Plan) -> SideName:
    """The side that receives what the other one writes, until the drill turns that round."""
    return "home" if plan.kind is Kind.FAILBACK else "recovery"


def _lag(context: Context, side: SideName) -> float | None:
    found = lag.lags(context.client("cloudwatch", side), context.database(side).identifier, context.site.now())
    return found[-1].seconds if found else None


def _backlog(context: Context, side: SideName) -> dict[str, Value]:
    """What waits to be copied to `side`."""
    sources = [context.manifest.side(other(side)).buckets[role] for role in _REPLICATED]
    found = _quiet(lambda: buckets.total(context.client("cloudwatch", side), sources, context.site.now()))
    return {"pending_objects": found.objects if found else None, "pending_bytes": found.size if found else None}


def _serving(context: Context, side: SideName) -> int | None:
    group = context.manifest.side(side).fleet.autoscaling_group
    return fleet.in_service_count(context.client("autoscaling", side), group)


def _quiet(ask: Callable[[], T]) -> T | None:
    """What is found; nothing where nobody answers, which leaves a gap in the curve."""
    try:
        return ask()
    except (UnreachableError, ActionError):
        return None


def state_before(after: State) -> State:
    """The state from which one move leads to `after`, which is none that a side's rebuild leads to."""
    generation = after.recovery_generation
    state = State(writer="home", home_generation=generation, recovery_generation=generation)
    while state.next != after:
        state = state.next
    return state
