"""Runs the real program through Pulumi's mocks interface, with a backend that answers each registration.

One process runs one stack at a time: Pulumi keeps its runtime state in context variables and module globals, so every
run gets a fresh context and event loop, and parallel cells run in processes of their own.
"""

from __future__ import annotations

import asyncio
import contextvars
import gc
import itertools
import json
import os
import runpy
import sys
import threading
from collections.abc import Callable, Coroutine, Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar
from unittest import mock

from pulumi.runtime import mocks, resource, rpc, settings
from pulumi.runtime.config import set_all_config
from pulumi.runtime.proto import resource_pb2, source_pb2
from pulumi.runtime.stack import run_in_stack
from typing_extensions import override

from ops.engine.project import ROOT, Stack
from ops.engine.record import Program, Registration, Request, Secret

T = TypeVar("T")
_STACK: Final = "pulumi:pulumi:Stack"
_FOREIGN: Final = "PULUMI_"  # variables by which a real engine hands a program the configuration of another stack
MAIN: Final = ROOT / "__main__.py"
_RUNS: Final = itertools.count()  # those begun in this process; asking gc what is frozen takes a tenth of a second


class ProgramError(Exception):
    """The program did not run to its end; the message says where and why."""


class Backend(Protocol):
    """What answers registrations in the provider's place."""

    # Whether outputs that a backend does not give are unknown, as in `pulumi preview`, rather than empty.
    unknown_outputs: bool

    def create(self, request: Request) -> tuple[str, Mapping[str, Any]]:
        """Make what `request` asks for; give its id and its outputs (camelCase, secrets as `Secret`)."""
        ...


class LookupRefusedError(ProgramError):
    """The program asked AWS something, which it must not: a preview needs neither credentials nor network."""


class DuplicateError(ProgramError):
    """Two registrations have one URN, which the Pulumi engine refuses."""


class _Mocks(mocks.Mocks):
    """Nothing arrives here: the monitor, which sees more of each request, takes them all."""

    @override
    def call(self, args: mocks.MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]] | None]:
        raise NotImplementedError(args.token)

    @override
    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        raise NotImplementedError(args.typ)


class _Monitor(mocks.MockMonitor):
    """Hands each registration to the backend, one at a time, and keeps the record."""

    def __init__(self, backend: Backend, observer: Callable[[Registration], None] | None) -> None:
        super().__init__(_Mocks())
        self.backend = backend
        self.observer = observer
        self.registrations: dict[str, Registration] = {}
        self.exports: Mapping[str, Any] = {}
        self._lock = threading.Lock()  # registrations arrive on threads, and moto is not made for that

    @override
    def make_urn(self, parent: str, type_: str, name: str) -> str:
        """The URN as the engine makes it: with the types of all components above, which the mocks leave out."""
        above = parent.split("::")[2] if parent else _STACK
        qualified = type_ if above == _STACK else f"{above}${type_}"
        return f"urn:pulumi:{settings.get_stack()}::{settings.get_project()}::{qualified}::{name}"

    @override
    def RegisterResource(self, request: Any) -> Any:
        urn = self.make_urn(request.parent, request.type, request.name)
        if request.type == _STACK:
            return resource_pb2.RegisterResourceResponse(urn=urn)
        asked = _request(urn, request)
        with self._lock:
            if urn in self.registrations:
                raise DuplicateError(f"two resources are called {request.name!r} ({request.type}): {urn}")
            id_, outputs = self.backend.create(asked) if asked.custom else ("", asked.inputs)
            done = Registration(**vars(asked), id=id_, outputs=outputs)
            self.registrations[urn] = done
            self.resources[urn] = mocks.MockMonitor.ResourceRegistration(urn, id_, dict(outputs))
            if self.observer:
                self.observer(done)
        answer = _at_once(rpc.serialize_properties(_seal(outputs), {}))
        return resource_pb2.RegisterResourceResponse(urn=urn, id=id_, object=answer)

    @override
    def Invoke(self, request: Any) -> Any:
        raise LookupRefusedError(f"the program looked up {request.tok}; it must know this from its settings")

    @override
    def ReadResource(self, request: Any) -> Any:
        raise LookupRefusedError(
            f"the program read {request.type} {request.name!r}; it must take the id from its settings"
        )

    @override
    def RegisterResourceOutputs(self, request: Any) -> Any:
        if f"::{_STACK}::" in request.urn:
            self.exports = _open(rpc.deserialize_properties(request.outputs, keep_unknowns=True))
        return super().RegisterResourceOutputs(request)


