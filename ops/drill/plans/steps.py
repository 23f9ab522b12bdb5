"""Steps that several kinds of plan have in common. Pure."""

from __future__ import annotations

from typing import Final

from domain.budget import SCALING_SECONDS, STEP_SECONDS
from domain.continuity import State
from domain.manifest import SideName
from ops.drill.model import Phase, Step
from ops.drill.plans import journeys, parts
from ops.drill.plans.parts import Recipe, act, probe

GROWN: Final = "grow"
_CHECK_SECONDS: Final = 30
"""Bound: a check that AWS holds back is made again."""
# The local cloud keeps no quotas; and before a drill it has no users whose objects S3 would report on.
_UNSEEN: Final = frozenset({"quotas", "replication-backlog"})


def checks(recipe: Recipe) -> tuple[Step, ...]:
    """A step for each parity check; none of them changes anything, and all are made whatever one of them finds."""
    return tuple(
        Step(
            id=f"check-{name}",
            phase=Phase.DETECT,
            title=f"recovery has what home has: {name}",
            side="recovery",
            postcondition=probe("parity", check=name),
            timeout_seconds=journeys.JUDGED_SECONDS if name == journeys.CHECK else _CHECK_SECONDS,
            on_timeout="note" if recipe.simulated and name in _UNSEEN else "fail",
        )
        for name in recipe.checks
        if name != journeys.CHECK or recipe.manifest.journeys
    )


def baseline(name: str = "baseline") -> Step:
    """Markers are being written as rows and as objects, so that there is something to measure by."""
    return Step(
        id=name,
        phase=Phase.DETECT,
        title="users read and write: markers are acknowledged as row and as object",
        side="users",
        postcondition=probe("markers-flow", count=3),
        timeout_seconds=parts.BASELINE_SECONDS,
        on_timeout="inconclusive",
    )


def decide(recipe: Recipe) -> Step:
    """A person decides to go on; in the local cloud, the time that this is assumed to take."""
    # In the local cloud the time is seen to have passed within the step's bound, not just after it.
    seconds = max(0, recipe.decision_seconds - parts.CALL_SECONDS)
    how = f"assumed to take {recipe.decision_seconds} s" if recipe.simulated else "waited for"
    return Step(
        id="decide",
        phase=Phase.DECIDE,
        title=f"a person looks and decides to go on ({how})",
        side="people",
        postcondition=probe("decided", seconds=seconds),
        timeout_seconds=recipe.decision_seconds,
        on_timeout="inconclusive",
    )


def turn(name: str, *, on: bool, title: str, timeout: int = parts.CALL_SECONDS) -> Step:
    """The switch is told; that it has turned is seen by where users arrive."""
    return Step(
        id=name,
        phase=Phase.ROUTE,
        title=title,
        side="recovery",
        action=act("turn-switch", on=on),
        postcondition=probe("acted", step=name),
        timeout_seconds=timeout,
        reversal=act("turn-switch", on=not on),
    )


def grow(recipe: Recipe, since: str = "", timeout: int = parts.CALL_SECONDS) -> Step:
    """Recovery is told to grow to the size that carries the load."""
    fleet = recipe.manifest.recovery.fleet
    return Step(
        id=GROWN,
        phase=Phase.SCALE,
        title=f"recovery is told to grow to {fleet.scale_to} instances",
        side="recovery",
        action=act("grow", side="recovery", count=fleet.scale_to),
        postcondition=probe("desired", side="recovery", count=fleet.scale_to),
        timeout_seconds=timeout,
        since=since,
        reversal=act("shrink", side="recovery", count=fleet.minimum),
    )


def in_service(recipe: Recipe) -> Step:
    """The instances serve."""
    count = recipe.manifest.recovery.fleet.scale_to
    return Step(
        id="in-service",
        phase=Phase.SCALE,
        title=f"{count} instances of recovery are in service and healthy",
        side="recovery",
        postcondition=probe("in-service", side="recovery", count=count),
        timeout_seconds=SCALING_SECONDS,
        since=GROWN,
    )


def standing(name: str, side: SideName) -> Step:
    """The replica is whole: backed up, with groups of its own, and following."""
    return Step(
        id=name,
        phase=Phase.DETECT,
        title=f"{side}'s replica stands, follows, and has groups of its own",
        side=side,
        postcondition=probe("replica-standing", side=side),
        timeout_seconds=parts.LOOK_SECONDS,
    )


