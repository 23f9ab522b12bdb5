"""Runs told second by second: the journals that a drill would have kept, for tests of what is made of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from domain import markers
from ops.drill.model import Condition, Kind, Plan, Step, Targets, digest

RUN: Final = "us-failover-1"
START: Final = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
TARGETS: Final = Targets(reads_seconds=150, writes_seconds=900, data_loss_seconds=300)
_ADDRESSES: Final = {"home": "lb.us-east-2.example", "recovery": "lb.us-west-2.example"}

FAILOVER: Final = (
    ("baseline", "detect", "markers reach home", "users", 60),
    ("lose-home", "detect", "home is lost", "home", 30),
    ("detect-loss", "detect", "the client notices the loss", "users", 60),
    ("decide", "decide", "a person decides to promote", "people", 300),
    ("lead-away", "route", "the switch is turned on", "recovery", 30),
    ("grow", "scale", "recovery is grown to home's size", "recovery", 30),
    ("fence-home", "fence", "home's database is fenced", "home", 60),
    ("catch-up", "fence", "the replica has applied what it received", "recovery", 60),
    ("promote", "promote", "the replica is promoted", "recovery", 300),
    ("in-service", "scale", "the instances are in service", "recovery", 300),
    ("users-arrive", "route", "users are answered by recovery", "users", 180),
    ("writes-ready", "verify", "recovery is ready for writes", "recovery", 60),
    ("users-write", "verify", "a user's marker is acknowledged", "users", 30),
    ("markers", "verify", "the markers are found in recovery", "recovery", 60),
    ("one-writer", "verify", "exactly one database takes writes", "recovery", 30),
    ("declare", "verify", "the configuration says what is true", "people", 60),
)
SWITCHOVER: Final = (
    ("baseline", "detect", "markers reach home", "users", 60),
    ("decide", "decide", "a person decides", "people", 300),
    ("fence-home", "fence", "home's database is fenced", "home", 60),
    ("lag-zero", "fence", "the replica has everything", "recovery", 180),
    ("promote", "promote", "the replica is promoted", "recovery", 300),
    ("lead", "route", "the switch is turned on", "recovery", 30),
    ("users-write", "verify", "a user's marker is acknowledged by recovery", "users", 180),
    ("markers", "verify", "every marker is found in recovery", "recovery", 60),
    ("one-writer", "verify", "exactly one database takes writes", "recovery", 30),
)


def plan(kind: Kind = Kind.FAILOVER, rows: Any = FAILOVER, **changes: Any) -> Plan:  # noqa: ANN401 - any field's value
    """A plan with these steps."""
    steps = tuple(
        Step(
            id=name,
            phase=phase,
            title=title,
            side=side,
            timeout_seconds=most,
            since="grow" if name == "in-service" else "lead-away" if name == "users-arrive" else "",
            postcondition=Condition(probe="ready"),
            on_unreachable="proceed" if name == "fence-home" else "stop",
            override="home cannot be reached to be fenced" if name == "fence-home" else "",
        )
        for name, phase, title, side, most in rows
    )
    content = {
        "kind": kind,
        "cell": "us",
        "site": "sandbox",
        "account_id": "111122223333",
        "home_region": "us-east-2",
        "recovery_region": "us-west-2",
        "manifest": "a" * 64,
        "code": "b" * 64,
        "faults": ("region-dark",) if kind is Kind.FAILOVER else (),
        "seed": 7,
        "decision_seconds": 120,
        "targets": TARGETS,
        "stops": (Condition(probe="at-most-one-writer"),),
        "steps": steps,
    }
    return Plan.model_validate({**content, **changes})


@dataclass
class Story:
    """A run as it is told: what clients and metrics see follows from the fields, which the teller sets."""

    plan: Plan
    now: datetime = START
    leads: str = "home"
    cached: bool = False
    answers: dict[str, str] = field(default_factory=lambda: {"home": "ready", "recovery": "read-only"})
    lag: float | None = 1
    lag_side: str = "recovery"
    pending: float | None = 2
    in_service: dict[str, int | None] = field(default_factory=lambda: {"home": 3, "recovery": 1})
    entries: list[dict[str, Any]] = field(default_factory=list)
    number: int = 0

    def __post_init__(self) -> None:
        """Begin the journal."""
        self.tell(
            "begin",
            plan_hash=self.plan.hash,
            kind=str(self.plan.kind),
            cell=self.plan.cell,
            site=self.plan.site,
            simulated=self.plan.simulated,
            seed=self.plan.seed,
            code=self.plan.code,
            manifest=self.plan.manifest,
            targets=self.plan.targets.model_dump(),
            participants=["Ada (operations)", "Grace (database)"],
            approvals=[{"by": "Barbara (quality)", "at": "2026-01-05T08:30:00+00:00", "plan_hash": self.plan.hash}],
        )

    def tell(self, kind: str, /, **data: Any) -> None:  # noqa: ANN401 - any JSON
        """One entry."""
        previous = self.entries[-1]["hash"] if self.entries else ""
        at = self.now.isoformat(timespec="milliseconds")
        body = {"seq": len(self.entries), "at": at, "kind": kind, "data": data, "previous": previous}
        self.entries.append({**body, "hash": digest(body)})

    def passes(self, seconds: int) -> None:
        """Let time pass: a visit every 5 s, a sample every 30 s."""
        for _ in range(seconds):
            self.now += timedelta(seconds=1)
            elapsed = int((self.now - START).total_seconds())
            if elapsed % 5 == 0:
                self._visit()
            if elapsed % 30 == 0:
                self._sample()

    def step(self, name: str, seconds: int, outcome: str = "done", text: str = "it holds") -> None:
        """A step of the plan that takes `seconds`."""
        self.begins(name)
        self.passes(seconds)
        self.ends(name, seconds, outcome, text)

    def begins(self, name: str) -> None:
        """The step's beginning."""
        step = self._planned(name)
        self.tell("step-begin", step=name, phase=str(step.phase), title=step.title)

    def ends(self, name: str, seconds: float, outcome: str = "done", text: str = "it holds") -> None:
        """The step's end."""
        phase = str(self._planned(name).phase)
        self.tell("step-end", step=name, phase=phase, outcome=outcome, text=text, seconds=seconds)

    def sees(self, step: str, probe: str, values: Mapping[str, Any], *, holds: bool | None = True) -> None:
        """What a probe saw."""
        self.tell("observe", step=step, probe=probe, holds=holds, text="seen", values=dict(values))

    def _planned(self, name: str) -> Step:
        return next(step for step in self.plan.steps if step.id == name)

    def _visit(self) -> None:
        self.number += 1
        status = self.answers[self.leads]
        self.tell(
            "client",
            number=self.number,
            at=self.now.isoformat(timespec="milliseconds"),
            address=_ADDRESSES[self.leads],
            cached=self.cached,
            side=self.leads if status else "",
            read=bool(status),
            status=status,
            row=status == "ready",
            object=status == "ready",
            text="" if status else "no answer",
        )

    def _sample(self) -> None:
        self.tell(
            "sample",
            lag_seconds=self.lag,
            lag_side=self.lag_side,
            pending_objects=self.pending,
            pending_bytes=None if self.pending is None else self.pending * 1024,
            in_service_home=self.in_service["home"],
            in_service_recovery=self.in_service["recovery"],
        )


