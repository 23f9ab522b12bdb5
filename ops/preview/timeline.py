"""When each resource of a first deployment stands on AWS: published times along the edges that the program registered.

Owns: the schedule, its critical path, and how much of that nobody could avoid (`durations.NEEDS`). Resources start as
soon as all that they wait for stands: Pulumi works at as many as it can at a time. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ops.engine.record import Program, Registration
from ops.preview.durations import DURATIONS, ELSE, NEEDS, REPLICA, Duration

LONG_SECONDS: Final = 30  # what takes less is an API call or two, and there are hundreds of them


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A resource in the schedule, in seconds since the start; `after` is what it waited for longest, by URN."""

    urn: str
    type: str
    name: str
    begin: int
    duration: Duration
    after: str

    @property
    def end(self) -> int:
        """When it stands."""
        return self.begin + self.duration.seconds


@dataclass(frozen=True, kw_only=True)
class Timeline:
    """The schedule, its critical path from first to last, and the chain that cannot be avoided, each by time of end."""

    stages: tuple[Stage, ...]
    critical: tuple[Stage, ...]
    unavoidable: tuple[Stage, ...]

    @property
    def seconds(self) -> int:
        """How long the deployment takes."""
        return self.critical[-1].end if self.critical else 0

    @property
    def ratio(self) -> float:
        """The critical path against the chain that cannot be avoided."""
        least = self.unavoidable[-1].end if self.unavoidable else 0
        return self.seconds / least if least else 1.0

    def as_json(self) -> dict[str, Any]:
        """The timeline for machines."""
        return {
            "seconds": self.seconds,
            "ratio": round(self.ratio, 4),
            "critical": [_as_json(stage) for stage in self.critical],
            "unavoidable": [_as_json(stage) for stage in self.unavoidable],
            "long": [_as_json(stage) for stage in self.stages if stage.duration.seconds >= LONG_SECONDS],
        }


def _as_json(stage: Stage) -> dict[str, Any]:
    return {
        "name": stage.name,
        "type": stage.type,
        "begin": stage.begin,
        "end": stage.end,
        "source": stage.duration.source,
    }


def build(program: Program) -> Timeline:
    """The timeline of a first deployment of what `program` registered.

    Raises:
        ValueError: the registrations wait for each other.
    """
    items = [item for item in program.registrations if item.custom and not item.type.startswith("pulumi:")]
    edges = {item.urn: _waits_for(item) for item in program.registrations}
    ordered = _ordered(program.registrations, edges)
    # A component stands when its parts do; whoever waits for it waits for them.
    timed = {item.urn for item in items}
    waits = {urn: found & timed for urn, found in _through_components(ordered, edges, timed).items()}
    chosen = [item for item in ordered if item.urn in timed]
    stages = _schedule(chosen, waits)
    needed = _schedule(chosen, _needs(chosen, waits))
    return Timeline(
        stages=tuple(sorted(stages.values(), key=lambda stage: (stage.end, stage.urn))),
        critical=_path(stages),
        unavoidable=_path(needed),
    )


def _waits_for(item: Registration) -> set[str]:
    return {*item.dependencies, *(urn for urns in item.property_dependencies.values() for urn in urns)} - {item.urn}


def _ordered(items: Sequence[Registration], edges: Mapping[str, set[str]]) -> list[Registration]:
    """`items`, each after all that it waits for."""
    waiting = {item.urn: item for item in items}
    done: set[str] = set()
    found: list[Registration] = []
    while waiting:
        ready = [item for urn, item in waiting.items() if edges[urn] <= done | (edges[urn] - set(edges))]
        if not ready:
            raise ValueError(f"these wait for each other: {', '.join(sorted(waiting))}")
        found += ready
        done |= {item.urn for item in ready}
        for item in ready:
            del waiting[item.urn]
    return found


def _through_components(
    ordered: Sequence[Registration], edges: Mapping[str, set[str]], timed: set[str]
) -> dict[str, set[str]]:
    """What each waits for, with what a component or provider waits for in the place of that."""
    found: dict[str, set[str]] = {}
    for item in ordered:
        own = edges[item.urn]
        found[item.urn] = set().union(*({urn} if urn in timed else found.get(urn, set()) for urn in own))
    return found


def _needs(ordered: Sequence[Registration], waits: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """Of all that each waits for, near and far, what it could not do without.

    Sets of resources are bits of an integer here: some hundred thousand joins of sets would take longer than the run.
    """
    place = {item.urn: 1 << number for number, item in enumerate(ordered)}
    of_type: dict[str, int] = {}
    before: dict[str, int] = {}
    found: dict[str, set[str]] = {}
    for item in ordered:
        near = 0
        for urn in waits[item.urn]:
            near |= place[urn] | before[urn]
        before[item.urn] = near
        asked = 0
        for type_ in NEEDS.get(item.type, ()):
            asked |= of_type.get(type_, 0)
        found[item.urn] = {other.urn for other in ordered if place[other.urn] & near & asked} if asked else set()
        of_type[item.type] = of_type.get(item.type, 0) | place[item.urn]
    return found


def _schedule(ordered: Sequence[Registration], waits: Mapping[str, set[str]]) -> dict[str, Stage]:
    stages: dict[str, Stage] = {}
    for item in ordered:
        last = max((stages[urn] for urn in waits[item.urn]), key=lambda stage: (stage.end, stage.urn), default=None)
        stages[item.urn] = Stage(
            urn=item.urn,
            type=item.type,
            name=item.name,
            begin=last.end if last else 0,
            duration=_duration(item),
            after=last.urn if last else "",
        )
    return stages


def _duration(item: Registration) -> Duration:
    if item.inputs.get("replicateSourceDb"):
        return REPLICA
    return DURATIONS.get(item.type, ELSE)


def _path(stages: Mapping[str, Stage]) -> tuple[Stage, ...]:
    """The chain that ends last, from its first to its last."""
    at = max(stages.values(), key=lambda stage: (stage.end, stage.urn), default=None)
    found: list[Stage] = []
    while at:
        found.append(at)
        at = stages.get(at.after)
    return tuple(reversed(found))
