"""One account's local cloud with its behaviour: the clock, the chance, the faults, and the laws that go with time.

Everything here works on moto's own objects, so that an AWS SDK sees what has become of them. Use inside
`moto.mock_aws`; `installed` replaces those calls of moto's that would otherwise happen at once and whole.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from ops.sandbox.errand import TurnLock
from ops.sandbox.physics import withheld
from ops.sandbox.physics.application import Application
from ops.sandbox.physics.canaries import calls as canary_calls
from ops.sandbox.physics.canaries.canaries import Canaries
from ops.sandbox.physics.clock import START, Clock
from ops.sandbox.physics.databases import databases
from ops.sandbox.physics.databases.databases import Databases
from ops.sandbox.physics.faults import Faults
from ops.sandbox.physics.figures import Figures
from ops.sandbox.physics.fleets import fleets
from ops.sandbox.physics.fleets.fleets import Fleets
from ops.sandbox.physics.functions import changes, moves
from ops.sandbox.physics.functions.functions import Functions
from ops.sandbox.physics.functions.moves import Moves
from ops.sandbox.physics.gate import Gate
from ops.sandbox.physics.monitoring import filters, metrics, series
from ops.sandbox.physics.monitoring.metrics import Metrics
from ops.sandbox.physics.names import names
from ops.sandbox.physics.names.names import Names
from ops.sandbox.physics.objects import deletions, objects
from ops.sandbox.physics.objects.objects import Objects
from ops.sandbox.physics.objects.scanning import Scanning
from ops.sandbox.physics.repairs import automations
from ops.sandbox.physics.repairs.automations import Automations
from ops.sandbox.physics.trail import trails
from ops.sandbox.physics.trail.trails import Trails

_MODULES: Final = (
    automations,
    canary_calls,
    changes,
    databases,
    deletions,
    filters,
    fleets,
    metrics,
    moves,
    names,
    objects,
    series,
    trails,
    withheld,
)


class Law(Protocol):
    """A part of the physics. Made anew when a drill takes hold of the cloud, from what stands then."""

    def step(self) -> None:
        """Do what is due: a tick has passed."""


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that has truly happened, whether or not anybody has seen it. For tests; a drill must measure."""

    at: float
    what: str
    facts: Mapping[str, Any]


class World:
    """The physics of the account's local cloud. Its laws are there from `begin` on."""

    gate: Gate
    metrics: Metrics
    fleets: Fleets
    databases: Databases
    objects: Objects
    scanning: Scanning
    functions: Functions
    moves: Moves
    automations: Automations
    application: Application
    names: Names
    canaries: Canaries
    trails: Trails

    def __init__(self, account: str, *, seed: int = 1, start: datetime = START, figures: Figures | None = None) -> None:
        """Begin at `start`; the same `seed` gives the same chance."""
        self.account: Final = account
        self.lock: Final = TurnLock()
        self.figures: Final = figures or Figures()
        self.running = False
        # Who goes on with the time beside the laws, whatever `begin` makes anew: an update of the cell.
        self.beside: Law | None = None
        self._reset(seed, start)

    def begin(self, seed: int, start: datetime = START) -> None:
        """Take what stands now as the beginning: a new clock, new chance, no fault, nothing under way.

        Until then moto behaves as it always does, so that a cell is built at once.
        """
        with self.lock:
            self._reset(seed, start)
            self.gate = Gate(self)
            self.metrics = Metrics(self)
            self.fleets = Fleets(self)
            self.databases = Databases(self)
            self.objects = Objects(self)
            self.scanning = Scanning(self)
            self.functions = Functions(self)
            self.moves = Moves(self)
            self.automations = Automations(self)
            self.application = Application(self)
            self.names = Names(self)
            self.canaries = Canaries(self)
            self.trails = Trails(self)
            # What serves first, then what watches it.
            self._laws = (
                self.fleets,
                self.databases,
                self.objects,
                self.scanning,
                self.functions,
                self.moves,
                self.names,
                self.canaries,
                self.metrics,
                self.automations,
                self.trails,
            )
            self.running = True

    def _reset(self, seed: int, start: datetime) -> None:
        self.seed = seed
        self.clock = Clock(start)
        self.faults = Faults()
        self.events: list[Event] = []
        self._services: dict[str, Any] = {}
        self._draws: Counter[tuple[str, str]] = Counter()
        self._laws: tuple[Law, ...] = ()

    @property
    def now(self) -> datetime:
        """The time."""
        return self.clock.now

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        with self.lock:
            self.clock.advance(seconds, self._step)

    def draw(self, name: str, key: str = "") -> float:
        """The figure called `name`, by chance. Each `key` has a chance of its own, whatever else is drawn between."""
        figure = getattr(self.figures, name)
        self._draws[name, key] += 1
        chance = random.Random(f"{self.seed}/{name}/{key}/{self._draws[name, key]}")  # noqa: S311 - no secret
        return chance.uniform(figure.low, figure.high)

    def happened(self, what: str, **facts: Any) -> None:  # noqa: ANN401 - any JSON
        """Note that something has happened."""
        self.events.append(Event(at=self.clock.elapsed, what=what, facts=facts))

    def backend(self, service: str, region: str) -> Any:  # noqa: ANN401 - moto's backends have no common type
        """The state that moto itself keeps of `service` in `region` (`aws` for global services)."""
        from moto.backends import get_backend  # noqa: PLC0415 - after moto's environment is set

        # Kept: moto looks through all services that are in use whenever it is asked for one, and laws ask every second.
        if service not in self._services:
            self._services[service] = get_backend(service)[self.account]  # type: ignore[call-overload]
        return self._services[service][region]

    @contextmanager
    def installed(self) -> Generator[None]:
        """Until the block ends, moto's calls behave by these laws."""
        with ExitStack() as stack:
            for module in _MODULES:
                stack.enter_context(module.installed(self))
            yield

    def _step(self) -> None:
        for law in self._laws:
            law.step()
        if self.beside is not None:
            self.beside.step()
