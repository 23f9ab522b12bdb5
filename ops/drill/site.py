"""Where a drill takes place: the local cloud or AWS. The same steps, probes and actions serve both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from ops.drill.model import Value


class UnreachableError(Exception):
    """A region, or the service in it, did not answer. The message says what was asked and how it failed."""


class HeldBackError(UnreachableError):
    """A region answered, and does not serve now: it is there, and must never be taken for lost."""


class SiteError(Exception):
    """The site cannot do what it was asked; the message says why and what to do."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a client was told for a name: a load balancer's address, and whether from its own cache."""

    name: str
    address: str
    cached: bool


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What the application answered, as JSON."""

    status: int
    body: Mapping[str, Any] = field(default_factory=dict)


class Site(Protocol):
    """A place for drills. Times are UTC."""

    @property
    def name(self) -> Literal["sandbox", "aws"]:
        """What it is called on the command line."""

    def client(self, service: str, region: str) -> Any:  # noqa: ANN401 - boto3's clients have no static type
        """A boto3 client with short time-outs and few retries, so that a lost region costs seconds."""

    def now(self) -> datetime:
        """The time there."""

    def sleep(self, seconds: float) -> None:
        """Let time pass there."""

    def resolve(self, client: str, name: str) -> Answer:
        """What the client called `client` is told for `name`; it keeps answers for their TTL.

        Raises:
            UnreachableError: there was no answer.
        """

    def send(self, client: str, address: str, method: str, path: str, body: str = "") -> Reply:
        """Send a request to the application behind the load balancer at `address`.

        Raises:
            UnreachableError: nobody answered.
        """

    def inject(self, fault: str, region: str, parameters: Mapping[str, float]) -> None:
        """Make a fault happen.

        Raises:
            SiteError: this site cannot.
        """

    def lift(self, fault: str, region: str) -> None:
        """End a fault; nothing if it is over.

        Raises:
            SiteError: this site cannot.
        """

    def declare(self, settings: Mapping[str, Value]) -> str:
        """Have the program declare `settings` over the stack's own, as `pulumi up` does; say in words what is done.

        On AWS a person does it: the words are the commands, and the step's postcondition waits for them.
        """
