"""A drill's report as one document: everything that its Markdown and HTML show, and nothing that they do not. Pure.

It holds names, times, counts and hashes. Offsets are seconds from the time line's zero (`Measures.origin`).
"""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from pydantic import BaseModel

from ops.drill.measures import Measures
from ops.drill.model import Part, Phase, Targets, Verdict
from ops.drill.reason import Reason

SCHEMA_VERSION: Final = 1
State: TypeAlias = Literal["met", "missed", "no data", "noted"]
StepState: TypeAlias = Literal["well", "over", "failed", "overridden", "not shown", "not taken"]
Severity: TypeAlias = Literal["high", "medium", "low"]


class Scope(Part):
    """What was rehearsed, where and when. `began` and `ended` are ISO times of the site's clock, UTC."""

    kind: str
    cell: str
    site: str
    account_id: str
    home_region: str
    recovery_region: str
    faults: tuple[str, ...]
    seed: int | None
    began: str
    ended: str


class Hashes(Part):
    """SHA-256 in hex of what the drill was bound to, and of the journal's last entry, which covers all before it."""

    plan: str
    code: str
    manifest: str
    journal: str


class Figure(Part):
    """A result in large: `share` is the value as a part of its target, for a bar; None without either."""

    name: str
    value: str
    target: str
    state: State
    note: str
    share: float | None = None


class PhaseTime(Part):
    """What the time without reads and without writes was spent on, and what the plan allowed for the phase."""

    phase: Phase
    reads_seconds: float | None
    writes_seconds: float | None
    budget_seconds: int


class StepRow(Part):
    """A step as it was planned and as it went.

    `budget_began` is where its time-out counts from; it is `alongside` if that is another step's beginning.
    """

    id: str
    phase: Phase
    title: str
    state: StepState
    outcome: str
    began: float | None
    ended: float | None
    seconds: float | None
    budget_began: float | None
    budget_seconds: int
    alongside: bool
    text: str


class Deviation(Part):
    """Something that went otherwise than planned, whether or not it did harm."""

    offset: float | None
    what: str
    text: str


class Finding(Part):
    """A gap. Owner and due date are for people to fill in."""

    number: int
    severity: Severity
    title: str
    text: str
    remedy: str
    owner: str = ""
    due: str = ""


class Evidence(Part):
    """What a rule asks for, what in this report serves it, and what it does not show."""

    framework: str
    clause: str
    asks: str
    here: str
    limit: str


class Report(Part):
    """All of it."""

    schema_version: Literal[1] = SCHEMA_VERSION
    run: str
    title: str
    simulated: bool
    verdict: Verdict
    reasons: tuple[Reason, ...]
    scope: Scope
    participants: tuple[str, ...]
    approvers: tuple[str, ...]
    hashes: Hashes
    targets: Targets
    figures: tuple[Figure, ...]
    phases: tuple[PhaseTime, ...]
    steps: tuple[StepRow, ...]
    measures: Measures
    deviations: tuple[Deviation, ...]
    findings: tuple[Finding, ...]
    evidence: tuple[Evidence, ...]


def as_json(document: BaseModel) -> str:
    """The document as text: always the same for the same document."""
    return document.model_dump_json(indent=2) + "\n"
