"""Brings a standing local cloud to the program's next state, as `pulumi up` does.

The program is run once, against what stands (`plan`); then what is new is made by the creators, what has changed
is changed by the table of updaters, and what is declared no longer is deleted. What could not be done is told, and kept
in the record as it was, so that the next update tries again. An update that would lose a database changes nothing.

Where AWS would be waited for, the update pauses, and goes on with the world's time (`step`).
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import pulumi

import settings as program_settings
from ops.engine import runner
from ops.engine.project import ProjectError, Stack
from ops.engine.record import Program, Registration, Request, Secret, reveal
from ops.engine.runner import ProgramError
from ops.sandbox.cloud import Calling, Cloud, CreationError, refused_as_creation
from ops.sandbox.creators import RECORDED
from ops.sandbox.errand import Errand, Pause, TurnLock
from ops.sandbox.refusals import WorldError
from ops.sandbox.remote import Settings
from ops.sandbox.updates.plan import Planning, Step, foretold, kept_inputs, place
from ops.sandbox.updates.updaters import DELETERS, PUT_AGAIN, UPDATERS, Updater

_MARK: Final = re.compile(r"\$\{\d+\.\w+\}")
_ENCODED: Final = "userData"  # base64, in which the database's address stands
_POLL_SECONDS: Final = 10
_PATIENCE_SECONDS: Final = 7200  # longer than a replica takes to be made


@dataclass(frozen=True, kw_only=True)
class Left:
    """A resource that could not be brought to its next state, and why."""

    resource: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Update:
    """What an update did, by type and logical name."""

    created: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """All of it for machines."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class _UnderWay:
    """An update that is being carried out."""

    settings: Settings
    carrying: _Carrying
    errand: Errand


