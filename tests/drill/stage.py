"""A small cell as a place for probes and actions: its clients are real ones on moto, its time and users are told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, Literal

import boto3

from domain.continuity import State
from domain.manifest import Manifest
from ops.drill import stackfile
from ops.drill.context import Context
from ops.drill.model import Action, Condition, Kind, Outcome, Phase, Plan, Step, Targets, Value
from ops.drill.plans.parts import fingerprint
from ops.drill.site import Answer, Reply, UnreachableError
from ops.drill.traffic import Try
from ops.sandbox.cloud import CREDENTIALS
from ops.sandbox.physics.clock import START
from tests.small_cell import SmallCell
from tests.support import HOME, RECOVERY

RUN: Final = "us-1"
EVERY: Final = 5


@dataclass(kw_only=True)
class StageSite:
    """A site whose regions may be dark, and whose load balancers answer what they are told to."""

    small: SmallCell
    time: datetime = START
    dark: set[str] = field(default_factory=set)
    replies: dict[tuple[str, str], Reply] = field(default_factory=dict)
    done: list[tuple[str, ...]] = field(default_factory=list)
    name: Literal["sandbox", "aws"] = "sandbox"
    _clients: dict[tuple[str, str], Any] = field(default_factory=dict)

    def client(self, service: str, region: str) -> Any:  # noqa: ANN401 - boto3's clients have no static type
        key = (service, region)
        if key not in self._clients:
            made = self.small.client(service, region)
            made.meta.events.register_first("before-call", self._gate(region))
            self._clients[key] = made
        return self._clients[key]

    def _gate(self, region: str) -> Callable[..., None]:
        from botocore.exceptions import EndpointConnectionError  # noqa: PLC0415 - after moto's environment is set

        def admit(**_: object) -> None:
            if region in self.dark:
                raise EndpointConnectionError(endpoint_url=f"https://{region}.example")

        return admit

    def now(self) -> datetime:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)

    def resolve(self, client: str, name: str) -> Answer:
        raise UnreachableError(f"{client} is told nothing of {name}")

    def send(self, client: str, address: str, method: str, path: str, body: str = "") -> Reply:
        self.done.append((client, method, path, body))
        if (address, path) not in self.replies:
            raise UnreachableError(f"{address} does not answer")
        return self.replies[address, path]

    def inject(self, fault: str, region: str, parameters: Mapping[str, float]) -> None:
        self.done.append(("inject", fault, region, *(f"{key}={value}" for key, value in parameters.items())))

    def lift(self, fault: str, region: str) -> None:
        self.done.append(("lift", fault, region))

    def declare(self, settings: Mapping[str, Value]) -> str:
        return " ".join(f"{key}={value}" for key, value in settings.items())


@dataclass(kw_only=True)
class Tries:
    """A client whose visits are told."""

    tries: Sequence[Try] = ()

    def acknowledged(self, until: datetime | None = None, since: datetime | None = None) -> list[Try]:
        return [
            seen
            for seen in self.tries
            if seen.row and (until is None or seen.at <= until) and (since is None or seen.at > since)
        ]


@dataclass(kw_only=True)
class ToldMarks:
    """Marks that are told."""

    fault_at: datetime | None = None
    decided: bool = False
    current: str = ""
    begun: dict[str, datetime] = field(default_factory=dict)
    over: dict[str, datetime] = field(default_factory=dict)
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)

    def began(self, step: str, /) -> datetime | None:
        return self.begun.get(step)

    def ended(self, step: str, /) -> datetime | None:
        return self.over.get(step)

    def outcome(self, step: str, /) -> Outcome | None:
        return self.outcomes.get(step)

    def acted(self, step: str, /) -> bool:
        return step in self.taken


@dataclass(kw_only=True)
class Stage:
    """The cell, and what a run knows of it."""

    small: SmallCell
    site: StageSite
    traffic: Tries = field(default_factory=Tries)
    marks: ToldMarks = field(default_factory=ToldMarks)
    steps: tuple[Step, ...] = ()
    place: Literal["sandbox", "aws"] = "sandbox"
    folder: Path = Path()

    @property
    def manifest(self) -> Manifest:
        return self.small.manifest

    @property
    def context(self) -> Context:
        return Context(
            site=self.site,
            plan=plan(self.manifest, self.steps, self.place),
            manifest=self.manifest,
            traffic=self.traffic,
            marks=self.marks,
            run=RUN,
            folder=self.folder,
        )

    def client(self, service: str, region: str) -> Any:  # noqa: ANN401 - as above
        return self.site.client(service, region)

    def instance(self, side: Literal["home", "recovery"]) -> Any:  # noqa: ANN401 - moto's has no public type
        """Moto's own instance, whose state no call of AWS can set."""
        from moto.backends import get_backend  # noqa: PLC0415 - moto reads its environment first

        place = self.manifest.side(side)
        backend: Any = get_backend("rds")[self.small.account][place.region]
        return backend.databases[place.database.identifier]

    def lag(self, seconds: float, at: datetime, identifier: str = "") -> None:
        """Report a replica's lag as RDS does."""
        name = identifier or self.manifest.recovery.database.identifier
        self.client("cloudwatch", RECOVERY).put_metric_data(
            Namespace="AWS/RDS",
            MetricData=[
                {
                    "MetricName": "ReplicaLag",
                    "Dimensions": [{"Name": "DBInstanceIdentifier", "Value": name}],
                    "Timestamp": at,
                    "Value": seconds,
                }
            ],
        )

    def fence(self, region: str, value: str = "1") -> None:
        side = self.manifest.home if region == HOME else self.manifest.recovery
        self.client("rds", region).modify_db_parameter_group(
            DBParameterGroupName=side.database.parameter_group,
            Parameters=[{"ParameterName": "read_only", "ParameterValue": value, "ApplyMethod": "immediate"}],
        )

    def answers(self, side: Literal["home", "recovery"], path: str, body: Mapping[str, Any], status: int = 200) -> None:
        self.site.replies[self.manifest.side(side).load_balancer, path] = Reply(status=status, body=body)


