"""CloudWatch: datapoints at the virtual time, and alarms that are judged once a minute and tell their topics.

Owns: the time of what is put, the state of every alarm, and what is sent when that changes. Does not own: what
is measured, which the other laws put here, and how DNS follows an alarm.

A dark region takes no datapoints and judges no alarm. What was before the beginning is not known: until an alarm's
range lies behind it, missing data leave its state as it is.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from unittest import mock

from ops.sandbox.physics.monitoring import composites, notices, turns, watches
from ops.sandbox.physics.monitoring.alarms import Judgement, Point, State, UnsupportedAlarmError, judge
from ops.sandbox.physics.monitoring.datapoints import Datapoints, Metric, Sample
from ops.sandbox.physics.monitoring.watches import Watch

if TYPE_CHECKING:  # the world imports its laws
    from ops.sandbox.physics.world import World

KEPT: Final = timedelta(hours=3)
"""How long datapoints are kept at least, and longer if an alarm looks further back. CloudWatch keeps 15 days."""

_UNCHECKED: Final = "Unchecked: Initial alarm creation"


class Metrics:
    """The metrics and alarms of all regions."""

    def __init__(self, world: World) -> None:
        """Take the alarms that stand. Those that nobody has judged yet have insufficient data, as in CloudWatch."""
        self._world = world
        self.kept = Datapoints()
        self._watches: dict[tuple[str, str], tuple[Any, Watch | None]] = {}
        self._evaluation = world.clock.elapsed + world.draw("evaluation")
        self._pruning = world.now + KEPT
        for _, backend in self._regions():
            for alarm in backend.alarms.values():
                if alarm.state_reason == _UNCHECKED:
                    self.fresh(alarm)

    def step(self) -> None:
        """Judge the alarms if that is due, and forget what is old."""
        if self._world.clock.elapsed >= self._evaluation:
            self._evaluation += self._world.draw("evaluation")
            for region, backend in self._regions():
                if not self._dark(region):
                    self._judge(region, backend.alarms)
        if self._world.now >= self._pruning:
            self._prune()

    def put(
        self,
        region: str,
        namespace: str,
        name: str,
        dimensions: Mapping[str, str],
        value: float,
        unit: str,
        at: datetime | None = None,
    ) -> None:
        """Put a datapoint, at the time now or `at` an earlier one (UTC). A dark region takes none."""
        from moto.cloudwatch.models import MetricDatum  # noqa: PLC0415 - after moto's environment is set

        if self._dark(region):
            return
        pairs = [{"Name": key, "Value": item} for key, item in dimensions.items()]
        datum = MetricDatum(namespace, name, value, pairs, plain(at or self._world.now), unit)
        self._world.backend("cloudwatch", region).metric_data.append(datum)
        self.note(region, [datum])

    def note(self, region: str, data: Sequence[Any]) -> None:
        """Keep what moto has taken, for the alarms."""
        for datum in data:
            dimensions = {dimension.name: dimension.value for dimension in datum.dimensions}
            self.kept.put(Metric.of(region, datum.namespace, datum.name, dimensions), _sample(datum))

    def fresh(self, alarm: Any) -> None:  # noqa: ANN401 - moto's own
        """Let moto's `alarm` be one that was made now and never judged."""
        alarm.state_value = "INSUFFICIENT_DATA"
        alarm.state_reason = _UNCHECKED
        alarm.state_updated_timestamp = alarm.configuration_updated_timestamp = plain(self._world.now)

    def alarm_state(self, region: str, name: str) -> State:
        """The state of an alarm.

        Raises:
            KeyError: there is no such alarm.
        """
        state: State = self._world.backend("cloudwatch", region).alarms[name].state_value
        return state

    def recent(
        self, region: str, namespace: str, name: str, dimensions: Mapping[str, str], seconds: float
    ) -> list[tuple[datetime, float]]:
        """The datapoints of the last `seconds`, up to now, oldest first; of values put together, their average."""
        now = self._world.now
        metric = Metric.of(region, namespace, name, dimensions)
        samples = self.kept.between(metric, now - timedelta(seconds=seconds), now + timedelta(microseconds=1))
        return [(sample.at, sample.total / sample.count) for sample in samples]

    def _regions(self) -> list[tuple[str, Any]]:
        """The regions that anybody has asked CloudWatch of, in order, with moto's state of each."""
        from moto.backends import get_backend  # noqa: PLC0415 - after moto's environment is set

        backends = get_backend("cloudwatch")[self._world.account]
        return [(region, backends[region]) for region in sorted(backends)]

    def _dark(self, region: str) -> bool:
        return self._world.faults.active("region-dark", region) is not None

    def _judge(self, region: str, alarms: Mapping[str, Any]) -> None:
        """Judge the alarms of a region: first those on metrics, then what is put together of them."""
        for name in sorted(alarms):
            if alarms[name].rule is None:
                self._evaluate(region, alarms[name])
        for alarm in composites.in_order(alarms):
            judgement = composites.judge(alarm, alarms)
            if judgement.state != alarm.state_value:
                self._change(region, alarm, judgement)

    def _evaluate(self, region: str, alarm: Any) -> None:  # noqa: ANN401 - moto's own
        watch = self._watch(region, alarm)
        if watch is None:
            return
        end = self._world.now.replace(second=0, microsecond=0)
        points: list[Point] = watch.points(self.kept, end)
        rule = watch.rule
        if rule.missing in ("missing", "breaching") and end - watch.reach < self._world.clock.start:
            rule = replace(rule, missing="ignore")
        judgement = judge(rule, points, alarm.state_value)
        if judgement.state != alarm.state_value:
            self._change(region, alarm, judgement)

    def _watch(self, region: str, alarm: Any) -> Watch | None:  # noqa: ANN401 - moto's own
        """What `alarm` watches, read again once the alarm is another; None, and an event, if it cannot be judged."""
        key = (region, alarm.name)
        known, watch = self._watches.get(key, (None, None))
        if known is alarm:
            return watch
        try:
            watch = watches.read(region, alarm)
        except UnsupportedAlarmError as error:
            watch = None
            self.fresh(alarm)
            alarm.state_reason = f"The local cloud cannot judge this alarm: {error}"
            self._world.happened("alarm-unsupported", region=region, name=alarm.name, reason=str(error))
        self._watches[key] = (alarm, watch)
        return watch

    def _change(self, region: str, alarm: Any, judgement: Judgement) -> None:  # noqa: ANN401 - moto's own
        before: State = alarm.state_value
        was = turns.state(alarm)
        alarm.update_state(judgement.reason, "{}", judgement.state)
        alarm.state_updated_timestamp = plain(self._world.now)
        self._world.happened("alarm", region=region, name=alarm.name, state=judgement.state, before=before)
        self._world.backend("events", region).put_events([turns.event(alarm, before=was, at=self._world.now)])
        if alarm.actions_enabled:
            text = notices.message(self._world.account, alarm, before=before, at=self._world.now)
            for action in _actions(alarm, judgement.state):
                self._notify(action, notices.subject(alarm, judgement.state), text)

    def _notify(self, action: str, subject: str, text: str) -> None:
        from moto.sns.exceptions import SNSException  # noqa: PLC0415 - after moto's environment is set

        service, region = action.split(":")[2:4]
        if service != "sns":
            self._world.happened("alarm-action-unsupported", action=action, reason="the local cloud knows topics only")
            return
        if self._dark(region):
            self._world.happened("alarm-action-failed", action=action, reason=f"{region} does not answer")
            return
        try:
            self._world.backend("sns", region).publish(text, arn=action, subject=subject)
        except SNSException as error:
            self._world.happened("alarm-action-failed", action=action, reason=str(error))

    def _prune(self) -> None:
        reaches = [watch.reach for _, watch in self._watches.values() if watch]
        oldest = self._world.now - max([KEPT, *reaches]) - timedelta(minutes=1)
        self.kept.forget(oldest)
        for _, backend in self._regions():
            backend.metric_data[:] = [datum for datum in backend.metric_data if datum.timestamp >= plain(oldest)]
        self._pruning = self._world.now + KEPT / 3


