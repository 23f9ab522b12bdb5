"""What can be watched, as typed values, and the walk that finds it in what a side built. Pure, but for outputs.

A component that makes something which can fail says so in its public attribute `watched`; nobody else lists it. From
the walk come the alarms (`catalog`), and dashboards may be made from the same values:

    for item in walk(stack): ...

A new kind of thing is a class here, in `Watched`, and what is asked of it in `catalog`; a test refuses a type of
resource that can be alarmed on and is not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
    """A function, what it does in words, and how long it may take."""

    key: str
    name: pulumi.Input[str]
    does: str
    timeout: timedelta


@dataclass(frozen=True, kw_only=True)
class Rotator(Function):
    """The function that rotates secrets, of which a single call that fails is one too many."""


@dataclass(frozen=True, kw_only=True)
class Conversion:
    """The conversion of uploads, by the metric in which its functions count what they give back."""

    key: str
    namespace: str
    metric: str
    dimensions: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Leaving:
    """What S3 replicates from this side, `part` of a bucket, to region `to`, under the dimensions that it reports."""

    key: str
    part: str
    to: str
    dimensions: Mapping[str, pulumi.Input[str]]


@dataclass(frozen=True, kw_only=True)
class Arriving:
    """What S3 replicates to this side from region `source`, and is to have replicated `within` a time."""

    key: str
    part: str
    source: str
    within: timedelta
    dimensions: Mapping[str, pulumi.Input[str]]


@dataclass(frozen=True, kw_only=True)
class Switch:
    """The switch of `cell`. Its alarm is made with it, because names follow it: see `components.dns.switch`."""

    key: str
    cell: str


@dataclass(frozen=True, kw_only=True)
class Firewall:
    """A web ACL by the name under which it counts; it `refuses` what its rules match, or only counts it."""

    key: str
    acl: str
    region: str
    refuses: bool


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """What the trail is watched for: a metric `name` that a filter counts, and from how many in `period` on.

    `control` is the CIS benchmark's, `why` what it means. If it is `grave`, somebody must look at once.
    """

    key: str
    name: str
    namespace: str
    control: str
    why: str
    threshold: int
    period: timedelta
    grave: bool


@dataclass(frozen=True, kw_only=True)
class LogGroup:
    """A log group with the lines `of` something that is never silent for as long as `silent`."""

    key: str
    group: pulumi.Input[str]
    of: str
    silent: timedelta


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
    | Rotator
    | Conversion
    | Vault
    | Certificate
    | Journey
    | Leaving
    | Arriving
    | Switch
    | Firewall
    | Recorded
    | LogGroup
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
