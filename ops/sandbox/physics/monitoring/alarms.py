"""What state an alarm is in, given datapoints: CloudWatch's evaluation. Pure.

Source: CloudWatch user guide, "Alarm evaluation" and "Configuring how CloudWatch alarms treat missing data", as of
November 2026. Two things it does not tell, which are assumptions here. How many more datapoints than needed are looked
at: its examples look two minutes further back, so `EXTRA_SECONDS` are. And what becomes of an alarm that has a few
datapoints, all breaching, none of them old enough: with `missing` it is OK, for too few breach.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal, TypeAlias, cast

State: TypeAlias = Literal["OK", "ALARM", "INSUFFICIENT_DATA"]
Treatment: TypeAlias = Literal["missing", "ignore", "breaching", "notBreaching"]
Point: TypeAlias = float | None
"""A datapoint; None is a period without data."""

EXTRA_SECONDS: Final = 120

_TREATMENTS: Final = ("missing", "ignore", "breaching", "notBreaching")
_COMPARISONS: Final = MappingProxyType(
    {
        "GreaterThanThreshold": (operator.gt, "greater than"),
        "GreaterThanOrEqualToThreshold": (operator.ge, "greater than or equal to"),
        "LessThanThreshold": (operator.lt, "less than"),
        "LessThanOrEqualToThreshold": (operator.le, "less than or equal to"),
    }
)


class UnsupportedAlarmError(Exception):
    """An alarm that the local cloud cannot judge; the message says which part of it and what it can."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """When an alarm is raised: `to_alarm` of `periods` datapoints, each `comparison` the `threshold`."""

    comparison: str
    threshold: float
    periods: int
    to_alarm: int
    missing: Treatment
    extra: int

    def __post_init__(self) -> None:
        """Refuse what cannot be judged.

        Raises:
            UnsupportedAlarmError: a comparison with a band, or numbers that make no rule.
        """
        if self.comparison not in _COMPARISONS:
            raise UnsupportedAlarmError(f"comparison {self.comparison!a}: choose one of {', '.join(_COMPARISONS)}")
        if not 1 <= self.to_alarm <= self.periods or self.extra < 0:
            raise UnsupportedAlarmError(f"{self.to_alarm} of {self.periods} datapoints: give 1 <= to alarm <= periods")

    @property
    def span(self) -> int:
        """How many datapoints are looked at."""
        return self.periods + self.extra

    def breaches(self, value: float) -> bool:
        """Whether a datapoint of `value` counts towards the alarm."""
        compare: Callable[[float, float], bool] = _COMPARISONS[self.comparison][0]
        return compare(value, self.threshold)


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """The state, and why, in CloudWatch's words."""

    state: State
    reason: str


def treatment(name: str | None) -> Treatment:
    """How missing data are treated; `missing` unless said otherwise.

    Raises:
        UnsupportedAlarmError: there is no such treatment.
    """
    if name and name not in _TREATMENTS:
        raise UnsupportedAlarmError(f"missing data treated as {name!a}: choose one of {', '.join(_TREATMENTS)}")
    return cast("Treatment", name or "missing")


def judge(rule: Rule, points: Sequence[Point], state: State) -> Judgement:
    """The state of an alarm that was in `state`, by its `points`: the last `rule.span` of them, oldest first.

    If there are as many datapoints as `rule.periods`, the newest of these decide and what is missing does not matter.
    """
    seen = points[-rule.span :]
    real = [point for point in seen if point is not None]
    gaps = rule.periods - len(real)
    if gaps <= 0:
        return _counted(rule, real[-rule.periods :], 0)
    if rule.missing in ("breaching", "notBreaching"):
        return _counted(rule, real, gaps)
    if not real:
        return _unknown(rule, state)
    breaching = [rule.breaches(point) for point in real]
    if sum(breaching) >= rule.to_alarm or not all(breaching):
        return _counted(rule, real, 0)
    return _early(rule, seen, real, state)


def _unknown(rule: Rule, state: State) -> Judgement:
    """There is no data at all."""
    if rule.missing == "ignore":
        return Judgement(state=state, reason="Unchanged: no datapoints were received, and missing data is ignored.")
    return Judgement(state="INSUFFICIENT_DATA", reason=f"Insufficient Data: {rule.periods} datapoints were unknown.")


def _early(rule: Rule, seen: Sequence[Point], real: Sequence[float], state: State) -> Judgement:
    """All that is known breaches, and is too little: an alarm all the same once the oldest of it is old enough."""
    if rule.missing == "ignore":
        return Judgement(state=state, reason="Unchanged: too few datapoints, and missing data is ignored.")
    newest = seen[-rule.periods :]
    ages = [len(newest) - place for place, point in enumerate(newest) if point is not None]
    if ages and max(ages) >= rule.to_alarm:
        return Judgement(state="ALARM", reason=_reason(rule, real, 0, len(real)))
    return _counted(rule, real, 0)


def _counted(rule: Rule, real: Sequence[float], gaps: int) -> Judgement:
    """By count, with `gaps` missing datapoints filled in as the rule treats them."""
    breaching = sum(rule.breaches(point) for point in real)
    filled = gaps if rule.missing == "breaching" else 0
    raised = breaching + filled >= rule.to_alarm
    count = breaching if raised else len(real) - breaching
    return Judgement(state="ALARM" if raised else "OK", reason=_reason(rule, real, gaps, count, raised=raised))


def _reason(rule: Rule, real: Sequence[float], gaps: int, count: int, *, raised: bool = True) -> str:
    filled = f"{gaps} missing datapoint{'s were' if gaps > 1 else ' was'} treated as [{_word(rule.missing)}]"
    if not real:
        return f"Threshold Crossed: no datapoints were received for {gaps} periods and {filled}."
    were = "were" if count != 1 else "was"
    relation = f"{were}{'' if raised else ' not'} {_COMPARISONS[rule.comparison][1]} the threshold ({rule.threshold})"
    told = ", ".join(str(point) for point in reversed(real))
    last = f"the last {len(real)} datapoints [{told}] {relation}"
    return f"Threshold Crossed: {count} out of {last}{f' and {filled}' if gaps else ''}."


def _word(missing: Treatment) -> str:
    return "Breaching" if missing == "breaching" else "NonBreaching"