def run(
    stack: Stack,
    backend: Backend,
    *,
    observer: Callable[[Registration], None] | None = None,
    program: Path | Callable[[], None] = MAIN,
) -> Program:
    """Run `program` as `stack`, answered by `backend`; `observer` sees each registration as it is made.

    Raises:
        pulumi.RunError: the program refused its configuration (`settings.SettingsError`).
        ProgramError: the program asked for something that the engine refuses.
        Exception: whatever the backend or the program raised.
    """
    monitor = _Monitor(backend, observer)
    with _own_environment(), _uncollected(), _untraced():
        contextvars.Context().run(lambda: asyncio.run(_run(stack, monitor, program)))
    ordered = tuple(monitor.registrations.values())
    return Program(stack=stack.name, registrations=ordered, exports=monitor.exports)


@contextmanager
def _uncollected() -> Generator[None]:
    """Until the block ends, no garbage collection: a run makes a million objects and drops few, so looking is in vain.

    It would take a quarter of the time, and saves 2 % of the memory. What a process's first run leaves
    is never looked at, for most processes run one program, print, and end: an eighth of their time (939 registrations).
    """
    was, first = gc.isenabled(), next(_RUNS) == 0
    gc.disable()
    try:
        yield
    finally:
        if first:
            gc.freeze()
        if was:
            gc.enable()


@contextmanager
def _untraced() -> Generator[None]:
    """Until the block ends, no stack trace goes with a registration: only an engine shows it, and there is none here.

    Reading it off the source files would take a sixth of the time.
    """
    with mock.patch.object(resource, "_get_stack_trace", source_pb2.StackTrace):
        yield


@contextmanager
def _own_environment() -> Generator[None]:
    """Until the block ends, no variable of Pulumi's: the configuration is the stack's, wherever this runs."""
    taken = {key: os.environ.pop(key) for key in [*os.environ] if key.startswith(_FOREIGN)}
    try:
        yield
    finally:
        os.environ.update(taken)


async def _run(stack: Stack, monitor: _Monitor, program: Path | Callable[[], None]) -> None:
    # Without fresh ones a second run in this process waits for the first one's outputs for ever.
    runtime: Any = settings  # the SDK's own annotations do not say what it accepts here
    runtime.SETTINGS.outputs = set()
    runtime.SETTINGS.lock = threading.Lock()
    set_all_config(dict(stack.config), [])
    mocks.set_mocks(
        monitor.mocks,
        project=stack.project,
        stack=stack.name,
        preview=monitor.backend.unknown_outputs,
        monitor=monitor,
    )
    runtime.set_root_resource(None)
    try:
        await run_in_stack(_body(program))
    except BaseException:
        # The failure is raised; what waited for it is left behind, and asyncio would log a traceback of each whenever
        # memory is collected. A traceback parses source; within another parse, CPython 3.11 breaks off both.
        asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)
        raise


def _at_once(values: Coroutine[Any, Any, T]) -> T:
    """What `values` comes to. It waits for nothing, since what a backend gave is known, and so needs no event loop."""
    try:
        values.send(None)
    except StopIteration as done:
        return done.value
    values.close()
    raise TypeError("a backend gave an output that is still to come")


def _body(program: Path | Callable[[], None]) -> Callable[[], None]:
    if not isinstance(program, Path):
        return program

    def main() -> None:
        folder = str(program.parent)
        if folder not in sys.path:
            sys.path.insert(0, folder)
        runpy.run_path(str(program), run_name="__main__")

    return main


def _request(urn: str, request: Any) -> Request:  # noqa: ANN401 - the gRPC message
    inputs = rpc.deserialize_properties(request.object, keep_unknowns=True)
    if request.type.startswith("pulumi:providers:"):
        inputs = {key: _json(value) for key, value in inputs.items()}
    return Request(
        urn=urn,
        type=request.type,
        name=request.name,
        parent=request.parent,
        custom=request.custom,
        provider=request.provider.rpartition("::")[0],
        inputs=_open(inputs),
        dependencies=tuple(request.dependencies),
        property_dependencies={key: tuple(value.urns) for key, value in request.propertyDependencies.items()},
        protect=request.protect,
        retain_on_delete=request.retainOnDelete,
        ignore_changes=tuple(request.ignoreChanges),
    )


def _json(value: Any) -> Any:  # noqa: ANN401 - a property tree is any JSON
    """A provider's setting, which Pulumi hands over as JSON in a text, unless it is text itself."""
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return value


def _open(value: Any) -> Any:  # noqa: ANN401 - a property tree is any JSON
    """Pulumi's wire form of secrets and numbers as `Secret` and, where whole, `int`."""
    if rpc.is_rpc_secret(value):
        return Secret(_open(rpc.unwrap_rpc_secret(value)))
    if isinstance(value, dict):
        return {key: _open(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_open(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _seal(value: Any) -> Any:  # noqa: ANN401 - a property tree is any JSON
    """The reverse of `_open`: what a backend gave, as Pulumi serializes it."""
    if isinstance(value, Secret):
        return rpc.wrap_rpc_secret(_seal(value.value))
    if isinstance(value, Mapping):
        return {key: _seal(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_seal(item) for item in value]
    return value