def at(seconds: float) -> datetime:
    """A time, by seconds since the clock's start."""
    return START + timedelta(seconds=seconds)


def seen(
    number: int,
    seconds: float,
    side: Literal["home", "recovery", ""] = "home",
    **given: Any,  # noqa: ANN401 - any part of a visit
) -> Try:
    """A visit that went well, but for what is `given`; without a side, one that nobody answered."""
    well = bool(side)
    return replace(Try(number=number, at=at(seconds), side=side, read=well, row=well, object=well), **given)


def lone_client(service: str, region: str = RECOVERY) -> Any:  # noqa: ANN401 - as above
    """A client without a cell, for botocore's Stubber."""
    session: Any = boto3.Session(**CREDENTIALS)
    return session.client(service, region_name=region)


def plan(manifest: Manifest, steps: tuple[Step, ...] = (), site: Literal["sandbox", "aws"] = "sandbox") -> Plan:
    """A plan with `steps`."""
    return Plan(
        kind=Kind.FAILOVER,
        cell=manifest.cell,
        site=site,
        account_id=manifest.account_id,
        home_region=HOME,
        recovery_region=RECOVERY,
        manifest=fingerprint(manifest),
        code="code",
        marker_seconds=EVERY,
        decision_seconds=300,
        targets=Targets(**manifest.targets.model_dump()),
        stops=(Condition(probe="at-most-one-writer"),),
        steps=steps,
    )


def rebuild(step: str, state: State) -> Step:
    """A step that has the program declare `state`."""
    return Step(
        id=step,
        phase=Phase.REBUILD,
        title="rebuild",
        side="home",
        action=Action(name="declare", arguments=_arguments(state)),
        postcondition=Condition(probe="replica-follows"),
        timeout_seconds=1,
        undo="none",
    )


def _arguments(state: State) -> dict[str, Value]:
    named = {"writer": "writer", "homeGeneration": "home_generation", "recoveryGeneration": "recovery_generation"}
    return {named[key]: value for key, value in stackfile.keys(state).items()}
