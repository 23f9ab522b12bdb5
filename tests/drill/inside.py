"""Whole drills in this process: the small cell under the real physics, what kills and disturbs a drill, and the truth.

The program's update, which a failback needs, is made by hand here: running the program costs seconds.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from typing_extensions import override

from domain import manifest as manifests
from domain.continuity import State
from domain.manifest import Database, SideName
from ops.drill import execute, journal, ledger, places
from ops.drill.catalog import CALLS
from ops.drill.context import of_generation
from ops.drill.equipment import Outfit, markers_of
from ops.drill.execute import Order
from ops.drill.journal import Entry
from ops.drill.model import Kind, Outcome, Plan, Verdict
from ops.drill.plans import Recipe, build
from ops.drill.runner import Ending
from ops.drill.runs import Run, Runs
from ops.drill.sites.sandbox import SandboxSite
from ops.drill.taken import taken
from ops.engine.project import ROOT
from ops.refusal import RefusalError
from ops.sandbox.physics.world import World
from ops.sandbox.remote import LocalWorld, Settings
from tests.drill.tiny import KilledError
from tests.small_cell import SmallCell, small_cell
from tests.support import HOME, RECOVERY

REGIONS: Final = {"home": HOME, "recovery": RECOVERY, "": ""}
POLL_SECONDS: Final = 60
"""How often a step asks in most of these drills: each question costs a few milliseconds, and the client goes on."""
_WAIT_SECONDS: Final = 60
_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - a folder of its own is made in it


@dataclass(frozen=True, kw_only=True)
class Spell:
    """A fault that comes over the cell at a second of the drill, and leaves it `lasts` seconds later."""

    fault: str
    side: str
    at: int
    lasts: int
    parameters: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Drilled:
    """What a drill has left, and what truly happened: `overlaps` are the seconds in which two databases took writes.

    `rows` are the numbers of the markers that each database has, by identifier, once every fault is over.
    """

    plan: Plan
    verdict: Verdict
    reasons: tuple[str, ...]
    text: bytes
    entries: tuple[Entry, ...]
    complete: bool
    reports: Mapping[str, str]
    measures: Mapping[str, Any]
    events: tuple[tuple[float, str, Mapping[str, Any]], ...]
    writers: tuple[str, ...]
    overlaps: tuple[float, ...]
    rows: Mapping[str, frozenset[int]]
    places: tuple[str, ...]
    kills: tuple[str, ...]
    instances: frozenset[str]

    @property
    def outcomes(self) -> dict[str, Outcome | None]:
        return {step.id: step.outcome for step in taken(self.entries)}

    @property
    def acknowledged(self) -> frozenset[int]:
        """The markers whose rows the client was told are kept."""
        return frozenset(data["number"] for data in self.of("client") if data["row"])

    def of(self, kind: str) -> list[Mapping[str, Any]]:
        return [entry["data"] for entry in self.entries if entry["kind"] == kind]

    def happened(self, what: str) -> list[tuple[float, Mapping[str, Any]]]:
        return [(at, facts) for at, found, facts in self.events if found == what]


class Foretold:
    """A preview of the next update that loses no database: the program's own costs seconds, and has its own tests."""

    def result(self) -> tuple[bool, str]:
        return True, "no database would be replaced, made empty or deleted"


class Killer:
    """Kills the drill at the places that it is told, each counted from where the drill was last begun."""

    def __init__(self, places: Sequence[int]) -> None:
        """Kill at each of `places`, in turn."""
        self._left = list(places)
        self._count = 0
        self.seen: list[str] = []
        self.struck: list[str] = []

    def strike(self, where: str) -> None:
        self.seen.append(where)
        self._count += 1
        if self._left and self._count >= self._left[0]:
            self._left.pop(0)
            self._count = 0
            self.struck.append(where)
            raise KilledError(where)


