"""Checks that are a table: for a type, a path and what is wrong there. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from policies.model import Breach, Check, View


@dataclass(frozen=True)
class Demand:
    """`wrong` says whether a value at `path` of a resource of `type` certainly breaks the rule; `message` says how."""

    type: str
    path: str
    wrong: Callable[[Any], bool]
    message: str


def demand(*demands: Demand) -> Check:
    """A check that every demand is met."""

    def check(view: View) -> Iterator[Breach]:
        for one in demands:
            for item in view.of(one.type):
                if one.wrong(item.at(one.path)):
                    yield Breach(item.urn, one.message)

    return check


def lasting(check: Check) -> Check:
    """`check`, but not of a stack that says of itself that it may be thrown away."""

    def checked(view: View) -> Iterable[Breach]:
        return () if view.throw_away else check(view)

    return checked
