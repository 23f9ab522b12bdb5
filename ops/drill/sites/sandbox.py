"""The local cloud as a place for drills: its own clock, its own faults, and clients that talk to its process.

Owns: the way there. Does not own: how the cloud behaves (`ops.sandbox.physics`), nor the cell in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, Protocol

import boto3
from botocore.config import Config

from ops.drill.calls import SHORT
from ops.drill.model import Value
from ops.drill.site import Answer, Reply, SiteError, UnreachableError
from ops.sandbox.cloud import CREDENTIALS
from ops.sandbox.refusals import GoneError, WorldError

# In one process of many cells a bucket has no host name of its own.
_BY_PATH: Final = Config(s3={"addressing_style": "path"})


class Held(Protocol):
    """A local cloud that somebody has taken hold of: `ops.sandbox.remote` has two."""

    def now(self) -> datetime:
        """The time by the clock of whoever runs the drill."""

    def advance(self, seconds: float) -> datetime:
        """Let time pass."""

    def inject(self, fault: str, region: str = "", parameters: Mapping[str, float] | None = None) -> dict[str, Any]:
        """Put a fault in force."""

    def lift(self, fault: str, region: str = "") -> bool:
        """Take it out of force."""

    def resolve(self, client: str, name: str) -> tuple[str, bool]:
        """The address for a name, and whether from the client's cache."""

    def request(self, address: str, method: str, path: str, body: str = "") -> tuple[int, dict[str, Any]]:
        """What the application behind an address answers."""

    def apply(self, settings: Mapping[str, Value]) -> Mapping[str, Any]:
        """Update the cell."""


def _unchanged(client: Any) -> Any:  # noqa: ANN401 - boto3's clients have no static type
    return client


class SandboxSite:
    """A cell's local cloud."""

    name: Final = "sandbox"

    def __init__(self, world: Held, endpoint_url: str | None, attach: Callable[[Any], Any] = _unchanged) -> None:
        """Use `world`. Its AWS is at `endpoint_url`, or in this process if that is None.

        There a client has to pass the world's gate, which `attach` makes it do.
        """
        self._world = world
        self._endpoint_url = endpoint_url
        self._attach = attach
        self._session: Any = boto3.Session(**CREDENTIALS)
        self._clients: dict[tuple[str, str], Any] = {}
        self._now: datetime | None = None

    def client(self, service: str, region: str) -> Any:  # noqa: ANN401 - as above
        """A boto3 client of the local cloud, made once."""
        key = (service, region)
        if key not in self._clients:
            made = self._session.client(
                service,
                region_name=region,
                endpoint_url=self._endpoint_url,
                config=SHORT.merge(_BY_PATH) if service == "s3" else SHORT,
            )
            made.meta.events.register_first("before-call", self._forget_time)
            self._clients[key] = self._attach(made)
        return self._clients[key]

    def now(self) -> datetime:
        """The virtual time: asked for once, until something lets it pass."""
        if self._now is None:
            self._now = self._world.now()
        return self._now

    def sleep(self, seconds: float) -> None:
        """Let virtual time pass."""
        self._now = self._world.advance(seconds)

    def resolve(self, client: str, name: str) -> Answer:
        """What the client called `client` is told for `name`.

        Raises:
            UnreachableError: there was no answer.
        """
        try:
            address, cached = self._world.resolve(client, name)
        except GoneError as error:
            raise UnreachableError(str(error)) from error
        return Answer(name=name, address=address, cached=cached)

    def send(self, client: str, address: str, method: str, path: str, body: str = "") -> Reply:  # noqa: ARG002 - all alike
        """Send a request to the application behind `address`.

        Raises:
            UnreachableError: nobody answered.
        """
        try:
            status, answer = self._world.request(address, method, path, body)
        except GoneError as error:
            raise UnreachableError(str(error)) from error
        return Reply(status=status, body=answer)

    def inject(self, fault: str, region: str, parameters: Mapping[str, float]) -> None:
        """Make a fault happen.

        Raises:
            SiteError: there is no such fault or parameter.
        """
        self._forget_time()  # a fault may be of the clock itself
        try:
            self._world.inject(fault, region, parameters)
        except WorldError as error:
            raise SiteError(str(error)) from error

    def lift(self, fault: str, region: str) -> None:
        """End a fault; nothing if it is over.

        Raises:
            SiteError: there is no such fault.
        """
        self._forget_time()
        try:
            self._world.lift(fault, region)
        except WorldError as error:
            raise SiteError(str(error)) from error

    def declare(self, settings: Mapping[str, Value]) -> str:
        """Have the program declare `settings`, and make in the local cloud what that changes.

        Raises:
            SiteError: a region does not answer, or the update is refused.
        """
        try:
            self._world.apply(settings)
        except WorldError as error:
            raise SiteError(str(error)) from error
        return "the program declares " + " ".join(f"{key}={value}" for key, value in settings.items())

    def _forget_time(self, **_: object) -> None:
        """A call costs time."""
        self._now = None
