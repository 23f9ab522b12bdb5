"""What a graph is called by what its alarms watch, and what its axis counts. Pure.

An alarm's key names it beside what it is of; a graph stands alone, and says in words what goes up and down in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from components.observability.model import Unit
from components.observability.watched import (
    Arriving,
    CacheNode,
    Certificate,
    Conversion,
    Database,
    DeadLetters,
    Firewall,
    Fleet,
    Function,
    Journey,
    Leaving,
    LoadBalancer,
    LogGroup,
    Nat,
    Outbox,
    Queue,
    Recorded,
    Rotator,
    Switch,
    Vault,
    Watched,
)
from domain import canaries

TITLES: Final[Mapping[tuple[type[Watched], str], str]] = {
    (LoadBalancer, "target-5xx"): "Requests that the service fails (5xx)",
    (LoadBalancer, "elb-5xx"): "Requests that reach no instance (5xx)",
    (LoadBalancer, "latency"): "Response time, p99",
    (LoadBalancer, "unhealthy-hosts"): "Unhealthy instances",
    (LoadBalancer, "no-healthy-host"): "Healthy instances",
    (Journey, canaries.SUCCESS_ALARM): "Runs that succeeded",
    (Journey, canaries.DURATION_ALARM): "Duration of a walk, p95",
    (Leaving, "failed"): "Objects that S3 could not replicate",
    (Arriving, "late"): "Replicas of objects behind",
    (Arriving, "pending"): "Objects waiting to be replicated",
    (Database, "replica-lag"): "Replica lag",
    (Switch, "switch"): "Failover switch: 1 leads users to recovery",
    (Fleet, "below-desired"): "Instances missing",
    (Fleet, "at-max"): "Instances",
    (Fleet, "disk"): "Disk in use",
    (Database, "cpu"): "Processor",
    (Database, "connections"): "Connections",
    (Database, "storage"): "Free storage",
    (Database, "memory"): "Free memory",
    (CacheNode, "cpu"): "Processor of the engine",
    (CacheNode, "memory"): "Memory in use",
    (CacheNode, "evictions"): "Evictions",
    (CacheNode, "behind"): "Replica of the cache behind",
    (Outbox, "age"): "Oldest event in the outbox",
    (Queue, "age"): "Oldest message",
    (DeadLetters, "dead-letters"): "Dead letters",
    (Function, "errors"): "Calls that failed",
    (Function, "throttles"): "Calls held back",
    (Function, "duration"): "Duration of a call",
    (Rotator, "errors"): "Rotations that failed",
    (Rotator, "throttles"): "Calls held back",
    (Rotator, "duration"): "Duration of a call",
    (Conversion, "returned"): "Documents tried again",
    (Nat, "port-errors"): "Connections that found no port",
    (Nat, "drops"): "Packets dropped",
    (Firewall, "surge"): "Requests blocked",
    (LogGroup, "silent"): "Events of the trail",
    (Vault, "failed"): "Backups that failed",
    (Vault, "copies-failed"): "Copies that failed",
    (Certificate, "expiry"): "Left of the certificate",
}
TOGETHER: Final[Mapping[type[Watched], str]] = {Recorded: "Recorded by the trail"}
"""Kinds whose alarms share one graph though they are many: what it is called."""
AXES: Final[Mapping[Unit, str]] = {
    Unit.PERCENT: "percent",
    Unit.SECONDS: "seconds",
    Unit.MILLISECONDS: "milliseconds",
    Unit.DAYS: "days",
    Unit.BYTES: "bytes",
    Unit.COUNT: "count",
}


def title(kind: type[Watched], key: str) -> str:
    """The title of the graph of a `kind`'s alarms of `key`: the key itself for what is not told here."""
    return TOGETHER.get(kind) or TITLES.get((kind, key), key.replace("-", " ").capitalize())
