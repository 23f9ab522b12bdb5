"""What the plans of all kinds are put together from. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from domain.budget import DECISION_SECONDS
from domain.continuity import Phase, State
from domain.manifest import Manifest
from ops.drill.model import Action, Condition, Kind, Plan, Promise, Step, Targets, Value
from ops.drill.plans.arithmetic import kept

Calls: TypeAlias = Mapping[str, Sequence[str]]
"""The calls that each probe and action makes, by name, such as `rds:DescribeDBInstances`."""

MARKER_SECONDS: Final = 5
LOST_TRIES: Final = 3
"""Tries of the client in a row that fail before the loss counts as seen."""
DETECT_SECONDS: Final = 2 * LOST_TRIES * MARKER_SECONDS
"""Bound: the tries take 15 s at one every 5 s, and as long again if each waits for its own time-out."""
BASELINE_SECONDS: Final = 120
"""Bound: the markers of a well cell, three at one every 5 s, with room for a DNS answer to run out."""
CALL_SECONDS: Final = 20
"""Bound: one call to a region that answers, and its second try."""
LEAD_SECONDS: Final = 240
"""Bound: the alarm within 60 s, the health check within 40, a DNS answer's 60 and a kept connection's 60."""
LOOK_SECONDS: Final = 60
"""Bound: a condition that should hold by now."""
DECLARE_SECONDS: Final = 3600
"""Bound: an update of the stack, or the preview of one; AWS takes 15 to 30 minutes to change an instance."""
REBUILD_SECONDS: Final = 6 * 3600
"""Bound: a cross-region replica takes 8 minutes and more on an empty database, and hours on a large one."""

# Probes that ask both regions; what does not answer is left out, so neither is needed.
_OF_BOTH: Final = frozenset({"one-writer", "at-most-one-writer", "promoted"})
# Probes that compare both sides, and so need both.
_NEED_BOTH: Final = frozenset({"stores-agree", "declared", "parity"})
# Actions and probes of no side speak to recovery, where the switch, the manifest and the lock are.
_OTHERWISE: Final = "recovery"

STOPS: Final = (
    Condition(probe="at-most-one-writer"),
    Condition(probe="recovery-answers"),
    Condition(probe="lock-held"),
)
HOME_ANSWERS: Final = Condition(probe="home-answers")


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What a plan is made from, beside its kind.

    `code` is the hash of the code that made it. `faults` are injected beforehand, and are what a game day is about.
    `checks` names the parity checks. `outage` names runs whose markers must be home after a failback. `failed_over`
    says that recovery's database takes the writes, whatever the manifest says: a failover leaves that older.
    """

    manifest: Manifest
    site: Literal["sandbox", "aws"]
    code: str
    calls: Calls
    seed: int | None = None
    faults: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    outage: tuple[str, ...] = ()
    failed_over: bool = False
    decision_seconds: int = DECISION_SECONDS

    @property
    def simulated(self) -> bool:
        """Whether the plan is for the local cloud, where faults are injected and nobody decides."""
        return self.site == "sandbox"

    @property
    def state(self) -> State:
        """What is true of the cell: what the program last declared, or one failover later."""
        declared = State(
            writer=self.manifest.writer,
            home_generation=self.manifest.home.database.generation,
            recovery_generation=self.manifest.recovery.database.generation,
        )
        return declared.next if self.failed_over and declared.phase is Phase.NORMAL else declared

    def plan(self, kind: Kind, steps: Sequence[Step], stops: Sequence[Condition] = STOPS) -> Plan:
        """The plan of `kind` with `steps`, each with the calls that it may make.

        Raises:
            PlanError: it cannot keep the targets.
        """
        found = Plan(
            kind=kind,
            cell=self.manifest.cell,
            site=self.site,
            account_id=self.manifest.account_id,
            home_region=self.manifest.home.region,
            recovery_region=self.manifest.recovery.region,
            manifest=fingerprint(self.manifest),
            code=self.code,
            faults=tuple(dict.fromkeys(_injected(steps))),
            seed=self.seed,
            marker_seconds=MARKER_SECONDS,
            decision_seconds=self.decision_seconds,
            targets=targets(self.manifest),
            stops=tuple(stops),
            steps=tuple(step.model_copy(update={"calls": tuple(self._calls(step))}) for step in steps),
        )
        return kept(found)

    def _calls(self, step: Step) -> Iterator[str]:
        seen = set()
        for part in (step.postcondition, step.precondition, step.action):
            if part is None:
                continue
            name = part.name if isinstance(part, Action) else part.probe
            for call in self.calls.get(name, ()):
                for line in self._placed(name, call, part.arguments):
                    if line not in seen:
                        seen.add(line)
                        yield line

    def _placed(self, name: str, call: str, arguments: Mapping[str, Value]) -> Iterator[str]:
        home, recovery = self.manifest.home.region, self.manifest.recovery.region
        if name in _NEED_BOTH:
            yield from (f"{call} {home}", f"{call} {recovery}")
        elif name in _OF_BOTH:
            yield from (f"{call} {home} if it answers", f"{call} {recovery}")
        else:
            side = arguments.get("side", _OTHERWISE)
            yield f"{call} {home if side == 'home' else recovery}"


def _injected(steps: Sequence[Step]) -> Iterator[str]:
    for step in steps:
        if step.action and step.action.name == "inject":
            yield str(step.action.arguments["fault"])


def targets(manifest: Manifest) -> Targets:
    """What the cell of `manifest` promises, and its journeys."""
    journeys = {name: Promise(**promise.model_dump()) for name, promise in manifest.journeys.items()}
    return Targets(**manifest.targets.model_dump(), journeys=journeys)


def fingerprint(manifest: Manifest) -> str:
    """The SHA-256 of `manifest` as the text that is kept."""
    return hashlib.sha256(manifest.model_dump_json().encode()).hexdigest()


def probe(name: str, **arguments: Value) -> Condition:
    """The condition that the probe `name` sees."""
    return Condition(probe=name, arguments=arguments)


def act(name: str, **arguments: Value) -> Action:
    """The action `name`."""
    return Action(name=name, arguments=arguments)


def settings(state: State) -> dict[str, Value]:
    """`state` as the arguments of what declares it."""
    return {
        "writer": state.writer,
        "home_generation": state.home_generation,
        "recovery_generation": state.recovery_generation,
    }
