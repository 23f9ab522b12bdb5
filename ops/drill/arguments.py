"""Reads the arguments of a probe or an action, each as what it must be. Pure.

A plan is data, and text from it never becomes a truth value: `"False"` is refused, for `bool("False")` is true.
"""

from __future__ import annotations

from typing import Final

from domain.continuity import ContinuityError, State
from domain.manifest import SideName
from ops.drill.model import Arguments

SIDES: Final[tuple[SideName, ...]] = ("home", "recovery")


class ArgumentError(ValueError):
    """A plan asks for a probe or an action with arguments that it does not have; the message says which it has."""


def side(arguments: Arguments) -> SideName:
    """The argument `side`.

    Raises:
        ArgumentError: it is missing, or none.
    """
    found = arguments.get("side")
    for name in SIDES:
        if found == name:
            return name
    raise ArgumentError(f"side is {found!r}; give home or recovery")


def whole(arguments: Arguments, name: str) -> int:
    """A whole number.

    Raises:
        ArgumentError: it is missing, or none.
    """
    found = arguments.get(name)
    if isinstance(found, int) and not isinstance(found, bool) and found >= 0:
        return found
    raise ArgumentError(f"{name} is {found!r}; give a whole number, 0 or more")


def flag(arguments: Arguments, name: str) -> bool:
    """True or false.

    Raises:
        ArgumentError: it is missing, or none.
    """
    found = arguments.get(name)
    if isinstance(found, bool):
        return found
    raise ArgumentError(f"{name} is {found!r}; give true or false, not a text")


def text(arguments: Arguments, name: str) -> str:
    """A text.

    Raises:
        ArgumentError: it is missing, or none.
    """
    found = arguments.get(name)
    if isinstance(found, str) and found:
        return found
    raise ArgumentError(f"{name} is {found!r}; give a text")


def state(arguments: Arguments) -> State:
    """The state of a cell: `writer`, `home_generation` and `recovery_generation`.

    Raises:
        ArgumentError: one is missing, or they are no state.
    """
    try:
        return State(
            writer=text(arguments, "writer"),
            home_generation=whole(arguments, "home_generation"),
            recovery_generation=whole(arguments, "recovery_generation"),
        )
    except ContinuityError as error:
        raise ArgumentError(str(error)) from None
