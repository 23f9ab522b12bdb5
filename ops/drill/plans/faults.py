"""Steps that make faults happen and end, in the local cloud. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final, Literal

from ops.drill.model import Phase, Step, Value
from ops.drill.plans import parts
from ops.drill.plans.arithmetic import PlanError
from ops.drill.plans.parts import Recipe, act, probe
from ops.sandbox.physics import faults

_SETTLE_SECONDS = 120
_BEHIND = "replica-behind"
# The most that a parameter may be. The least is 1, or the table's own figure where that is less.
_MOST: Final[Mapping[str, int]] = {"seconds": 14_400, "percent": 100, "gib_per_hour": 1000, "instances": 100}


def parse(text: str) -> tuple[faults.Fault, dict[str, float]]:
    """The fault and the parameters in `text`, such as `replica-behind` or `replica-behind:seconds=600`.

    Raises:
        PlanError: there is no such fault or parameter, or a value is no number within its bounds.
    """
    name, _, rest = text.partition(":")
    try:
        found = faults.find(name)
    except faults.UnknownFaultError as error:
        raise PlanError(str(error)) from None
    parameters: dict[str, float] = {}
    for pair in filter(None, rest.split(",")):
        key, _, value = pair.partition("=")
        if key not in found.parameters:
            known = ", ".join(found.parameters) or "none"
            raise PlanError(f"fault {name} has no parameter {key!a}; it has {known}, given as {name}:NAME=VALUE")
        parameters[key] = _number(found, key, value)
    return found, parameters


def _number(fault: faults.Fault, key: str, text: str) -> float:
    usual = fault.parameters[key]
    least, most = min(1, usual), _MOST[key]
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if least <= number <= most:
        return number
    raise PlanError(
        f"parameter {key} of fault {fault.name} is {text!a}, which is no number from {least:g} to {most}; "
        f"give it such as {fault.name}:{key}={usual:g}"
    )


def inject(name: str, fault: str, side: str, title: str, parameters: dict[str, float] | None = None) -> Step:
    """The step `name`, which makes `fault` happen."""
    arguments: dict[str, Value] = {"fault": fault, "side": side, **(parameters or {})}
    return Step(
        id=name,
        phase=Phase.DETECT,
        title=title,
        side=_place(side),
        action=act("inject", **arguments),
        postcondition=probe("acted", step=name),
        timeout_seconds=parts.CALL_SECONDS,
        on_timeout="inconclusive",
        reversal=act("lift", fault=fault, side=side),
    )


def lift(name: str, fault: str, side: str) -> Step:
    """The step `name`, which ends `fault`."""
    return Step(
        id=name,
        phase=Phase.VERIFY,
        title=f"{fault} is over",
        side=_place(side),
        action=act("lift", fault=fault, side=side),
        postcondition=probe("acted", step=name),
        timeout_seconds=parts.CALL_SECONDS,
        undo="a fault that is over is not brought back",
    )


def circumstances(recipe: Recipe) -> tuple[Step, ...]:
    """Steps that make the recipe's faults happen before the loss, and give each time to take effect.

    Raises:
        PlanError: a fault is not known, or this is not the local cloud.
    """
    if recipe.faults and not recipe.simulated:
        raise PlanError(f"{recipe.faults[0]} can be made to happen in the local cloud only: use --on sandbox")
    found: list[Step] = []
    for text in recipe.faults:
        fault, parameters = parse(text)
        name = f"inject-{fault.name}"
        found.append(inject(name, fault.name, fault.side, fault.title, parameters))
        found.append(stand(f"stand-{fault.name}", f"{fault.name} takes effect", _settled(fault, parameters)))
    return tuple(found)


def _settled(fault: faults.Fault, parameters: dict[str, float]) -> int:
    """How long a fault needs to take effect: a replica cannot be further behind than it has been falling behind."""
    behind = {**fault.parameters, **parameters}.get("seconds", 0) if fault.name == _BEHIND else 0
    return max(_SETTLE_SECONDS, math.ceil(behind))


def stand(name: str, title: str, seconds: int = _SETTLE_SECONDS) -> Step:
    """The step `name`, in which a fault stands for a while, and whatever stops a drill is watched."""
    return Step(
        id=name,
        phase=Phase.DETECT,
        title=f"{title}: {seconds} s",
        side="users",
        postcondition=probe("passed", seconds=seconds),
        timeout_seconds=seconds,
    )


def _place(side: str) -> Literal["home", "recovery", "people"]:
    return "home" if side == "home" else "recovery" if side == "recovery" else "people"
