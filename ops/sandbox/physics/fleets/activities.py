"""What DescribeScalingActivities tells of an Auto Scaling group, in AWS's own words. Pure."""

from __future__ import annotations

import uuid
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

KEPT: Final = 100
"""How many activities of a group are kept, as many as one answer holds."""

UNDER_WAY: Final = "InProgress"
DONE: Final = "Successful"
FAILED: Final = "Failed"


def shortage(instance_type: str, zone: str) -> str:
    """What EC2 says when it has no instance to give."""
    return (
        f"We currently do not have sufficient {instance_type} capacity in the Availability Zone you requested ({zone})."
        " Our system will be working on provisioning additional capacity. Launching EC2 instance failed."
    )


@dataclass(kw_only=True)
class Activity:
    """One thing that a group does or has tried."""

    id: str
    description: str
    cause: str
    started: datetime
    status: str = UNDER_WAY
    message: str = ""
    ended: datetime | None = None

    def end(self, at: datetime, *, failed: str = "") -> None:
        """It ended at `at`: well, or as `failed` says."""
        self.ended = at
        self.status = FAILED if failed else DONE
        self.message = failed


class Log:
    """The activities of one group."""

    def __init__(self, group: str) -> None:
        """None yet, of the group with the ARN `group`."""
        self._group = group
        self._number = 0
        self._kept: deque[Activity] = deque(maxlen=KEPT)

    def begin(self, description: str, cause: str, at: datetime) -> Activity:
        """Note that something begins at `at`, because of `cause`."""
        self._number += 1
        id_ = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self._group}/{self._number}"))
        whole = f"At {at:%Y-%m-%dT%H:%M:%SZ} {cause}"
        activity = Activity(id=id_, description=description, cause=whole, started=at)
        self._kept.appendleft(activity)
        return activity

    def newest_first(self, name: str) -> list[Mapping[str, Any]]:
        """All that are kept, as Auto Scaling answers with them; `name` is the group's."""
        return [_answered(item, name, self._group) for item in self._kept]


def _answered(item: Activity, name: str, arn: str) -> Mapping[str, Any]:
    answer = {
        "ActivityId": item.id,
        "AutoScalingGroupName": name,
        "AutoScalingGroupARN": arn,
        "Description": item.description,
        "Cause": item.cause,
        "StartTime": item.started,
        "EndTime": item.ended,
        "StatusCode": item.status,
        "StatusMessage": item.message or None,
        "Progress": 100 if item.ended else 50,
    }
    return {key: value for key, value in answer.items() if value is not None}
