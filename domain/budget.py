"""How long a cell is without its home, and how much it may lose: sums of named terms, held against the targets. Pure.

Each sum is of the worst case that its terms describe; every term says where its figure comes from. What runs alongside
something longer adds nothing and is shown with 0 seconds, so that the sum is the sum of what is shown.

Reads come back by themselves: health checks turn DNS, and recovery serves from its replica. The case that counts is a
home whose load balancer still answers, with errors: its clients stay connected. A home that is silent keeps nobody, and
is noticed 12 s later (each failed check first waits 4 s for a connection), so it is back sooner: 102 s against 150 s
with 10 s checks.

Writes come back when a person or a drill has decided to promote. The terms of the steps (`STEP_SECONDS`) are also the
bounds after which a step has failed, so the steps' time-outs cannot add up to more than this sum.

Data loss has two figures, because two mechanisms copy. The target is for patient records, which the database
replicates: what can be lost with nobody told is the lag that the alarm lets pass, and the time until it is raised.
Objects are copied by S3: within seconds as a rule, but what AWS designs for is 15 minutes (for 99.99 % of objects). No
setting changes that, so it is shown with its own bound and held against no target.

The sums are of the cell in its normal state, in which home writes and recovery replicates it. After a failover, until
the lost side is rebuilt, nothing replicates the writer, and no sum holds (`Budget.holds`).
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Protocol

from domain.routing import ALIAS_TTL_SECONDS, DETECTION_FAILURES, detection_seconds

CLIENT_KEEP_ALIVE_SECONDS: Final = 60
"""How long home's load balancer keeps a client's connection, at most."""

DRAIN_SECONDS: Final = 30
"""How long a target group lets requests to a leaving instance end (deregistration delay)."""

LAG_ALARM_SECONDS: Final = 60
"""The replica's lag above which its alarm is raised."""

LAG_ALARM_PERIOD_SECONDS: Final = 60
"""The span that the lag's alarm looks at."""

LAG_ALARM_PERIODS: Final = 3
"""How many spans in a row must be above before the lag's alarm is raised, so that a moment's lag wakes nobody."""

OBJECTS_SECONDS: Final = 900
"""S3 Replication Time Control: 99.99 % of objects are copied within this. No shorter one can be set."""

DECISION_SECONDS: Final = 300
"""An assumption: a person on call is reached, looks and decides. A drill measures it."""

SCALING_SECONDS: Final = 300
"""From a new desired capacity to instances that serve: 3 to 5 minutes, of which the longer is taken."""

STEP_SECONDS: Final = MappingProxyType({"fence": 60, "catch up": 60, "promote": 300, "verify": 60})
"""The steps of a failover, in order, with the seconds after which each has failed."""

_SOURCE_OF_STEP: Final = {
    "fence": "bound: home's read_only parameter applies in seconds, and a home that is lost is not waited for longer",
    "catch up": "the replica applies what it has received, no more than the lag that raises no alarm",
    "promote": "RDS takes 2 to 5 minutes with a reboot, of which the longer is taken; a large database can take more",
    "verify": "bound: recovery's /readyz says ready, which its database decides",
}


class Timing(Protocol):
    """The settings that the sums depend on."""

    @property
    def writer(self) -> str:
        """The side that writes: home or recovery."""

    @property
    def home_generation(self) -> int:
        """Generation of home's database."""

    @property
    def recovery_generation(self) -> int:
        """Generation of recovery's database."""

    @property
    def health_check_seconds(self) -> int:
        """The interval of the health checks."""

    @property
    def web_home_min(self) -> int:
        """Instances that home keeps at least."""

    @property
    def web_recovery_min(self) -> int:
        """Instances that recovery keeps at least."""

    @property
    def reads_target_seconds(self) -> int:
        """Time in which reads must be back."""

    @property
    def writes_target_seconds(self) -> int:
        """Time in which writes must be back."""

    @property
    def data_loss_target_seconds(self) -> int:
        """Seconds of writing that may be lost."""


@dataclass(frozen=True, kw_only=True)
class Term:
    """What a part adds to a sum, and where the figure comes from."""

    name: str
    seconds: int
    source: str


