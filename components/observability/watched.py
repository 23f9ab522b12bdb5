"""What can be watched, as typed values, and the walk that finds it in what a side built. Pure, but for outputs.

A component that makes something which can fail says so in its public attribute `watched`; nobody else lists it. From
the walk come the alarms (`catalog`), and dashboards may be made from the same values:

    for item in walk(stack): ...

A new kind of thing is a class here, in `Watched`, and what is asked of it in `catalog`; a test refuses a type of
resource that can be alarmed on and is not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, TypeAlias, runtime_checkable

import pulumi

from domain.objectives import Objective


@dataclass(frozen=True, kw_only=True)
class LoadBalancer:
    """A load balancer and its target group, by the ends of their ARNs, as CloudWatch names them."""

    key: str
    load_balancer: pulumi.Input[str]
    target_group: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True)
class Fleet:
    """An Auto Scaling group with the bounds of its size."""

    key: str
    group: pulumi.Input[str]
    minimum: int
    maximum: int


@dataclass(frozen=True, kw_only=True)
class Database:
    """An instance of RDS for MySQL. `storage_gib` is what it was made with; it may have grown.

    A `replica` follows the other side's; one that is kept `aside` is used by nobody.
    """

    key: str
    identifier: str
    instance_class: str
    storage_gib: int
    replica: bool
    aside: bool


@dataclass(frozen=True, kw_only=True)
class CacheNode:
    """A node of a cache."""

    key: str
    node: str


@dataclass(frozen=True, kw_only=True)
class Queue:
    """A queue that is worked off: a message older than `late` waits too long."""

    key: str
    name: pulumi.Input[str]
    late: timedelta


@dataclass(frozen=True, kw_only=True)
class DeadLetters:
    """A queue that ought to be empty."""

    key: str
    name: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True)
class Outbox:
    """What the service of a side has committed and not yet told."""

    key: str
    cell: str
    side: str


@dataclass(frozen=True, kw_only=True)
class Nat:
    """A NAT gateway."""

    key: str
    gateway_id: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True)
class Function:
    """A function, what it does in words, and how long it may take.

    `own_errors`: it has an alarm of its own on calls that fail.
    """

    key: str
    name: pulumi.Input[str]
    does: str
    timeout: timedelta
    own_errors: bool = False


@dataclass(frozen=True, kw_only=True)
class Vault:
    """A vault into which backups are made or copied."""

    key: str
    name: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """A certificate that ACM renews."""

    key: str
    arn: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True)
class Journey:
    """A patient journey that a canary, by its name, walks every `minutes`, and what the journey promises."""

    key: str
    canary: str
    minutes: int
    objective: Objective


Watched: TypeAlias = (
    LoadBalancer
    | Fleet
    | Database
    | CacheNode
    | Queue
    | DeadLetters
    | Outbox
    | Nat
    | Function
    | Vault
    | Certificate
    | Journey
)


@runtime_checkable
class Watchable(Protocol):
    """A component that says what of it can be watched."""

    watched: tuple[Watched, ...]


def walk(component: pulumi.ComponentResource) -> Iterator[Watched]:
    """What can be watched of `component` and of the components that it keeps as attributes, in the order it did so."""
    if isinstance(component, Watchable):
        yield from component.watched
    for part in vars(component).values():
        if isinstance(part, pulumi.ComponentResource):
            yield from walk(part)