class Beside:
    """What goes on each second beside the laws: spells of faults, the program's update, and a look at the writers."""

    def __init__(self, world: World, update: Update) -> None:
        """Look at `world`, and go on with `update`."""
        self._world = world
        self._update = update
        self._spells: list[Spell] = []
        self.overlaps: list[float] = []

    def begin(self, spells: Sequence[Spell]) -> None:
        """Let `spells` come, by seconds from now on."""
        now = round(self._world.clock.elapsed)
        self._spells = [replace(spell, at=spell.at + now) for spell in spells]

    def step(self) -> None:
        now = round(self._world.clock.elapsed)
        for spell in self._spells:
            if spell.at == now:
                self._world.faults.inject(spell.fault, REGIONS[spell.side], spell.parameters)
            elif spell.at + spell.lasts == now:
                self._world.faults.lift(spell.fault, REGIONS[spell.side])
        self._update.step()
        if len(self._world.databases.writers()) > 1:
            self.overlaps.append(self._world.clock.elapsed)

    def end(self) -> None:
        """Lift every fault, and let no other come."""
        self._spells = []
        for active in self._world.faults.all():
            self._world.faults.lift(active.fault.name, active.region)


class KillableWorld(LocalWorld):
    """A world whose drill may be killed before and after each of the things that it asks for."""

    def __init__(
        self, world: World, apply: Callable[[Settings], Mapping[str, Any]], strike: Callable[[str], None]
    ) -> None:
        """Drive `world`; `strike` may kill."""
        super().__init__(world, apply)
        self._strike = strike

    @override
    def inject(self, fault: str, region: str = "", parameters: Mapping[str, float] | None = None) -> dict[str, Any]:
        self._strike("before inject")
        found = super().inject(fault, region, parameters)
        self._strike("after inject")
        return found

    @override
    def lift(self, fault: str, region: str = "") -> bool:
        self._strike("before lift")
        found = super().lift(fault, region)
        self._strike("after lift")
        return found

    @override
    def apply(self, settings: Settings) -> Mapping[str, Any]:
        self._strike("before apply")
        found = super().apply(settings)
        self._strike("after apply")
        return found


@contextmanager
def bench(seed: int = 1, kills: Sequence[int] = ()) -> Iterator[Bench]:
    """A cell of its own, in which time has begun; drills are killed at `kills`."""
    with small_cell() as small, tempfile.TemporaryDirectory(dir=_MEMORY if _MEMORY.is_dir() else None) as folder:
        world = World(small.account)
        with world.installed():
            yield Bench(small, world, Path(folder), seed, Killer(kills))


