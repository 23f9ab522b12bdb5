"""Counts what became of many configurations, so that the share of each kind is seen to be real."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from settings import Settings
from tests.fuzz.given import Given
from tests.fuzz.judge import Outcome

_EDGES: Final = ("web_home_min", "web_max", "database_storage_gib", "cache_replicas", "backup_days", "log_days")


@dataclass(kw_only=True)
class Tally:
    """What was counted. `findings` are faults, one of each kind, with their configurations."""

    given: Counter[str] = field(default_factory=Counter)
    accepted: Counter[str] = field(default_factory=Counter)
    refused: Counter[tuple[str, str]] = field(default_factory=Counter)
    findings: dict[str, Given] = field(default_factory=dict)
    programs: int = 0

    @property
    def total(self) -> int:
        """Configurations in all."""
        return self.given.total()

    @property
    def share(self) -> float:
        """The part that was accepted."""
        return self.accepted["all"] / self.total if self.total else 0.0

    def add(self, given: Given, outcome: Outcome) -> None:
        """Count one."""
        self.given[given.kind] += 1
        self.refused.update(set(outcome.refusals))
        self.programs += outcome.ran
        if outcome.accepted:
            self.accepted.update(("all", given.kind, *features(outcome.accepted)))
        for fault in outcome.faults:
            self._find(fault, given)

    def merge(self, other: Tally) -> None:
        """Add what another has counted."""
        self.given.update(other.given)
        self.accepted.update(other.accepted)
        self.refused.update(other.refused)
        for fault, given in other.findings.items():
            self._find(fault, given)
        self.programs += other.programs

    def _find(self, fault: str, given: Given) -> None:
        name, _, rest = fault.partition(": ")
        rule, ends, _ = rest.partition(": ")
        kind = f"{name}: {rule}" if ends and ":" not in rule else name  # of guardrails, by rule
        if not any(known.startswith(kind) for known in self.findings):
            self.findings[fault] = given


def features(found: Settings) -> tuple[str, ...]:
    """What an accepted configuration is a case of."""
    kept = "thrown away" if found.throw_away else found.vault_lock
    phase = "alone" if found.alone else found.state.phase.value
    edges = [f"{name} {getattr(found, name)}" for name in _EDGES if getattr(found, name) in {1, 5, 20, 100, 365, 3653}]
    return (found.posture, found.jurisdiction, f"writer {found.writer}", phase, kept, *edges)


def case_of(found: Settings) -> tuple[str, ...]:
    """By what whole programs are chosen: each such case is run a few times, and none many times."""
    return features(found)[:5]
