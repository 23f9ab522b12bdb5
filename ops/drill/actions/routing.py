"""The switch, turned by one call of the data plane in recovery. No record is edited, here or anywhere in a drill."""

from __future__ import annotations

from typing import Any

from domain import switch
from ops.drill.calls import call


def turn_switch(cloudwatch: Any, cell: str, *, on: bool) -> str:  # noqa: ANN401 - boto3's clients have no static type
    """Lead the users of `cell` to recovery, or let them go home once five minutes have passed without a 1."""
    call(cloudwatch, "put_metric_data", **switch.turn(cell, on=on))
    return f"{switch.METRIC} of {cell} is told {switch.ON if on else switch.OFF}"
