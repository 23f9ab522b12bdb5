"""Which side of a cell writes, which database instances stand, and the moves from one such state to the next. Pure.

Each rebuild of a side makes a new *generation* of its instance. With both generations equal the cell is whole or has
failed over; with home one ahead it is on its way back. An instance that was promoted cannot be demoted, so the way back
is a new replica, and what the cell has left behind is kept aside until a person releases it.

    normal            home-n writes, recovery-n replicates it
      | failover
    failed over       recovery-n writes, home-n is kept aside
      | rebuild home
    rebuilt           recovery-n writes, home-(n+1) replicates it
      | switch
    switched back     home-(n+1) writes, recovery-n is kept aside
      | rebuild recovery
    normal            home-(n+1) writes, recovery-(n+1) replicates it

The way leads round, never back.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from enum import Enum
from types import MappingProxyType
from typing import Final

HOME: Final = "home"
RECOVERY: Final = "recovery"
SIDES: Final = (HOME, RECOVERY)
OTHER: Final = MappingProxyType({HOME: RECOVERY, RECOVERY: HOME})


class Phase(Enum):
    """Where a cell is on its way round."""

    NORMAL = "normal"
    FAILED_OVER = "failed over"
    REBUILT = "rebuilt"
    SWITCHED_BACK = "switched back"


class Role(Enum):
    """What an instance is: made with a password, a copy that follows its source, or a copy that was promoted."""

    ORIGINAL = "original"
    REPLICA = "replica"
    PROMOTED = "promoted"


# The writer, and how far home's generation is ahead of recovery's.
_PHASES: Final = MappingProxyType(
    {
        (HOME, 0): Phase.NORMAL,
        (RECOVERY, 0): Phase.FAILED_OVER,
        (RECOVERY, 1): Phase.REBUILT,
        (HOME, 1): Phase.SWITCHED_BACK,
    },
)


@dataclass(frozen=True, kw_only=True)
class _Step:
    """A move: its name, and what it changes."""

    name: str
    writer: str
    home: int = 0
    recovery: int = 0


_STEPS: Final = MappingProxyType(
    {
        Phase.NORMAL: _Step(name="failover", writer=RECOVERY),
        Phase.FAILED_OVER: _Step(name="rebuild home", writer=RECOVERY, home=1),
        Phase.REBUILT: _Step(name="switch", writer=HOME),
        Phase.SWITCHED_BACK: _Step(name="rebuild recovery", writer=HOME, recovery=1),
    },
)
MOVES: Final = tuple(step.name for step in _STEPS.values())


class ContinuityError(ValueError):
    """A state, a move or a release that the machine does not have; the message says which ones it has."""


@dataclass(frozen=True, kw_only=True)
class State:
    """Which side writes, and the generation of each side's latest instance.

    Raises:
        ContinuityError: the three are no state.
    """

    writer: str
    home_generation: int
    recovery_generation: int

    def __post_init__(self) -> None:
        """Refuse what no move leads to."""
        least = min(self.home_generation, self.recovery_generation)
        if self.writer in SIDES and least >= 1 and (self.writer, self._lead) in _PHASES:
            return
        given = _written(self.writer, self.home_generation, self.recovery_generation)
        states = " or ".join(str(state) for state in self._nearest())
        raise ContinuityError(
            f"{given} is no state: a side writes, and home's generation is recovery's or one more; choose {states}"
        )

    def __str__(self) -> str:
        """The three settings, as they are written."""
        return _written(self.writer, self.home_generation, self.recovery_generation)

    @property
    def phase(self) -> Phase:
        """Where the cell is on its way round."""
        return _PHASES[self.writer, self._lead]

    @property
    def next(self) -> State:
        """The one state that a move leads to from here."""
        step = _STEPS[self.phase]
        return State(
            writer=step.writer,
            home_generation=self.home_generation + step.home,
            recovery_generation=self.recovery_generation + step.recovery,
        )

    @property
    def _lead(self) -> int:
        return self.home_generation - self.recovery_generation

    def generation(self, side: str) -> int:
        """The generation of the latest instance of `side`."""
        return self.home_generation if side == HOME else self.recovery_generation

    def _nearest(self) -> Iterator[State]:
        """The states that differ from this one in one generation, lower one first."""
        writer = self.writer if self.writer in SIDES else HOME
        home, recovery = max(self.home_generation, 1), max(self.recovery_generation, 1)
        pairs = {(home, home), (home, max(home - 1, 1)), (recovery, recovery), (recovery + 1, recovery)}
        fitting = {(first, second) for first, second in pairs if first - second in (0, 1)}
        for first, second in sorted(fitting):
            yield State(writer=writer, home_generation=first, recovery_generation=second)


FIRST: Final = State(writer=HOME, home_generation=1, recovery_generation=1)


@dataclass(frozen=True, kw_only=True)
class Instance:
    """A database instance that stands.

    `source` names what a replica follows. `aside` instances are kept, renamed and fenced, and nobody uses them. `alone`
    is the one that writes while no replica follows it.
    """

    side: str
    generation: int
    role: Role
    source: str = ""
    aside: bool = False
    writes: bool = False
    alone: bool = False

    @property
    def name(self) -> str:
        """What settings call it, such as `home-1`."""
        return _name(self.side, self.generation)


def move(before: State, after: State) -> str:
    """The name of the move from `before` to `after`; empty if they are the same.

    Raises:
        ContinuityError: there is no such move.
    """
    if before == after:
        return ""
    if after == before.next:
        return _STEPS[before.phase].name
    step = _STEPS[before.phase]
    raise ContinuityError(
        f"no move leads from {before} ({before.phase.value}) to {after} ({after.phase.value}); the next one is "
        f"{step.name}, to {before.next}"
    )


def standing(state: State, released: Collection[str] = ()) -> dict[str, tuple[Instance, ...]]:
    """The instances of each side in `state`, oldest first, without those that are `released`.

    Raises:
        ContinuityError: a released instance is none that may go in this state.
    """
    refuse_released(state, released)
    return {
        side: tuple(
            instance
            for generation in range(1, state.generation(side) + 1)
            if (instance := _instance(state, side, generation)).name not in released
        )
        for side in SIDES
    }


def releasable(state: State) -> tuple[str, ...]:
    """The instances that may be released in `state`: those aside, but for a side's latest, which it stands on."""
    return tuple(_name(side, generation) for side in SIDES for generation in range(1, state.generation(side)))


