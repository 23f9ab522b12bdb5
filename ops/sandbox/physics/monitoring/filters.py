"""CloudWatch Logs: what comes to a log group is counted, by its metric filters and as such, at the virtual time.

Owns: the datapoints of metric filters, and `IncomingLogEvents`. A filter that cannot be evaluated as CloudWatch would
is refused when it is put: none is skipped. Does not own: the lines, which moto keeps, and what a pattern means
(`patterns`). Of several lines that come at once and match, one datapoint tells their sum.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final
from unittest import mock

from ops.sandbox.physics.monitoring import patterns

if TYPE_CHECKING:  # the world imports its laws
    from ops.sandbox.physics.world import World

_LOGS: Final = "AWS/Logs"
_COUNT: Final = "Count"
_KNOWN: Final = {"metricName", "metricNamespace", "metricValue"}


@contextmanager
def installed(world: World) -> Generator[None]:
    """Until the block ends, log lines are counted, and filters that cannot be are refused."""
    from moto.logs.models import LogsBackend, LogStream  # noqa: PLC0415 - after moto's environment is set

    put_lines, put_filter = LogStream.put_log_events, LogsBackend.put_metric_filter

    def put_log_events(self: Any, log_events: list[dict[str, Any]]) -> str:  # noqa: ANN401 - moto's own
        token = put_lines(self, log_events)
        if world.running and log_events:
            with world.lock:
                _count(world, self.region, self.log_group.name, [str(event["message"]) for event in log_events])
        return token

    def put_metric_filter(
        self: Any,  # noqa: ANN401 - moto's own
        filter_name: str,
        filter_pattern: str,
        log_group_name: str,
        metric_transformations: Any,  # noqa: ANN401 - a list, whatever moto says
    ) -> None:
        _refuse_unknown(filter_pattern, metric_transformations)
        self.filters.delete_filter(filter_name, log_group_name)  # the same name puts another in its place
        put_filter(self, filter_name, filter_pattern, log_group_name, metric_transformations)

    with (
        mock.patch.object(LogStream, "put_log_events", put_log_events),
        mock.patch.object(LogsBackend, "put_metric_filter", put_metric_filter),
    ):
        yield


def _refuse_unknown(pattern: str, transformations: Sequence[Mapping[str, Any]]) -> None:
    from moto.logs.exceptions import InvalidParameterException  # noqa: PLC0415 - after moto's environment is set

    try:
        patterns.parse(pattern)
        for transformation in transformations:
            float(transformation["metricValue"])
    except patterns.PatternError as error:
        raise InvalidParameterException(str(error)) from None
    except ValueError:
        raise InvalidParameterException("metricValue: the local cloud counts by a fixed number; give one") from None
    extra = sorted({key for transformation in transformations for key in transformation} - _KNOWN)
    if extra:
        raise InvalidParameterException(f"{extra[0]}: the local cloud knows {', '.join(sorted(_KNOWN))} only")


def _count(world: World, region: str, group: str, lines: Sequence[str]) -> None:
    world.metrics.put(region, _LOGS, "IncomingLogEvents", {"LogGroupName": group}, len(lines), _COUNT)
    filters = world.backend("logs", region).filters.get_matching_filters(log_group_name=group)
    if not filters:
        return
    read = [_read(line) for line in lines]
    for found in filters:
        test = patterns.parse(found["filterPattern"])
        matches = sum(test(line) for line in read)
        for made in found["metricTransformations"] if matches else ():
            value = float(made["metricValue"]) * matches
            world.metrics.put(region, made["metricNamespace"], made["metricName"], {}, value, _COUNT)


def _read(line: str) -> Any:  # noqa: ANN401 - any JSON
    """A line as JSON; of any other line nothing, which has no field."""
    try:
        return json.loads(line)
    except ValueError:
        return None
