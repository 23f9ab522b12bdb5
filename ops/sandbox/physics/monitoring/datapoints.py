"""The datapoints that alarms look at: a rolling window, by metric. Pure.

A metric is a namespace, a name and the exact set of dimensions, as in CloudWatch. Looking at the newest costs as much
as there are of them, however many there were before.
"""

from __future__ import annotations

import re
from bisect import insort
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from types import MappingProxyType
from typing import Final

from ops.sandbox.physics.monitoring.alarms import Point


@dataclass(frozen=True)
class Metric:
    """What is measured, in a region."""

    region: str
    namespace: str
    name: str
    dimensions: frozenset[tuple[str, str]]

    @classmethod
    def of(cls, region: str, namespace: str, name: str, dimensions: Mapping[str, str]) -> Metric:
        """The metric with these dimensions, in whatever order."""
        return cls(region, namespace, name, frozenset(dimensions.items()))


@dataclass(frozen=True)
class Sample:
    """One or more values that were put together."""

    at: datetime
    low: float
    high: float
    total: float
    count: float

    @classmethod
    def single(cls, at: datetime, value: float) -> Sample:
        """One value."""
        return cls(at, value, value, value, 1)


_PERCENTILE: Final = re.compile(r"p(\d{1,3}(?:\.\d{1,10})?)", re.ASCII)
_WHOLE: Final = 100.0
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

STATISTICS: Final[Mapping[str, Callable[[list[Sample]], float]]] = MappingProxyType(
    {
        "Maximum": lambda samples: max(sample.high for sample in samples),
        "Minimum": lambda samples: min(sample.low for sample in samples),
        "Sum": lambda samples: sum(sample.total for sample in samples),
        "SampleCount": lambda samples: sum(sample.count for sample in samples),
        "Average": lambda samples: sum(sample.total for sample in samples) / sum(sample.count for sample in samples),
    }
)


def statistic(name: str | None) -> Callable[[list[Sample]], float] | None:
    """What makes one value of many samples: one of `STATISTICS`, or a percentile such as `p99`; None if unknown."""
    percentile = _PERCENTILE.fullmatch(name or "")
    if percentile and 0 < float(percentile[1]) <= _WHOLE:
        return partial(_percentile, float(percentile[1]))
    return STATISTICS.get(name or "")


def _percentile(percent: float, samples: list[Sample]) -> float:
    """The smallest value that `percent` of all values do not exceed.

    CloudWatch estimates it from a histogram; of values that were put together it knows none, and here their highest
    stands for all of them.
    """
    ordered = sorted(samples, key=lambda sample: sample.high)
    rank, seen = percent / _WHOLE * sum(sample.count for sample in samples), 0.0
    for sample in ordered:
        seen += sample.count
        if seen >= rank:
            return sample.high
    return ordered[-1].high


class Datapoints:
    """Those that were put and are not yet forgotten."""

    def __init__(self) -> None:
        """None."""
        self._samples: dict[Metric, list[Sample]] = {}

    def put(self, metric: Metric, sample: Sample) -> None:
        """Keep `sample`, which may be older than others."""
        insort(self._samples.setdefault(metric, []), sample, key=lambda kept: kept.at)

    def forget(self, before: datetime) -> None:
        """Drop what is older than `before`."""
        kept = {
            metric: [sample for sample in samples if sample.at >= before] for metric, samples in self._samples.items()
        }
        self._samples = {metric: samples for metric, samples in kept.items() if samples}

    def between(self, metric: Metric, begin: datetime, end: datetime) -> list[Sample]:
        """The samples from `begin` to before `end`, oldest first."""
        return list(reversed(list(self._backwards(metric, begin, end))))

    def points(self, metric: Metric, name: str, period: timedelta, end: datetime, count: int) -> list[Point]:
        """The statistic called `name` of each of the last `count` periods before `end`, oldest first.

        Raises:
            KeyError: there is no such statistic.
        """
        begin = end - count * period
        by_period: list[list[Sample]] = [[] for _ in range(count)]
        for sample in self._backwards(metric, begin, end):
            by_period[(sample.at - begin) // period].append(sample)
        made = statistic(name)
        if made is None:
            raise KeyError(name)
        return [made(samples) if samples else None for samples in by_period]

    def series(
        self, metric: Metric, name: str, period: timedelta, begin: datetime, end: datetime
    ) -> list[tuple[datetime, float]]:
        """The statistic called `name` of each period that has any sample, by its beginning, oldest first.

        Periods are whole ones of the clock, as CloudWatch's are.

        Raises:
            KeyError: there is no such statistic.
        """
        made = statistic(name)
        if made is None:
            raise KeyError(name)
        by_period: dict[datetime, list[Sample]] = {}
        for sample in self.between(metric, begin, end):
            by_period.setdefault(sample.at - (sample.at - _EPOCH) % period, []).append(sample)
        return [(at, made(samples)) for at, samples in by_period.items()]

    def _backwards(self, metric: Metric, begin: datetime, end: datetime) -> Iterator[Sample]:
        for sample in reversed(self._samples.get(metric, [])):
            if sample.at < begin:
                return
            if sample.at < end:
                yield sample
