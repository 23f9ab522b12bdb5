"""What the runner is given: the probes and actions, the client, the time, the metrics, and who judges at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeAlias

from ops.drill.journal import Entry
from ops.drill.model import Action, Condition, Observation, Plan, Value, Verdict


class Catalog(Protocol):
    """Probes and actions, bound to a run."""

    def observe(self, condition: Condition) -> Observation:
        """Ask a probe.

        Raises:
            UnreachableError: whom it asks did not answer.
        """

    def act(self, action: Action) -> str:
        """Carry out an action, and say what was done.

        Raises:
            UnreachableError: whom it tells did not answer; the call may have been taken all the same.
            ActionError: it was refused.
        """


class Client(Protocol):
    """The user of the drill."""

    def tick(self) -> None:
        """Visit if a visit is due; every visit is recorded."""

    def restore(self, entries: Iterable[Mapping[str, Any]]) -> None:
        """Go on from the visits in a journal's entries."""


class Time(Protocol):
    """The time at the drill's place."""

    def now(self) -> datetime:
        """It, in UTC."""

    def sleep(self, seconds: float) -> None:
        """Let it pass."""


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What a run has shown: the verdict and why, what was measured, and what is to be done about it."""

    verdict: Verdict
    reasons: tuple[str, ...] = ()
    measures: Mapping[str, Any] = field(default_factory=dict)
    findings: Sequence[Mapping[str, str]] = ()


Judge: TypeAlias = Callable[[Plan, Sequence[Entry]], Judgement]
Sampler: TypeAlias = Callable[[], Mapping[str, Value]]
"""What the metrics say now; it raises `UnreachableError` if nobody can be asked."""
Decision: TypeAlias = Callable[[], str]
"""Who has decided to go on; empty until somebody has."""


def undecided() -> str:
    """Nobody has decided: where no person is waited for."""
    return ""


@dataclass(frozen=True, kw_only=True)
class Equipment:
    """All that a run needs beside its plan and its journal."""

    catalog: Catalog
    client: Client
    time: Time
    sample: Sampler
    judge: Judge
    decision: Decision = undecided