@dataclass(frozen=True, kw_only=True)
class Sum:
    """Terms in the order in which they pass, and the target that they must not exceed together."""

    terms: tuple[Term, ...]
    target: int

    @property
    def total(self) -> int:
        """All terms together, in seconds."""
        return sum(term.seconds for term in self.terms)

    @property
    def met(self) -> bool:
        """Whether the target is met."""
        return self.total <= self.target

    @property
    def largest(self) -> Term:
        """The term that adds most; of equal ones, the first."""
        return max(self.terms, key=lambda term: term.seconds)


@dataclass(frozen=True, kw_only=True)
class Budget:
    """Time to recover reads and writes (RTO), loss of records (RPO) held against its target, and loss of objects.

    `holds` says whether the cell is in its normal state, which the sums are of.
    """

    holds: bool
    reads: Sum
    writes: Sum
    data_loss: Sum
    objects: Term


def budget(settings: Timing) -> Budget:
    """The sums of the cell that has `settings`."""
    return Budget(
        holds=settings.writer == "home" and settings.home_generation == settings.recovery_generation,
        reads=Sum(terms=_reads(settings), target=settings.reads_target_seconds),
        writes=Sum(terms=_writes(settings), target=settings.writes_target_seconds),
        data_loss=Sum(terms=_DATA_LOSS, target=settings.data_loss_target_seconds),
        objects=_OBJECTS,
    )


def _detection(settings: Timing) -> Term:
    return Term(
        name="detection",
        seconds=detection_seconds(settings.health_check_seconds),
        source=f"{DETECTION_FAILURES} failed health checks, one every {settings.health_check_seconds} s",
    )


def _turn() -> tuple[Term, Term]:
    """From the health check's verdict to the last client's arrival in recovery."""
    return (
        Term(name="DNS", seconds=ALIAS_TTL_SECONDS, source="TTL of an alias of a load balancer, fixed by AWS"),
        Term(
            name="draining",
            seconds=max(CLIENT_KEEP_ALIVE_SECONDS, DRAIN_SECONDS),
            source=f"a connection lasts {CLIENT_KEEP_ALIVE_SECONDS} s, the least that AWS takes; a leaving instance's "
            f"{DRAIN_SECONDS} s pass within",
        ),
    )


def _reads(settings: Timing) -> tuple[Term, ...]:
    return (_detection(settings), *_turn())


def _writes(settings: Timing) -> tuple[Term, ...]:
    steps = tuple(Term(name=name, seconds=STEP_SECONDS[name], source=_SOURCE_OF_STEP[name]) for name in STEP_SECONDS)
    before, promote, verify = steps[:-2], steps[-2], steps[-1]
    meanwhile = sum(term.seconds for term in (*before, promote))
    decision = Term(
        name="decision", seconds=DECISION_SECONDS, source="assumption: on call, a person is reached, looks and decides"
    )
    return (_detection(settings), decision, *before, promote, *_alongside(settings, meanwhile), verify)


def _alongside(settings: Timing, meanwhile: int) -> tuple[Term, Term]:
    """What is started with the decision and runs while the database is promoted, for `meanwhile` seconds."""
    turning = sum(term.seconds for term in _turn())
    turn = Term(
        name="DNS and draining",
        seconds=max(0, turning - meanwhile),
        source=f"{turning} s, alongside the promotion: the health checks turned before the decision",
    )
    if settings.web_recovery_min >= settings.web_home_min:
        return turn, Term(name="scaling", seconds=0, source="none: recovery keeps as many instances as home")
    more = settings.web_home_min - settings.web_recovery_min
    source = f"{SCALING_SECONDS} s for {more} more instance{'s' if more > 1 else ''}, alongside the promotion"
    return turn, Term(name="scaling", seconds=max(0, SCALING_SECONDS - meanwhile), source=source)


_DATA_LOSS: Final = (
    Term(name="replica lag", seconds=LAG_ALARM_SECONDS, source="the lag above which the alarm is raised"),
    Term(
        name="alarm",
        seconds=LAG_ALARM_PERIODS * LAG_ALARM_PERIOD_SECONDS,
        source=f"the lag grows unseen for {LAG_ALARM_PERIODS} x {LAG_ALARM_PERIOD_SECONDS} s until the alarm is raised",
    ),
)
_OBJECTS: Final = Term(
    name="objects",
    seconds=OBJECTS_SECONDS,
    source="S3 Replication Time Control, by design for 99.99 % of objects; most are copied in seconds",
)
