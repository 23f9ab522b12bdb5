"""A fault of the local cloud, and what must hold meanwhile and afterwards. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from domain.budget import OBJECTS_SECONDS
from ops.drill.model import Condition, Kind, Phase, Plan, Step
from ops.drill.plans import faults, parts, steps
from ops.drill.plans.arithmetic import PlanError
from ops.drill.plans.parts import Recipe, probe

Side: TypeAlias = Literal["home", "recovery", "users"]
Holds: TypeAlias = Callable[[Recipe], tuple[Step, ...]]
# An alarm needs three to five minutes of datapoints, each shown up to a minute late, and is judged once a minute.
_ALARM_SECONDS: Final = 900
# The alarm on delay passes what S3 is allowed, so a stall has to last that long before it is seen at all.
_STALL_SECONDS: Final = OBJECTS_SECONDS + _ALARM_SECONDS
# As long as an instance may take to be given up, launched and found well.
_LAUNCH_SECONDS: Final = 600
# Three periods of the alarm on storage and its delay: growing takes RDS half of that.
_GROWN_SECONDS: Final = 1200
# The automation, the launch, draining, and two periods of the alarm without a full disk.
_REPAIR_SECONDS: Final = 1800


def build(recipe: Recipe) -> Plan:
    """The plan for the one fault of `recipe`.

    Raises:
        PlanError: this is not the local cloud, or there is not exactly one fault that is known.
    """
    if not recipe.simulated:
        raise PlanError("a game day needs a fault, and faults can be made to happen in the local cloud only")
    if len(recipe.faults) != 1:
        raise PlanError(f"a game day is about one fault, not {len(recipe.faults)}: choose one of {', '.join(_HOLDS)}")
    # The region that goes dark or brown may be the one that is asked.
    return recipe.plan(Kind.GAMEDAY, tuple(_steps(recipe)), stops=(probe("at-most-one-writer"), probe("lock-held")))


def _steps(recipe: Recipe) -> Iterator[Step]:
    fault, parameters = faults.parse(recipe.faults[0])
    yield steps.baseline()
    yield faults.inject("inject", fault.name, fault.side, fault.title, parameters)
    yield faults.stand("stand", "the fault stands")
    yield from _HOLDS[fault.name](recipe)
    yield faults.lift("lift", fault.name, fault.side)
    yield _step("recovered", "users", "users write again", probe("users-write", side="home"), 600)
    yield steps.markers("home", of="all", most_seconds=0, timeout=OBJECTS_SECONDS)
    yield steps.one_writer()


def _step(name: str, side: Side, title: str, condition: Condition, seconds: int = parts.LOOK_SECONDS) -> Step:
    return Step(id=name, phase=Phase.VERIFY, title=title, side=side, postcondition=condition, timeout_seconds=seconds)


def _reads_in_recovery(recipe: Recipe) -> tuple[Step, ...]:
    seconds = recipe.manifest.targets.reads_seconds
    found = _step("hold", "users", "users read from recovery", probe("users-read", side="recovery"), seconds)
    return (found.model_copy(update={"since": "inject"}),)


def _one_writer(_recipe: Recipe) -> tuple[Step, ...]:
    return (_step("hold", "home", "exactly one database takes writes", probe("one-writer")),)


def _never_two(_recipe: Recipe) -> tuple[Step, ...]:
    """A brown region may not say whether its database takes writes; that it does is looked at once it is over."""
    return (_step("hold", "home", "no two databases take writes", probe("at-most-one-writer")),)


def _alarmed(
    title: str, name_part: str, seconds: int = _ALARM_SECONDS, *, side: Literal["home", "recovery"] = "recovery"
) -> Holds:
    condition = probe("alarm", name_part=name_part, state="ALARM", side=side)
    return lambda _recipe: (_step("hold", side, title, condition, seconds),)


def _found_by(check: str) -> Holds:
    condition = probe("parity", check=check, holds=False)
    return lambda _recipe: (_step("hold", "recovery", f"the parity check finds it: {check}", condition),)


def _capacity(recipe: Recipe) -> tuple[Step, ...]:
    count = recipe.manifest.recovery.fleet.minimum
    runs = _step("hold", "recovery", "what runs goes on", probe("in-service", side="recovery", count=count))
    return (steps.grow(recipe), faults.stand("wait", "instances are asked for"), runs)


def _repaired(recipe: Recipe) -> tuple[Step, ...]:
    """The alarm is raised, and over again by itself: with `repairs` off it would not be."""
    (raised,) = _alarmed("the alarm on disks is raised", "web-disk", side="home")(recipe)
    over = probe("alarm", name_part="web-disk", state="OK", side="home")
    return (raised, _step("mended", "home", "the instance is replaced, and the alarm over", over, _REPAIR_SECONDS))


def _grown(recipe: Recipe) -> tuple[Step, ...]:
    """Storage that nobody had grown by then would have raised the alarm."""
    alarm = f"{recipe.manifest.home.database.identifier}-storage"
    fine = probe("alarm", name_part=alarm, state="OK", side="home")
    return (
        faults.stand("grow", "RDS grows the storage", _GROWN_SECONDS),
        _step("hold", "home", "the alarm on storage is not raised", fine),
        _step("writes", "home", "exactly one database takes writes", probe("one-writer")),
    )


def _served(recipe: Recipe) -> tuple[Step, ...]:
    count = recipe.manifest.home.fleet.minimum
    whole = probe("in-service", side="home", count=count)
    return (_step("hold", "home", "as many instances serve again as are wanted", whole, _LAUNCH_SECONDS),)


def _standing(_recipe: Recipe) -> tuple[Step, ...]:
    return (
        _step("hold", "recovery", "the replica could be promoted", probe("may-promote", side="recovery")),
        _step("answers", "recovery", "recovery's region answers", probe("recovery-answers")),
    )


def _fenced(_recipe: Recipe) -> tuple[Step, ...]:
    unfence = Step(
        id="unfence",
        phase=Phase.FENCE,
        title="home takes writes again",
        side="home",
        action=parts.act("unfence", side="home"),
        postcondition=probe("ready", side="home"),
        timeout_seconds=parts.LOOK_SECONDS,
        reversal=parts.act("fence", side="home"),
    )
    return (steps.fence("fence", "home"), steps.drain("home").model_copy(update={"id": "hold"}), unfence)


_HOLDS: Final = MappingProxyType(
    {
        "region-dark": _reads_in_recovery,
        "region-brown": _never_two,
        "replica-behind": _alarmed("the lag's alarm is raised", "replica-lag"),
        "replication-stalled": _alarmed("the delay's alarm is raised", "replication-uploads-late", _STALL_SECONDS),
        "key-missing": _found_by("keys"),
        "secret-missing": _found_by("secrets"),
        "capacity-short": _capacity,
        "storage-filling": _grown,
        "disk-full": _repaired,
        "checks-fail": _served,
        "health-flap": _one_writer,
        "control-plane-gone": _standing,
        "clock-skew": _one_writer,
        "stale-dns": _fenced,
    }
)
"""What must hold during each fault."""