def found(lost: int = 0, seconds: float = 0, objects_lost: int = 0, rows: int = 20) -> dict[str, Any]:
    """What markers-found says."""
    return {
        "rows_lost": lost,
        "rows_lost_seconds": seconds,
        "objects_lost": objects_lost,
        "rows": rows - lost,
        "objects": rows - objects_lost,
        "rows_sha256": markers.total({}),
        "objects_sha256": markers.total({}),
    }


def failover(*, behind: int = 0, until: str = "declare") -> Story:
    """Home is lost. `behind`: so many seconds of writing are lost with it. `until`: the last step that is taken."""
    story = Story(plan(faults=("region-dark", "replica-behind") if behind else ("region-dark",)))
    story.passes(5)
    if behind:
        story.tell("fault", fault="replica-behind", side="recovery", on=True)
    for _ in range(behind // 30):
        story.lag = (story.lag or 0) + 30
        story.passes(30)
    story.step("baseline", 55)
    if until == "baseline":
        return story
    story.begins("lose-home")
    story.tell("act", step="lose-home", action="inject", arguments={"fault": "region-dark", "side": "home"})
    story.tell("fault", fault="region-dark", side="home", on=True)
    story.answers["home"] = ""
    story.in_service["home"] = None
    story.pending = 14
    story.ends("lose-home", 0.3)
    story.step("detect-loss", 18, text="the last 3 visits at home failed")
    story.lag = None
    story.begins("decide")
    story.passes(84)
    story.leads = "recovery"
    story.passes(36)
    story.ends("decide", 120, text="120 s have passed, an assumption")
    story.lag = -1
    story.pending = 9
    story.step("lead-away", 1)
    story.step("grow", 1)
    story.step("fence-home", 60, outcome="overridden", text="us-east-2 does not answer")
    story.step("catch-up", 34, text="replication has stopped")
    story.begins("promote")
    story.passes(150)
    story.answers["recovery"] = ""
    story.passes(20)
    story.answers["recovery"] = "ready"
    story.lag, story.pending = None, 3
    story.passes(12)
    story.ends("promote", 182)
    story.in_service["recovery"] = 3
    story.step("in-service", 21)
    story.step("users-arrive", 0, outcome="already")
    story.step("writes-ready", 2)
    story.step("users-write", 3)
    return _verified(story, behind)


def _verified(story: Story, behind: int) -> Story:
    story.begins("markers")
    lost = found(behind // 5, behind, objects_lost=2, rows=12 + behind // 5)
    story.sees("markers", "markers-found", lost, holds=not behind)
    story.passes(20)
    if not behind:
        story.sees("markers", "markers-found", found(objects_lost=0, rows=12))
    story.ends("markers", 20, "failed" if behind else "done", f"{behind} s of writing lost")
    story.pending = 0
    story.sees("one-writer", "one-writer", {"writers": 1})
    story.step("one-writer", 2)
    story.step("declare", 31)
    return story


def never_lost() -> Story:
    """A failover whose fault took no effect: home goes on answering, and the wait for its loss is inconclusive."""
    story = Story(plan())
    story.step("baseline", 30)
    story.step("lose-home", 1)
    story.step("detect-loss", 60, outcome="inconclusive", text="no visit at home failed")
    return story


def switchover(*, lost: int = 0) -> Story:
    """A planned move, in which `lost` rows do not arrive."""
    story = Story(plan(Kind.SWITCHOVER, SWITCHOVER))
    story.step("baseline", 30)
    story.step("decide", 12)
    story.answers["home"] = "read-only"
    story.step("fence-home", 20)
    story.step("lag-zero", 71)
    story.lag = None
    story.step("promote", 140)
    story.answers["recovery"] = "ready"
    story.step("lead", 1)
    story.begins("users-write")
    story.passes(58)
    story.leads = "recovery"
    story.passes(8)
    story.ends("users-write", 66)
    story.sees("markers", "markers-found", found(lost, lost * 5), holds=not lost)
    story.step("markers", 5)
    story.sees("one-writer", "one-writer", {"writers": 1})
    story.step("one-writer", 2)
    return story


STORIES: Final[Mapping[str, Callable[[], Story]]] = {
    "passed": failover,
    "failed": lambda: failover(behind=900),
    "inconclusive": never_lost,
    "switchover": switchover,
    "barely begun": lambda: Story(plan()),
}