def refuse_released(state: State, released: Collection[str]) -> None:
    """Refuse names that may not be released in `state`.

    Raises:
        ContinuityError: with the first such name.
    """
    allowed = releasable(state)
    latest = {_name(side, state.generation(side)): side for side in SIDES}
    for name in released:
        if name in allowed:
            continue
        if name in latest and _instance(state, latest[name], state.generation(latest[name])).aside:
            side = latest[name]
            raise ContinuityError(f"{name} is kept aside, but is all that {side} has; rebuild {side} first")
        choice = f"choose among {', '.join(allowed)}" if allowed else "none may go now: leave it out"
        why = "is in use" if name in latest else "does not stand"
        raise ContinuityError(f"{name} {why} with {state}, so it cannot be released; {choice}")


def _instance(state: State, side: str, generation: int) -> Instance:
    made = Instance(
        side=side,
        generation=generation,
        role=Role.ORIGINAL if (side, generation) == (HOME, 1) else Role.PROMOTED,
    )
    if generation < state.generation(side):
        return replace(made, aside=True)
    if side == state.writer:
        return replace(made, writes=True, alone=state.phase in (Phase.FAILED_OVER, Phase.SWITCHED_BACK))
    if state.phase in (Phase.FAILED_OVER, Phase.SWITCHED_BACK):
        return replace(made, aside=True)
    writer = OTHER[side]
    return replace(made, role=Role.REPLICA, source=_name(writer, state.generation(writer)))


def _name(side: str, generation: int) -> str:
    return f"{side}-{generation}"


def _written(writer: str, home: int, recovery: int) -> str:
    return f"writer={writer} homeGeneration={home} recoveryGeneration={recovery}"
