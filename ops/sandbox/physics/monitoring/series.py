"""What GetMetricData answers while time goes on: from the datapoints that alarms look at.

moto looks at every datapoint of the account for each period that is asked for, which takes minutes where a script asks
for two weeks. Here a query costs as much as its metric has datapoints. Queries with an expression are left to moto.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from unittest import mock

from ops.sandbox.physics.monitoring.datapoints import Datapoints, Metric

if TYPE_CHECKING:
    from ops.sandbox.physics.world import World


def answer(
    kept: Datapoints,
    region: str,
    query: Mapping[str, Any],
    *,
    start_time: datetime,
    end_time: datetime,
    scan_by: str,
) -> Mapping[str, Any]:
    """What is answered to `query` in `region`, in moto's form."""
    asked = query["MetricStat"]
    dimensions = {item["Name"]: item["Value"] for item in asked["Metric"].get("Dimensions", ())}
    metric = Metric.of(region, asked["Metric"]["Namespace"], asked["Metric"]["MetricName"], dimensions)
    begin, end = (moment.replace(tzinfo=moment.tzinfo or UTC) for moment in (start_time, end_time))
    found = kept.series(metric, asked["Stat"], timedelta(seconds=int(asked["Period"])), begin, end)
    if scan_by == "TimestampDescending":
        found.reverse()
    return {
        "id": query["Id"],
        "label": query.get("Label") or asked["Metric"]["MetricName"],
        "timestamps": [at for at, _ in found],
        "values": [value for _, value in found],
        "status_code": "Complete",
    }


@contextmanager
def installed(world: World) -> Generator[None]:
    """Until the block ends, GetMetricData answers so."""
    from moto.cloudwatch.models import CloudWatchBackend  # noqa: PLC0415 - after moto's environment is set

    original: Any = CloudWatchBackend.get_metric_data

    def get_metric_data(self: Any, queries: Sequence[Any], **asked: Any) -> Any:  # noqa: ANN401 - moto's own
        if not world.running or any("MetricStat" not in query for query in queries):
            return original(self, queries, **asked)
        with world.lock:
            return [answer(world.metrics.kept, self.region_name, query, **asked) for query in queries]

    with mock.patch.object(CloudWatchBackend, "get_metric_data", get_metric_data):
        yield
