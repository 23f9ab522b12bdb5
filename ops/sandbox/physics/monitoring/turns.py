"""The event that CloudWatch puts on a region's bus when an alarm changes its state. Pure, but for moto's alarm.

Source: "Alarm events and EventBridge" in CloudWatch's user guide, read November 2026. Of what an alarm watches its
description alone is told, which no rule of the platform asks beyond.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

SOURCE: Final = "aws.cloudwatch"
DETAIL_TYPE: Final = "CloudWatch Alarm State Change"


def state(alarm: Any) -> dict[str, str]:  # noqa: ANN401 - moto's own
    """The state that `alarm` is in, since when and why."""
    at: datetime = alarm.state_updated_timestamp
    return {
        "value": alarm.state_value,
        "reason": alarm.state_reason,
        "reasonData": alarm.state_reason_data or "",
        "timestamp": f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}+0000",
    }


def event(alarm: Any, *, before: Mapping[str, str], at: datetime) -> dict[str, Any]:  # noqa: ANN401 - as above
    """The entry for the bus, once `alarm` has left the state `before`."""
    return {
        "Source": SOURCE,
        "DetailType": DETAIL_TYPE,
        "Time": at.timestamp(),
        "Resources": [alarm.alarm_arn],
        "Detail": json.dumps(
            {
                "alarmName": alarm.name,
                "configuration": {"description": alarm.description or ""},
                "previousState": before,
                "state": state(alarm),
            }
        ),
    }