def fence(name: str, side: SideName, timeout: int = STEP_SECONDS["fence"]) -> Step:
    """The side that writes takes no more writes, which its own service confirms."""
    return Step(
        id=name,
        phase=Phase.FENCE,
        title=f"{side}'s database takes no more writes",
        side=side,
        action=act("fence", side=side),
        postcondition=probe("fenced", side=side),
        timeout_seconds=timeout,
        reversal=act("unfence", side=side),
    )


def drain(side: SideName) -> Step:
    """No write is acknowledged any more by the side that was fenced."""
    return Step(
        id="drain",
        phase=Phase.FENCE,
        title=f"no write is acknowledged by {side} any more",
        side="users",
        postcondition=probe("drained", side=side, seconds=3 * parts.MARKER_SECONDS),
        timeout_seconds=9 * parts.MARKER_SECONDS,
    )


def lag_zero(side: SideName, after: str) -> Step:
    """The replica has everything, shown by a datapoint of a minute that began after the fence."""
    return Step(
        id="lag-zero",
        phase=Phase.FENCE,
        title=f"{side}'s replica has everything: no lag in a minute that began after the fence",
        side=side,
        postcondition=probe("caught-up", side=side, after=after),
        # The rest of a minute, a whole one, and twice the delay after which CloudWatch shows it.
        timeout_seconds=240,
        poll_seconds=10,
    )


def promote(name: str, side: SideName) -> Step:
    """The replica becomes a primary. Nothing makes it a replica again."""
    return Step(
        id=name,
        phase=Phase.PROMOTE,
        title=f"{side}'s replica is promoted: from here on there is no way back but the next move",
        side=side,
        precondition=probe("may-promote", side=side),
        action=act("promote", side=side),
        postcondition=probe("promoted", side=side),
        timeout_seconds=STEP_SECONDS["promote"],
        poll_seconds=10,
        undo="what is promoted cannot follow again: the way is on, to a new replica of the other side",
        no_return=True,
    )


def ready(name: str, side: SideName) -> Step:
    """The side serves reads and writes, as its own service says."""
    return Step(
        id=name,
        phase=Phase.VERIFY,
        title=f"{side} is ready for reads and writes",
        side=side,
        postcondition=probe("ready", side=side),
        timeout_seconds=STEP_SECONDS["verify"],
    )


def users_write(side: SideName, since: str, timeout: int) -> Step:
    """Writes are back: a user's marker is acknowledged by the new writer, through DNS."""
    return Step(
        id="users-write",
        phase=Phase.VERIFY,
        title=f"a user's write is acknowledged by {side}",
        side="users",
        postcondition=probe("users-write", side=side),
        timeout_seconds=timeout,
        since=since,
    )


def markers(side: SideName, of: str, most_seconds: int, timeout: int) -> Step:
    """What was acknowledged is looked for."""
    what = {"before": "acknowledged before the loss", "all": "ever acknowledged"}[of]
    bound = f"but for {most_seconds} s of writing at most" if most_seconds else "and none is lost"
    return Step(
        id="markers",
        phase=Phase.VERIFY,
        title=f"markers {what} are found in {side}, {bound}",
        side=side,
        postcondition=probe("markers-found", side=side, of=of, most_seconds=most_seconds),
        timeout_seconds=timeout,
        poll_seconds=15,
    )


def one_writer() -> Step:
    """Exactly one database would take a write."""
    return Step(
        id="one-writer",
        phase=Phase.VERIFY,
        title="exactly one database takes writes",
        side="recovery",
        postcondition=probe("one-writer"),
        timeout_seconds=parts.LOOK_SECONDS,
    )


def declare(state: State) -> Step:
    """The stack's file says what is true, and the next update would replace and delete no database."""
    return Step(
        id="declare",
        phase=Phase.VERIFY,
        title=f"the stack's file says {state}, and the next update loses no database",
        side="people",
        action=act("write-config", **parts.settings(state)),
        postcondition=probe("declared", **parts.settings(state)),
        timeout_seconds=parts.DECLARE_SECONDS,
        poll_seconds=30,
        undo="the stack's file says what is true: it is changed again by the next move only",
    )


def rebuild(name: str, side: SideName, state: State) -> Step:
    """A side gets a new replica, made by the program."""
    return Step(
        id=name,
        phase=Phase.REBUILD,
        title=f"{side} gets a new replica, and it has caught up: {state}",
        side=side,
        action=act("declare", **parts.settings(state)),
        postcondition=probe("replica-follows", side=side, generation=state.generation(side)),
        timeout_seconds=parts.REBUILD_SECONDS,
        poll_seconds=60,
        undo="leave the replica: it costs money and harms nothing",
    )
