"""An alarm as a value, with units. Pure.

What an alarm watches, when it is raised, what a lack of data means, how grave it is and what to do. Whom it tells is
not here: `register` is given that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, StrEnum
from typing import Final

import pulumi

MINUTE: Final = timedelta(minutes=1)
DAY: Final = timedelta(days=1)
GUIDE: Final = "docs/runbooks/alarms.md"
_KIB: Final = 1024


class Unit(StrEnum):
    """What a threshold is counted in: the unit in which the metric itself is reported."""

    PERCENT = "%"
    SECONDS = "s"
    MILLISECONDS = "ms"
    DAYS = "days"
    BYTES = "bytes"
    COUNT = ""


@dataclass(frozen=True)
class Threshold:
    """A value in its unit; as text for people, such as `5 %` or `2.5 GiB`."""

    value: float
    unit: Unit

    def __str__(self) -> str:
        """The value as a person would write it."""
        if self.unit is not Unit.BYTES:
            return f"{self.value:,g} {self.unit}".rstrip()
        value, unit = self.value, "bytes"
        for larger in ("KiB", "MiB", "GiB", "TiB"):
            if value < _KIB:
                break
            value, unit = value / _KIB, larger
        return f"{value:.4g} {unit}"


class Comparison(Enum):
    """How a datapoint that counts towards an alarm compares with the threshold: CloudWatch's word, and a person's."""

    ABOVE = ("GreaterThanThreshold", "above")
    REACHED = ("GreaterThanOrEqualToThreshold", "at or above")
    BELOW = ("LessThanThreshold", "below")


class Treatment(StrEnum):
    """What a period without data is taken for, in CloudWatch's words."""

    BREACHING = "breaching"
    FINE = "notBreaching"
    UNCHANGED = "ignore"
    UNKNOWN = "missing"


@dataclass(frozen=True)
class Silence:
    """What a lack of data is taken for, and why: chosen for each alarm, never left to a default."""

    treatment: Treatment
    because: str


class Severity(StrEnum):
    """How soon somebody must look. An alarm's description begins with it, so that a subscription can choose by it."""

    PAGE = "page"  # now: users are turned away, or data is about to be lost
    TICKET = "ticket"  # in working hours


class Weight(Enum):
    """What an alarm says of its side as a whole, by which `composites` puts the side's state together."""

    ALONE = "users are turned away: the side is impaired by this alone"
    SYMPTOM = "users feel something: the side is impaired if a cause is known too"
    CAUSE = "a part is in trouble: the side is impaired if users feel it too"
    UNHEARD = "the other side is not heard of: the cell is impaired if this side, which is to stand in, is too"
    OTHER = "the other side is seen failing from here: the cell is impaired unless users were led away"
    NONE = "says nothing of a side as a whole"


@dataclass(frozen=True, kw_only=True)
class Metric:
    """A metric in CloudWatch, the statistic of it (such as `Sum` or `p99`), and over how long that is taken."""

    namespace: str
    name: str
    dimensions: Mapping[str, pulumi.Input[str]]
    statistic: str
    period: timedelta = MINUTE


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """An alarm of `owner`, something that is watched. Its name is made of that and of `key`.

    `metrics` by id: one, or several with a `formula` over their ids. `breaches` of `of` periods raise it. `section` is
    the heading in `GUIDE` that says what to do. An `event` happened and is not over when the alarm is: nobody is told
    of that.

    Raises:
        ValueError: values that CloudWatch refuses.
    """

    owner: str
    key: str
    metrics: Mapping[str, Metric]
    formula: str = ""
    comparison: Comparison
    threshold: Threshold
    breaches: int
    of: int
    silence: Silence
    severity: Severity = Severity.TICKET
    weight: Weight = Weight.NONE
    event: bool = False
    meaning: str
    section: str

    def __post_init__(self) -> None:
        """Refuse what CloudWatch would."""
        if not self.metrics or (len(self.metrics) > 1 and not self.formula):
            raise ValueError(f"alarm {self.role}: give one metric, or several with a formula over them")
        if len({metric.period for metric in self.metrics.values()}) != 1 or self.period % MINUTE:
            raise ValueError(f"alarm {self.role}: give all metrics the same period, in whole minutes")
        if not 1 <= self.breaches <= self.of:
            raise ValueError(f"alarm {self.role}: {self.breaches} of {self.of} periods; give 1 <= breaches <= of")
        if self.of * self.period > DAY:
            raise ValueError(f"alarm {self.role}: looks at {self.of * self.period}; CloudWatch looks at a day at most")

    @property
    def role(self) -> str:
        """What the alarm is called within its side, such as `edge-latency`."""
        return f"{self.owner}-{self.key}"

    @property
    def period(self) -> timedelta:
        """Over how long each datapoint is taken."""
        return next(iter(self.metrics.values())).period

    @property
    def rule(self) -> str:
        """When it is raised, in words: `above 5 % in 3 of 5 minutes`."""
        return f"{self.comparison.value[1]} {self.threshold} {self._span}"

    @property
    def description(self) -> str:
        """What the message says: how grave, what it means, and where to read on."""
        return f"{self.severity}: {self.meaning} Raised {self.rule}. What to do: {GUIDE}#{self.section}"

    @property
    def _span(self) -> str:
        minutes = self.period // MINUTE
        each = {1: "minute", 60: "hour", 24 * 60: "day"}.get(minutes, f"{minutes} minutes")
        if self.of == 1:
            return f"in {'an' if each == 'hour' else 'a'} {each}" if minutes in (1, 60, 24 * 60) else f"in {each}"
        return (
            f"in {self.breaches} of {self.of} {each}s" if minutes == 1 else f"in {self.breaches} of {self.of} x {each}"
        )