@contextmanager
def installed(world: World) -> Generator[None]:
    """Until the block ends, moto's CloudWatch goes by `world`'s clock, and its alarms keep their state when changed."""
    from moto.cloudwatch.models import CloudWatchBackend  # noqa: PLC0415 - after moto's environment is set

    put_data, put_alarm = CloudWatchBackend.put_metric_data, CloudWatchBackend.put_metric_alarm

    def put_metric_data(self: Any, namespace: str, metric_data: Sequence[Mapping[str, Any]]) -> None:  # noqa: ANN401
        if not world.running:
            put_data(self, namespace, [dict(item) for item in metric_data])
            return
        with world.lock:
            before = len(self.metric_data)
            put_data(self, namespace, [{"Timestamp": plain(world.now), **item} for item in metric_data])
            world.metrics.note(self.region_name, self.metric_data[before:])

    def put_metric_alarm(self: Any, name: str, **settings: Any) -> Any:  # noqa: ANN401 - moto's own
        if not world.running:
            return put_alarm(self, name, **settings)
        with world.lock:
            known = self.alarms.get(name)
            alarm = put_alarm(self, name, **settings)
            world.metrics.fresh(alarm)
            if known is not None:
                for field in ("state_value", "state_reason", "state_updated_timestamp", "history"):
                    setattr(alarm, field, getattr(known, field))
            return alarm

    with (
        mock.patch.object(CloudWatchBackend, "put_metric_data", put_metric_data),
        mock.patch.object(CloudWatchBackend, "put_metric_alarm", put_metric_alarm),
    ):
        yield


def plain(at: datetime) -> datetime:
    """`at` as moto keeps times: in UTC, without saying so."""
    return at.astimezone(UTC).replace(tzinfo=None)


def _sample(datum: Any) -> Sample:  # noqa: ANN401 - moto's own
    at = datum.timestamp.replace(tzinfo=UTC)
    if hasattr(datum, "sample_count"):
        return Sample(at, datum.min, datum.max, datum.sum, datum.sample_count)
    return Sample.single(at, datum.value)


def _actions(alarm: Any, state: State) -> Sequence[str]:  # noqa: ANN401 - moto's own
    by_state = {
        "ALARM": alarm.alarm_actions,
        "OK": alarm.ok_actions,
        "INSUFFICIENT_DATA": alarm.insufficient_data_actions,
    }
    return list(by_state[state])