class Bench:
    """A cell in which time passes, and drills one after the other."""

    def __init__(self, small: SmallCell, world: World, folder: Path, seed: int, killer: Killer) -> None:
        """Begin the time."""
        self.small = small
        self.world = world
        self.killer = killer
        self._seed = seed
        self._update = Update(small, world)
        self.local = KillableWorld(world, self._update.apply, killer.strike)
        self.local.begin(seed)
        self.beside = Beside(world, self._update)
        world.beside = self.beside
        self.site = SandboxSite(self.local, None, self._attach)
        self.site._session = small.session  # it has read AWS's service models, which takes longer than a drill
        self.runs = Runs(folder)
        self.cell = places.cell(small.manifest.cell, ROOT)

    def plan(self, kind: Kind, *, poll: int = POLL_SECONDS, **given: Any) -> Plan:  # noqa: ANN401 - any field's value
        """The plan for the cell as it stands; a person decides in no time unless told otherwise."""
        made: dict[str, Any] = {
            "manifest": self._update.manifest,
            "site": "sandbox",
            "code": "c0de",
            "calls": CALLS,
            "seed": self._seed,
            "decision_seconds": 0,
        }
        found = build(kind, Recipe(**{**made, **given}))
        steps = tuple(step.model_copy(update={"poll_seconds": max(poll, step.poll_seconds)}) for step in found.steps)
        return found.model_copy(update={"steps": steps}) if poll else found

    def failback(self, before: Drilled) -> Plan:
        """The plan of the way back after the drill `before`."""
        return self.plan(Kind.FAILBACK, failed_over=True, outage=(markers_of(before.plan, ""),))

    def run(self, plan: Plan, spells: Sequence[Spell] = (), pause: int = 0) -> Drilled:
        """Carry out `plan`; once killed it is resumed after `pause` seconds, until nobody kills it any more."""
        begun = len(self.world.events)
        self.beside.begin(spells)
        known = len(self.runs.of(plan.cell))
        run: Run | None = None
        ending: Ending | None = None
        while ending is None:
            try:
                if run is None:
                    run, ending = execute.start(plan, self.order())
                else:
                    ending = execute.resume(run, self.order())
            except KilledError:
                self.world.advance(pause)
            except RefusalError:  # whoever runs it waits until what it needs answers again
                self.world.advance(_WAIT_SECONDS)
            run = run or self._left(plan, known)
            ending = ending or _ended(run)
        return self._drilled(run, plan, ending, begun)

    def order(self) -> Order:
        outfit = Outfit(cell=self.cell, foresight=Foretold())
        return Order(runs=self.runs, site=self.site, equip=outfit.equip, typed="us", holder="bob", watch=self._watch)

    def _left(self, plan: Plan, known: int) -> Run | None:
        """The run that was broken off; None if it was before anything could be resumed."""
        made = self.runs.of(plan.cell)[known:]
        return next((run for run in made if run.facts().get("begin")), None)

    def _watch(self, entry: Entry) -> None:
        self.killer.strike(f"entry {entry['kind']}")

    def _before_call(self, model: Any, **_: object) -> None:  # noqa: ANN401 - botocore's, which has no static type
        self.killer.strike(f"before {model.name}")

    def _after_call(self, model: Any, **_: object) -> None:  # noqa: ANN401 - as above
        self.killer.strike(f"after {model.name}")

    def _attach(self, client: Any) -> Any:  # noqa: ANN401 - boto3's clients have no static type
        self.world.gate.attach(client)
        client.meta.events.register("before-call", self._before_call)
        client.meta.events.register("after-call", self._after_call)
        return client

    def _drilled(self, run: Run | None, plan: Plan, ending: Ending, begun: int) -> Drilled:
        assert run is not None
        found = ledger.report(run)
        verified = journal.verify(run.journal)
        writers = tuple(identifier for _, identifier in self.world.databases.writers())
        overlaps = tuple(self.beside.overlaps)
        self.beside.end()
        return Drilled(
            plan=plan,
            verdict=ending.verdict,
            reasons=ending.reasons,
            text=run.journal.read_bytes(),
            entries=verified.entries,
            complete=verified.complete,
            reports={form: Path(path).read_text(encoding="utf-8") for form, path in ledger.paths(run).items()},
            measures=found.measures.model_dump(mode="json"),
            events=tuple((event.at, event.what, dict(event.facts)) for event in self.world.events[begun:]),
            writers=writers,
            overlaps=overlaps,
            rows=self._rows(markers_of(plan, run.id)),
            places=tuple(self.killer.seen),
            kills=tuple(self.killer.struck),
            instances=frozenset(self._instances()),
        )

    def _instances(self) -> dict[str, str]:
        """The databases that stand, with their regions."""
        return {
            found["DBInstanceIdentifier"]: region
            for region in (HOME, RECOVERY)
            for found in self.small.client("rds", region).describe_db_instances()["DBInstances"]
        }

    def _rows(self, markers: str) -> dict[str, frozenset[int]]:
        found = {}
        for identifier, region in self._instances().items():
            instance = self.world.databases.find(region, identifier)
            assert instance is not None
            found[identifier] = frozenset(row.number for row in instance.rows if row.run == markers)
        return found


