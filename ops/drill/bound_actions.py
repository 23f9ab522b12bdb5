"""Each action of the vocabulary, bound to a run: which client it is given, and which target.

Owns: the binding, and the rule that no plan may break: nothing is promoted beside a side that is not fenced (or
overridden on record), and no fence is taken away beside a side that can be written to.
"""

from __future__ import annotations

from typing import Final

from ops.drill import arguments as read
from ops.drill.actions import database, declare, faults, fleet, routing
from ops.drill.calls import ActionError
from ops.drill.context import Context, other, stem
from ops.drill.model import Arguments
from ops.drill.probes import database as probes
from ops.drill.taken import WELL
from ops.sandbox.physics.faults import UnknownFaultError, find

_OWN: Final = frozenset({"fault", "side"})


def inject(context: Context, given: Arguments) -> str:
    """Make a fault happen."""
    parameters: dict[str, float] = {}
    for name, value in given.items():
        if name in _OWN:
            continue
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise read.ArgumentError(f"{name} is {value!r}; give a number")
        parameters[name] = value
    return faults.inject(context.site, read.text(given, "fault"), _region(context, given), parameters)


def lift(context: Context, given: Arguments) -> str:
    """End a fault."""
    return faults.lift(context.site, read.text(given, "fault"), _region(context, given))


def turn_switch(context: Context, given: Arguments) -> str:
    """Turn the switch."""
    cloudwatch = context.site.client("cloudwatch", context.manifest.switch.region)
    return routing.turn_switch(cloudwatch, context.manifest.cell, on=read.flag(given, "on"))


def fence(context: Context, given: Arguments) -> str:
    """Fence a side."""
    side = read.side(given)
    return database.fence(context.client("rds", side), context.database(side).parameter_group)


def unfence(context: Context, given: Arguments) -> str:
    """Take a side's fence away, unless the other side can be written to."""
    side = read.side(given)
    rival = other(side)
    stems: dict[str, str] = {rival: stem(context.manifest.side(rival).database)}
    found, _ = probes.writers({str(rival): context.client("rds", rival)}, stems)
    if found:
        raise ActionError(
            f"{side} stays fenced: {found[0]} can be written to, and two databases must not be; the way back is a "
            "failback"
        )
    return database.unfence(context.client("rds", side), context.database(side).parameter_group)


def promote(context: Context, given: Arguments) -> str:
    """Promote a side's replica, once the other side is fenced or that was overridden on record."""
    side = read.side(given)
    fence_of_other = f"fence-{other(side)}"
    if context.marks.outcome(fence_of_other) not in WELL:
        raise ActionError(
            f"{side} is not promoted: step {fence_of_other} has not ended well, and two databases could be written to; "
            "fence first, or record why that cannot be done"
        )
    return database.promote(context.client("rds", side), context.database(side).identifier)


def grow(context: Context, given: Arguments) -> str:
    """Have a side grow."""
    side = read.side(given)
    group = context.manifest.side(side).fleet.autoscaling_group
    return fleet.grow(context.client("autoscaling", side), group, read.whole(given, "count"))


def shrink(context: Context, given: Arguments) -> str:
    """Have a side shrink."""
    side = read.side(given)
    group = context.manifest.side(side).fleet.autoscaling_group
    return fleet.shrink(context.client("autoscaling", side), group, read.whole(given, "count"))


def declare_(context: Context, given: Arguments) -> str:
    """Have the program declare a state."""
    return declare.declare(context.site, read.state(given))


def write_config(context: Context, given: Arguments) -> str:
    """Write a state into the stack's file."""
    return declare.write_config(context.plan.cell, context.folder, read.state(given))


def _region(context: Context, given: Arguments) -> str:
    """The region of a fault; empty for one that is of none."""
    try:
        fault = find(read.text(given, "fault"))
    except UnknownFaultError as error:
        raise read.ArgumentError(str(error)) from None
    return context.manifest.side(read.side(given)).region if fault.side else ""