class Standing:
    """A cell that stands in `cloud` as `program` declares it."""

    def __init__(
        self,
        cloud: Cloud,
        program: Program,
        load: Callable[[Settings], Stack],
        *,
        lock: TurnLock | None = None,
        source: Path | Callable[[], None] = runner.MAIN,
    ) -> None:
        """`load` gives the stack with settings laid over it; `lock` is the world's, where there is one."""
        self.program = program
        self._cloud = cloud
        self._load = load
        self._source = source
        self._lock = lock or TurnLock()
        self._under_way: _UnderWay | None = None
        self._ticks = 0

    @property
    def under_way(self) -> bool:
        """Whether an update waits for something."""
        return self._under_way is not None

    def update(self, settings: Settings) -> Update:
        """Begin to bring the cell to the state that the program declares with `settings`; give what is done so far.

        It goes on by `step`. Asking once more while it is under way begins nothing.

        Raises:
            WorldError: the settings or the program are refused, a database would be lost, or another update is under
                way; nothing was changed.
        """
        if self._under_way is None:
            self._under_way = self._begun(settings)
            carrying = self._under_way.carrying
            self._go_on()
            return carrying.done
        if self._under_way.settings != settings:
            raise WorldError("another update is under way; wait until it has ended")
        return self._under_way.carrying.done

    def step(self) -> None:
        """Go on with the update that is under way: a second has passed."""
        self._ticks += 1
        if self._under_way is not None and self._ticks % _POLL_SECONDS == 0:
            self._go_on()

    def _go_on(self) -> None:
        if self._under_way is not None:
            self._under_way.errand.go_on()
            if self._under_way.errand.ended:
                self._under_way = None

    def _begun(self, settings: Settings) -> _UnderWay:
        standing = self.program.by_urn()
        planning = Planning(standing)
        try:
            program = runner.run(self._load(settings), planning, program=self._source)
        except (pulumi.RunError, ProgramError, ProjectError, program_settings.SettingsError) as error:
            raise WorldError(str(error)) from None
        planning.refuse_losses()
        carrying = _Carrying(self._cloud, standing)

        def work(pause: Pause) -> None:
            self._cloud.before_call = lambda service, region, params: self._await(service, region, params, pause)
            try:
                for step in planning.steps:
                    carrying.do(step)
                carrying.delete_undeclared({item.urn for item in program.registrations})
            finally:
                self._cloud.before_call = Cloud.never_wait
            self.program = carrying.program(program)

        return _UnderWay(settings=dict(settings), carrying=carrying, errand=Errand(work, self._lock))

    def apply(self, settings: Settings) -> dict[str, Any]:
        """As `update`, with what it did so far for machines, and whether it is still under way."""
        return {**self.update(settings).as_json(), "under_way": self.under_way}

    def _await(self, service: str, region: str, params: Mapping[str, Any], pause: Pause) -> None:
        """Pause until the databases that a call names can be changed, as the provider waits for them."""
        if service != "rds":
            return
        for key in ("DBInstanceIdentifier", "SourceDBInstanceIdentifier"):
            name = str(params.get(key, ""))
            where = name.split(":")[3] if name.startswith("arn:") else region
            rds = self._cloud.client("rds", where)
            for _ in range(_PATIENCE_SECONDS // _POLL_SECONDS if name else 0):
                try:
                    found = rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"]
                except rds.exceptions.DBInstanceNotFoundFault:
                    break  # it is about to be made
                if found[0]["DBInstanceStatus"] == "available":
                    break
                pause()


class _Carrying:
    """One update being carried out: the record as it becomes, and what the marks have turned out to be."""

    def __init__(self, cloud: Cloud, standing: Mapping[str, Registration]) -> None:
        self.done = Update()
        self._cloud = cloud
        self._record = dict(standing)
        self._places = {urn: place(item) for urn, item in standing.items() if item.type.startswith("pulumi:providers:")}
        self._real: dict[str, str] = {}

    def do(self, step: Step) -> None:
        """Make, change or keep one resource."""
        if step.before is not None and not step.changed:
            return
        request = step.request
        request = replace(request, inputs=self._settled(request.inputs))
        if _MARK.search(str(reveal(request.inputs))):
            self._leave(request, "it depends on a resource that was not made")
            return
        try:
            if step.before is None:
                self._make(request, step)
            else:
                self._change(request, step.before, step.changed)
        except CreationError as error:
            self._leave(request, error.reason)

    def delete_undeclared(self, declared: set[str]) -> None:
        """Delete what is declared no longer, last made first."""
        for item in [item for urn, item in self._record.items() if urn not in declared][::-1]:
            try:
                if item.custom and item.type not in RECORDED:
                    self._delete(item)
            except CreationError as error:
                self._leave(item, error.reason)
                continue
            del self._record[item.urn]
            if item.custom:
                self.done.deleted.append(_called(item))

    def program(self, declared: Program) -> Program:
        """What stands now, in the order of what is `declared`, with what could not be deleted at its end."""
        urns = [item.urn for item in declared.registrations]
        components = {item.urn: item for item in declared.registrations if not item.custom}
        found = {**self._record, **components}
        ordered = [found[urn] for urn in urns if urn in found]
        ordered += [item for urn, item in self._record.items() if urn not in urns]
        return Program(stack=declared.stack, registrations=tuple(ordered), exports=self._settled(declared.exports))

    def _make(self, request: Request, step: Step) -> None:
        id_, outputs = self._cloud.create(request)
        self._record[request.urn] = Registration(**vars(request), id=id_, outputs=outputs)
        real = {**reveal(outputs), "id": id_}
        self._real |= {mark: str(real[name]) for name, mark in step.marks.items() if real.get(name) is not None}
        self.done.created.append(_called(request))

    def _change(self, request: Request, before: Registration, changed: frozenset[str]) -> None:
        updater = UPDATERS.get(request.type)
        if request.type in PUT_AGAIN:
            self._cloud.create(request)
        elif request.type not in RECORDED:
            if updater is None:
                raise CreationError(request, f"the local cloud cannot change this type ({', '.join(sorted(changed))})")
            unknown = sorted(changed - updater.inputs - set(updater.idle))
            if unknown:
                raise CreationError(request, f"the local cloud cannot change {', '.join(unknown)}")
            self._call(request, before, updater, changed)
        id_, outputs = foretold(before, request, changed, self._places.get(request.provider, {}))
        kept = replace(request, inputs=kept_inputs(before, request))
        self._record[request.urn] = Registration(**vars(kept), id=id_, outputs=outputs)
        self.done.changed.append(_called(request))

    def _delete(self, item: Registration) -> None:
        deleter = DELETERS.get(item.type)
        if item.protect or deleter is None:
            why = "it is protected" if item.protect else "the local cloud does not delete this type"
            raise CreationError(item, f"it is declared no longer, and stays: {why}")
        self._call(item, item, deleter, frozenset(item.inputs))

    def _call(self, request: Request, before: Registration, updater: Updater, changed: frozenset[str]) -> None:
        with refused_as_creation(request, self._cloud.hush):
            _Changing(self._cloud, request, before, updater, changed).change()

    def _leave(self, item: Request, reason: str) -> None:
        self.done.left.append(Left(resource=_called(item), reason=reason))

    def _settled(self, value: Any, key: str = "") -> Any:  # noqa: ANN401 - a property tree is any JSON
        """`value` with the marks of what has been made replaced by what it was given."""
        if isinstance(value, Secret):
            return Secret(self._settled(value.value, key))
        if isinstance(value, Mapping):
            return {name: self._settled(item, name) for name, item in value.items()}
        if isinstance(value, list):
            return [self._settled(item) for item in value]
        if not isinstance(value, str):
            return value
        text = _decoded(value) if key == _ENCODED else value
        settled = text
        for mark, real in self._real.items():
            settled = settled.replace(mark, real)
        if settled == text:
            return value
        return base64.b64encode(settled.encode()).decode() if key == _ENCODED else settled


class _Changing(Calling):
    """One resource being changed or deleted."""

    def __init__(
        self, cloud: Cloud, request: Request, before: Registration, updater: Updater, changed: frozenset[str]
    ) -> None:
        super().__init__(cloud, request, updater.service)
        self._calls = updater.calls
        old, new = reveal(before.inputs), reveal(kept_inputs(before, request))
        self._values |= {key: new[key] for key in changed if key in new}
        self._values |= {"standing": before.id, "logicalName": request.name}
        self._values |= updater.prepare(old, new) if updater.prepare else {}

    def change(self) -> None:
        self.seed()
        self._then(self._calls)


def _called(item: Request) -> str:
    return f"{item.type} {item.name}"


def _decoded(text: str) -> str:
    """A text in base64, opened; as it is if it is none."""
    try:
        return base64.b64decode(text, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return text
