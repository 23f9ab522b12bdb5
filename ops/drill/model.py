"""What a drill is made of, as data: kinds, phases, steps, plans and what is observed. Pure.

A plan is made before anything is done, shown to people, hashed, approved and then carried out unchanged. A step names
its probes and actions; what these do stands in `ops.drill.catalog`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, model_validator

SCHEMA_VERSION: Final = 1
Value: TypeAlias = str | int | float | bool | None
Arguments: TypeAlias = Mapping[str, Value]
Seconds = Annotated[int, Field(ge=0)]


class Kind(StrEnum):
    """What is rehearsed."""

    READINESS = "readiness"
    FAILOVER = "failover"
    SWITCHOVER = "switchover"
    FAILBACK = "failback"
    GAMEDAY = "gameday"


class Phase(StrEnum):
    """The parts that the time to recover is split into, and REBUILD, which has no user waiting for it."""

    DETECT = "detect"
    DECIDE = "decide"
    FENCE = "fence"
    PROMOTE = "promote"
    SCALE = "scale"
    ROUTE = "route"
    VERIFY = "verify"
    REBUILD = "rebuild"


class Verdict(StrEnum):
    """What a drill has shown. INCONCLUSIVE is not passed: the fault never happened, or a measure has no data."""

    PASSED = "PASSED"
    FAILED = "FAILED"
    INCONCLUSIVE = "INCONCLUSIVE"


class Outcome(StrEnum):
    """How a step ended. ALREADY: it held before anything was done. OVERRIDDEN: what it asks could not be reached."""

    DONE = "done"
    ALREADY = "already"
    OVERRIDDEN = "overridden"
    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"
    SKIPPED = "skipped"


class Part(BaseModel):
    """A piece of a plan or record: fixed, and refusing what it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Condition(Part):
    """A probe by its name in the catalog, and what it is asked."""

    probe: str
    arguments: Arguments = {}


class Action(Part):
    """An action by its name in the catalog, and what it is told."""

    name: str
    arguments: Arguments = {}


class Observation(Part):
    """What a probe saw. `holds` is None if there was nothing to see: no data is neither yes nor no."""

    holds: bool | None
    text: str
    values: Mapping[str, Value] = {}


class Step(Part):
    """A step of a plan.

    It is done when `postcondition` holds. If that is so beforehand, `action` is left out, so that a step may be done
    twice. `timeout_seconds` count from its own beginning, or from that of the step called `since`. If the region that
    it talks to cannot be reached within that time, `on_unreachable` says whether the drill stops, or goes on and
    records the `override`. What cannot be undone says so in `reversal`, and is a point of `no_return`.
    """

    id: str
    phase: Phase
    title: str
    side: Literal["home", "recovery", "users", "people"]
    precondition: Condition | None = None
    action: Action | None = None
    postcondition: Condition
    timeout_seconds: Seconds
    since: str = ""
    poll_seconds: Annotated[int, Field(ge=1)] = 5
    reversal: Action | None = None
    undo: str = ""
    no_return: bool = False
    on_unreachable: Literal["stop", "proceed"] = "stop"
    override: str = ""
    on_timeout: Literal["fail", "inconclusive", "note"] = "fail"
    calls: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _whole(self) -> Step:
        if (self.on_unreachable == "proceed") != bool(self.override):
            raise ValueError(f"step {self.id}: to go on without a region is an override, and says why")
        if self.action and not (self.reversal or self.undo):
            raise ValueError(f"step {self.id}: an action names its reversal, or says in words what there is to do")
        return self


class Promise(Part):
    """Most seconds until a patient journey works again, and most seconds of its writing that are lost."""

    rto_seconds: Seconds
    rpo_seconds: Seconds


class Targets(Part):
    """Most seconds until reads and writes are back, and most seconds of writing that are lost; and of each journey."""

    reads_seconds: Seconds
    writes_seconds: Seconds
    data_loss_seconds: Seconds
    journeys: Mapping[str, Promise] = {}


class Plan(Part):
    """What will be done, in order. `manifest` is the SHA-256 of the manifest that it was made from."""

    schema_version: Literal[1] = SCHEMA_VERSION
    kind: Kind
    cell: str
    site: Literal["sandbox", "aws"]
    account_id: str
    home_region: str
    recovery_region: str
    manifest: str
    code: str
    faults: tuple[str, ...] = ()
    seed: int | None = None
    marker_seconds: Annotated[int, Field(ge=1)] = 5
    decision_seconds: Seconds
    targets: Targets
    stops: tuple[Condition, ...]
    steps: tuple[Step, ...]

    @property
    def hash(self) -> str:
        """The SHA-256 of all of it, in hex: what an approval is bound to."""
        return digest(self.model_dump(mode="json"))

    @property
    def simulated(self) -> bool:
        """Whether it is carried out in the local cloud."""
        return self.site == "sandbox"

    @model_validator(mode="after")
    def _ordered(self) -> Plan:
        seen: set[str] = set()
        for step in self.steps:
            if step.id in seen:
                raise ValueError(f"two steps are called {step.id}")
            if step.since and step.since not in seen:
                raise ValueError(f"step {step.id} counts from {step.since}, which does not come before it")
            seen.add(step.id)
        return self


def canonical(content: Any) -> str:  # noqa: ANN401 - any JSON
    """`content` as the one text that is hashed."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def digest(content: Any) -> str:  # noqa: ANN401 - any JSON
    """The SHA-256 of `content` in hex."""
    return hashlib.sha256(canonical(content).encode()).hexdigest()