def _ended(run: Run | None) -> Ending | None:
    """How `run` has ended by its journal: its end may be written before the lock could be given back."""
    found = ledger.entries(run) if run else ()
    if not found or found[-1]["kind"] != "end":
        return None
    data = found[-1]["data"]
    return Ending(verdict=Verdict(data["verdict"]), reasons=tuple(data["reasons"]))


class Update:
    """The program's part in a failback, by plain boto3: a side's old database aside and fenced, and a new replica."""

    def __init__(self, small: SmallCell, world: World) -> None:
        """Nothing is under way."""
        self.manifest = small.manifest
        self._small = small
        self._world = world
        self._begun: Settings = {}
        self._work: Iterator[None] = iter(())

    def apply(self, settings: Settings) -> Mapping[str, Any]:
        """Begin to have the cell be as `settings` say; it goes on with the time, and asked again it only goes on."""
        if settings != self._begun:
            self._begun = dict(settings)
            state = State(
                writer=str(settings["writer"]),
                home_generation=int(str(settings["homeGeneration"])),
                recovery_generation=int(str(settings["recoveryGeneration"])),
            )
            self._work = self._carried_out(state)
        return dict(settings)

    def step(self) -> None:
        if self._world.clock.elapsed % 10 == 0:
            next(self._work, None)

    def _carried_out(self, state: State) -> Iterator[None]:
        side: SideName = "home" if state.writer == "recovery" else "recovery"
        other: SideName = "recovery" if side == "home" else "home"
        place, source = self.manifest.side(side), self.manifest.side(other).database
        old, new = place.database, of_generation(place.database, state.generation(side))
        rds = self._small.client("rds", place.region)
        (known,) = rds.describe_db_instances(DBInstanceIdentifier=old.identifier)["DBInstances"]
        fence = {"ParameterName": "read_only", "ParameterValue": "1", "ApplyMethod": "immediate"}
        rds.modify_db_parameter_group(DBParameterGroupName=old.parameter_group, Parameters=[fence])
        rds.modify_db_instance(
            DBInstanceIdentifier=old.identifier,
            NewDBInstanceIdentifier=f"{old.identifier}-aside",
            ApplyImmediately=True,
        )
        rds.create_db_parameter_group(
            DBParameterGroupName=new.parameter_group, DBParameterGroupFamily="mysql8.4", Description="TLS only"
        )
        rds.create_db_instance_read_replica(
            DBInstanceIdentifier=new.identifier,
            SourceDBInstanceIdentifier=source.arn,
            DBInstanceClass="db.t4g.medium",
            KmsKeyId=place.key,
            DeletionProtection=True,
            DBParameterGroupName=new.parameter_group,
            VpcSecurityGroupIds=[group["VpcSecurityGroupId"] for group in known["VpcSecurityGroups"]],
        )
        yield from self._made(rds, new.identifier)
        rds.modify_db_instance(DBInstanceIdentifier=new.identifier, BackupRetentionPeriod=14, ApplyImmediately=True)
        yield from self._made(rds, new.identifier)
        self._tell(state.writer, side, new)

    def _made(self, rds: Any, identifier: str) -> Iterator[None]:  # noqa: ANN401 - boto3's clients have no static type
        """Wait until the instance is available, as the provider does."""
        while (
            rds.describe_db_instances(DBInstanceIdentifier=identifier)["DBInstances"][0]["DBInstanceStatus"]
            != "available"
        ):
            yield

    def _tell(self, writer: str, side: SideName, database: Database) -> None:
        """Write the manifests."""
        content = self.manifest.model_dump(mode="json")
        content |= {"writer": writer, side: {**content[side], "database": database.model_dump(mode="json")}}
        text = manifests.write(content)
        for region in (HOME, RECOVERY):
            self._small.client("ssm", region).put_parameter(
                Name=manifests.parameter_name(self.manifest.cell),
                Value=text,
                Type="SecureString",
                Tier=manifests.tier(text),
                Overwrite=True,
            )
        self.manifest = manifests.read(text)
