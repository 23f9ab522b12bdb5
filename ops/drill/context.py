"""What a probe or an action is bound to: where the drill is, its plan and manifest, its client, and what it knows.

Owns: the shape of what others give, as protocols. Does not own: any of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Protocol

from domain import manifest as manifests
from domain.continuity import OTHER
from domain.manifest import Manifest, SideName
from ops.drill.model import Observation, Outcome, Plan
from ops.drill.site import Site
from ops.drill.taken import WELL

DECLARE: Final = "declare"
"""The action that has the program make a new generation of a side's database."""


class Try(Protocol):
    """One visit of the client. `side` is empty if nobody answered; `row` and `object` were acknowledged."""

    @property
    def number(self) -> int:
        """The marker's number."""

    @property
    def at(self) -> datetime:
        """When it ended."""

    @property
    def address(self) -> str:
        """The load balancer that the name led to."""

    @property
    def side(self) -> str:
        """Who answered: home, recovery, or nobody."""

    @property
    def read(self) -> bool:
        """Whether a read was served."""

    @property
    def row(self) -> bool:
        """Whether the marker's row was acknowledged."""

    @property
    def object(self) -> bool:
        """Whether the marker's object was acknowledged."""

    @property
    def text(self) -> str:
        """What failed, if anything."""


class Traffic(Protocol):
    """The client of the run."""

    @property
    def tries(self) -> Sequence[Try]:
        """All visits, oldest first."""

    def acknowledged(self, until: datetime | None = None, since: datetime | None = None) -> Sequence[Try]:
        """Visits whose row was acknowledged by `until` (included) and after `since` (excluded)."""


class Marks(Protocol):
    """What the journal knows so far."""

    @property
    def fault_at(self) -> datetime | None:
        """When the fault was injected, or the loss was first seen."""

    @property
    def decided(self) -> bool:
        """Whether a person has decided."""

    @property
    def current(self) -> str:
        """The step that is under way; empty if none is."""

    def began(self, step: str, /) -> datetime | None:
        """When a step began; None if it has not."""

    def ended(self, step: str, /) -> datetime | None:
        """When a step ended; None if it has not."""

    def outcome(self, step: str, /) -> Outcome | None:
        """How a step ended; None if it has not."""

    def acted(self, step: str, /) -> bool:
        """Whether a call of a step is known to have been taken."""


class Foresight(Protocol):
    """The preview of the next update."""

    def result(self) -> tuple[bool, str]:
        """Whether it loses no database, and its verdict in words."""


class Lock(Protocol):
    """The lock of the drill on its cell."""

    def held(self) -> Observation:
        """Whether it is still this run's."""


@dataclass(frozen=True, kw_only=True)
class Context:
    """All of it. `run` names the markers; `folder` has the stack's file that the drill writes.

    `foresight` is of the update after the drill. Without it, or without `lock`, what asks for them has no data.
    """

    site: Site
    plan: Plan
    manifest: Manifest
    traffic: Traffic
    marks: Marks
    run: str
    folder: Path
    foresight: Foresight | None = None
    lock: Lock | None = None

    def client(self, service: str, side: SideName) -> Any:  # noqa: ANN401 - boto3's clients have no static type
        """A client of `service` in the region of `side`."""
        return self.site.client(service, self.manifest.side(side).region)

    def database(self, side: SideName, generation: int | None = None) -> manifests.Database:
        """The database of `side`: the one of `generation`, or the latest.

        That is the manifest's, until a step of the plan has made a later one.
        """
        found = self.manifest.side(side).database
        wanted = generation or self._latest(side)
        return found if wanted == found.generation else of_generation(found, wanted)

    def _latest(self, side: SideName) -> int:
        made = [
            value
            for step in self.plan.steps
            if step.action and step.action.name == DECLARE and self.marks.outcome(step.id) in WELL
            if isinstance(value := step.action.arguments.get(f"{side}_generation"), int)
        ]
        return max([self.manifest.side(side).database.generation, *made])


def of_generation(database: manifests.Database, generation: int) -> manifests.Database:
    """What the program calls the instance of `generation` of the same side, in use and not aside.

    The names differ in one place: `medical-us-use2-db-1`, `medical-us-use2-db-1-mysql84`.
    """
    old, new = f"-db-{database.generation}", f"-db-{generation}"
    plain = database.identifier.removesuffix("-aside")
    identifier = f"{plain.removesuffix(old)}{new}"
    stem, _, family = database.parameter_group.rpartition(old)
    return manifests.Database(
        identifier=identifier,
        arn=f"{database.arn.rpartition(':')[0]}:{identifier}",
        generation=generation,
        parameter_group=f"{stem}{new}{family}",
    )


def stem(database: manifests.Database) -> str:
    """What the identifiers of all generations of a side begin with: `medical-us-use2-db-`."""
    return database.identifier.removesuffix("-aside").removesuffix(str(database.generation))


def other(side: SideName) -> SideName:
    """The other side."""
    return "home" if OTHER[side] == "home" else "recovery"
