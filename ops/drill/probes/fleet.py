"""How many instances of a side there are and serve, asked of Auto Scaling and the load balancer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ops.drill.calls import call
from ops.drill.model import Observation

_SUCCESSFUL: Final = "Successful"
_FAILED: Final = frozenset({"Cancelled", "Failed"})
_RECENT: Final = 20  # AWS tells of the newest first, and keeps those of six weeks


def find(autoscaling: Any, group: str) -> Mapping[str, Any] | None:  # noqa: ANN401 - boto3's clients have no static type
    """The Auto Scaling group called `group` as AWS tells of it; None if there is none."""
    found = call(autoscaling, "describe_auto_scaling_groups", AutoScalingGroupNames=[group])["AutoScalingGroups"]
    return next(iter(found), None)


def serving(group: Mapping[str, Any]) -> int:
    """How many of a group's instances are in service and well."""
    return sum(
        item["LifecycleState"] == "InService" and item["HealthStatus"].casefold() == "healthy"
        for item in group["Instances"]
    )


def in_service_count(autoscaling: Any, group: str) -> int | None:  # noqa: ANN401 - as above
    """How many instances of the group called `group` are in service and well; None if there is no such group."""
    found = find(autoscaling, group)
    return None if found is None else serving(found)


def desired(autoscaling: Any, group: str, count: int) -> Observation:  # noqa: ANN401 - as above
    """Whether the group is told to be at least so large."""
    found = find(autoscaling, group)
    if found is None:
        return _missing(group)
    wanted = int(found["DesiredCapacity"])
    return Observation(
        holds=wanted >= count, text=f"{group} is told to be {wanted} of {count}", values={"desired": wanted}
    )


def in_service(autoscaling: Any, elb: Any, group: str, target_group: str, count: int) -> Observation:  # noqa: ANN401
    """Whether at least so many instances are in service, and as many healthy to the load balancer.

    If not, and AWS could not launch some, the text says why.
    """
    found = find(autoscaling, group)
    if found is None:
        return _missing(group)
    running = serving(found)
    targets = call(elb, "describe_target_health", TargetGroupArn=target_group)["TargetHealthDescriptions"]
    healthy = sum(item["TargetHealth"]["State"] == "healthy" for item in targets)
    holds = min(running, healthy) >= count
    text = f"{group}: {running} in service and {healthy} healthy, of {count}"
    why = "" if holds else _shortage(autoscaling, group)
    return Observation(holds=holds, text=text + why, values={"in_service": running, "healthy": healthy})


def _shortage(autoscaling: Any, group: str) -> str:  # noqa: ANN401 - as above
    """Why the newest launch that is over did not succeed; empty if it did."""
    found = call(autoscaling, "describe_scaling_activities", AutoScalingGroupName=group, MaxRecords=_RECENT)[
        "Activities"
    ]
    over = [item for item in found if item["StatusCode"] in {_SUCCESSFUL, *_FAILED}]
    newest = max(over, key=lambda item: item["StartTime"], default=None)
    if newest is None or newest["StatusCode"] == _SUCCESSFUL:
        return ""
    return f"; the last launch was {newest['StatusCode'].lower()}: {newest.get('StatusMessage', 'no reason given')}"


def _missing(group: str) -> Observation:
    return Observation(holds=None, text=f"there is no Auto Scaling group {group}")
