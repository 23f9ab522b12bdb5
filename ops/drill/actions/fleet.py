"""Changes of how many instances a side has."""

from __future__ import annotations

from typing import Any

from ops.drill.calls import ActionError, call
from ops.drill.probes.fleet import find


def grow(autoscaling: Any, group: str, count: int) -> str:  # noqa: ANN401 - boto3's clients have no static type
    """Have at least `count` instances; more if there are more.

    Raises:
        ActionError: there is no such group, or it may not grow so far.
    """
    return _resize(autoscaling, group, count, keep_more=True)


def shrink(autoscaling: Any, group: str, count: int) -> str:  # noqa: ANN401 - as above
    """Have `count` instances at least, and no more than that for now: the reversal of `grow`.

    Raises:
        ActionError: there is no such group, or `count` is above its maximum.
    """
    return _resize(autoscaling, group, count, keep_more=False)


def _resize(autoscaling: Any, group: str, count: int, *, keep_more: bool) -> str:  # noqa: ANN401 - as above
    found = find(autoscaling, group)
    if found is None:
        raise ActionError(f"there is no Auto Scaling group {group}; read the manifest again, and make a new plan")
    if count > found["MaxSize"]:
        raise ActionError(
            f"{group} may have {found['MaxSize']} instances at most, not {count}: raise webMax, or plan for fewer"
        )
    desired = max(count, found["DesiredCapacity"]) if keep_more else count
    call(
        autoscaling,
        "update_auto_scaling_group",
        AutoScalingGroupName=group,
        MinSize=count,
        DesiredCapacity=desired,
    )
    return f"{group} is told to be {desired}, and never less than {count}"
