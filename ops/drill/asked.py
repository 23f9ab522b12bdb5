"""What was asked for on the command line: refused if it cannot be meant, and made into a plan.

Owns: what is refused before anything is built or asked. Does not own: how a plan of a kind is made.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from domain.manifest import Manifest
from ops.drill import places, plans, readiness
from ops.drill.catalog import CALLS
from ops.drill.equipment import markers_of
from ops.drill.model import Kind, Plan
from ops.drill.plans import PlanError, Recipe, faults
from ops.drill.runs import Runs
from ops.engine.project import ROOT
from ops.refusal import RefusalError
from ops.sandbox.physics.faults import FAULTS

MOVING: Final = frozenset({Kind.FAILOVER, Kind.SWITCHOVER})
"""Kinds after which a failback follows."""
_WITH_FAULTS: Final = MOVING | {Kind.GAMEDAY}


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


def refuse(asked: Asked) -> None:
    """Refuse what cannot be meant, before a local cloud is built for it.

    Raises:
        RefusalError: an option is of another place or kind, or a fault is none.
    """
    if asked.on == "aws":
        if asked.standing:
            raise _refusal("standing", "yes", "--standing is for the local cloud: leave it out, or use --on sandbox")
        if asked.faults:
            raise _refusal("fault", asked.faults[0], "faults are made to happen in the local cloud: use --on sandbox")
        return
    if asked.profile is not None:
        raise _refusal("profile", asked.profile, "--profile is for AWS: leave it out, or use --on aws")
    _refuse_faults(asked)


def refuse_untyped(asked: Asked) -> None:
    """Refuse to change the cell unless its name was typed out.

    Raises:
        RefusalError: it was not.
    """
    if asked.execute != asked.cell:
        raise RefusalError(
            f"to change cell {asked.cell} its name is typed out, and {asked.execute!a} is not it: add --execute "
            f"{asked.cell}",
            [{"key": "execute", "value": asked.execute, "rule": "the cell's name is typed out"}],
        )


def refuse_then(asked: Asked, then: Kind | None) -> None:
    """Refuse what does not follow from the first drill.

    Raises:
        RefusalError: it does not.
    """
    if then is not None and (asked.kind not in MOVING or then is not Kind.FAILBACK):
        raise _refusal(
            "then",
            then,
            f"--then {then} does not follow from {asked.kind}; a failback follows a failover or switchover",
        )
    if then is not None and asked.on == "aws":
        raise _refusal(
            "then",
            then,
            "on AWS a failback is a plan of its own, with its own approval: run it once home is back, without --then",
        )


def planned(asked: Asked, manifest: Manifest, *, failed_over: bool) -> Plan:
    """The plan of what was asked for, for the cell that has `manifest`.

    Raises:
        RefusalError: there is none.
    """
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


def _refuse_faults(asked: Asked) -> None:
    if asked.faults and asked.kind not in _WITH_FAULTS:
        kinds = ", ".join(sorted(_WITH_FAULTS))
        raise _refusal("fault", asked.faults[0], f"a {asked.kind} takes no fault: leave it out, or choose of {kinds}")
    if asked.kind is Kind.GAMEDAY and len(asked.faults) != 1:
        count, known = len(asked.faults), ", ".join(FAULTS)
        rule = f"a game day is about one fault, not {count}: give --fault once, with one of {known}"
        raise _refusal("fault", " ".join(asked.faults), rule)
    seen: set[str] = set()
    for text in asked.faults:
        try:
            name = faults.parse(text)[0].name
        except PlanError as error:
            raise _refusal("fault", text, str(error)) from None
        if name in seen or (asked.kind is Kind.FAILOVER and name == "region-dark"):
            once = "a failover loses home of itself" if name not in seen else "it is given twice"
            raise _refusal("fault", text, f"fault {name} happens once in a drill, and {once}: leave it out")
        seen.add(name)


def _outage(cell: str) -> tuple[str, ...]:
    """What the markers of the cell's last failover or switchover are called: they must be home after the way back."""
    for found in reversed(Runs().of(cell)):
        made = found.plan()
        if made.kind in MOVING:
            return (markers_of(made, found.id),)
    return ()


def _refusal(key: str, value: str, message: str) -> RefusalError:
    return RefusalError(message, [{"key": key, "value": value, "rule": message}])
