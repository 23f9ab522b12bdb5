"""What an alarm of moto's watches, read once into a form that can be judged each minute. Pure, but for moto's objects.

Refuses whatever it would otherwise judge wrongly: bands, units, queries in several steps, high resolution.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from ops.sandbox.physics.monitoring import formulas
from ops.sandbox.physics.monitoring.alarms import EXTRA_SECONDS, Point, Rule, UnsupportedAlarmError, treatment
from ops.sandbox.physics.monitoring.datapoints import STATISTICS, Datapoints, Metric, statistic
from ops.sandbox.physics.monitoring.formulas import Formula

_MINUTE_SECONDS: Final = 60


@dataclass(frozen=True)
class Source:
    """A metric and what is made of its values within a period."""

    metric: Metric
    statistic: str
    seconds: int


@dataclass(frozen=True, kw_only=True)
class Watch:
    """What is watched: one source, or a formula over several with the same period."""

    rule: Rule
    sources: Mapping[str, Source]
    formula: Formula
    period: timedelta

    def points(self, kept: Datapoints, end: datetime) -> list[Point]:
        """The datapoints before `end` that the rule looks at, oldest first."""
        series = {
            id_: kept.points(source.metric, source.statistic, self.period, end, self.rule.span)
            for id_, source in self.sources.items()
        }
        return [
            self.formula.at({id_: values[place] for id_, values in series.items()}) for place in range(self.rule.span)
        ]

    @property
    def reach(self) -> timedelta:
        """How far back it looks."""
        return self.rule.span * self.period


def read(region: str, alarm: Any) -> Watch:  # noqa: ANN401 - moto's own
    """What moto's `alarm` in `region` watches.

    Raises:
        UnsupportedAlarmError: it cannot be judged here.
    """
    sources, formula = _queries(region, alarm.metric_data_queries) if alarm.metric_data_queries else _one(region, alarm)
    seconds = {source.seconds for source in sources.values()}
    if len(seconds) != 1:
        raise UnsupportedAlarmError(f"periods of {sorted(seconds)} s in one alarm: give all metrics the same period")
    (period,) = seconds
    rule = Rule(
        comparison=alarm.comparison_operator,
        threshold=_threshold(alarm),
        periods=int(alarm.evaluation_periods),
        to_alarm=int(alarm.datapoints_to_alarm or alarm.evaluation_periods),
        missing=treatment(alarm.treat_missing_data),
        extra=EXTRA_SECONDS // period,
    )
    return Watch(rule=rule, sources=sources, formula=formula, period=timedelta(seconds=period))


def _threshold(alarm: Any) -> float:  # noqa: ANN401 - moto's own
    if alarm.threshold_metric_id or alarm.threshold is None:
        raise UnsupportedAlarmError("a threshold that is a band: the local cloud knows fixed thresholds only")
    return float(alarm.threshold)


def _one(region: str, alarm: Any) -> tuple[Mapping[str, Source], Formula]:  # noqa: ANN401 - moto's own
    metric = _metric(region, alarm)
    return {
        "value": _source(metric, alarm.extended_statistic or alarm.statistic, alarm.period, alarm.unit)
    }, formulas.parse("value")


def _queries(region: str, queries: Sequence[Any]) -> tuple[Mapping[str, Source], Formula]:
    sources = {
        query.id: _source(
            _metric(region, query.metric_stat.metric),
            query.metric_stat.stat,
            query.metric_stat.period,
            query.metric_stat.unit,
        )
        for query in queries
        if query.metric_stat
    }
    returned = [query for query in queries if query.return_data is not False]
    if len(returned) != 1 or sum(bool(query.expression) for query in queries) > 1:
        raise UnsupportedAlarmError("several results or expressions: give one expression, the only one with ReturnData")
    formula = formulas.parse(returned[0].expression or returned[0].id)
    unknown = sorted(formula.ids - set(sources))
    if unknown:
        raise UnsupportedAlarmError(f"expression {formula.text!a} names {unknown[0]}, which is no metric of the alarm")
    return sources, formula


def _metric(region: str, item: Any) -> Metric:  # noqa: ANN401 - moto's own
    dimensions = {dimension.name: dimension.value for dimension in item.dimensions}
    return Metric.of(region, item.namespace, item.metric_name, dimensions)


def _source(metric: Metric, name: str | None, period: int | str | None, unit: str | None) -> Source:
    if not name or statistic(name) is None:
        raise UnsupportedAlarmError(f"statistic {name}: choose one of {', '.join(STATISTICS)}, or a percentile")
    if unit:
        raise UnsupportedAlarmError(f"unit {unit}: the local cloud keeps no units apart, so leave it out")
    seconds = int(period or 0)
    if seconds < _MINUTE_SECONDS or seconds % _MINUTE_SECONDS:
        raise UnsupportedAlarmError(f"period {seconds} s: give a multiple of {_MINUTE_SECONDS}")
    return Source(metric, name, seconds)
