"""The switch that leads a cell's users to recovery, as the metric that turns it. Pure.

One data-plane call in the recovery region turns it, and nothing of the home region or of Route 53's control plane is
asked: `cloudwatch.put_metric_data(**turn("us", on=True))`.

It is on from the first value of 1 on, within a minute or two. It stays on while nobody says otherwise, for missing
data changes nothing. It is off once somebody has sent a 0 and none of the last `HOLD_SECONDS` holds a 1: whoever
turns it off and on again within that time moves nobody.
"""

from __future__ import annotations

from typing import Any, Final

NAMESPACE: Final = "Medical/Continuity"
METRIC: Final = "FailoverSwitch"
DIMENSION: Final = "Cell"
ON: Final = 1
OFF: Final = 0
HOLD_SECONDS: Final = 300


def turn(cell: str, *, on: bool) -> dict[str, Any]:
    """The arguments of CloudWatch's `put_metric_data` that turn `cell`'s switch on or off."""
    datum = {
        "MetricName": METRIC,
        "Dimensions": [{"Name": DIMENSION, "Value": cell}],
        "Value": ON if on else OFF,
    }
    return {"Namespace": NAMESPACE, "MetricData": [datum]}
