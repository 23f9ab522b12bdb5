"""Makes moto keep what an Auto Scaling group says of replacing its instances, and tell it."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Final
from unittest import mock

KEPT: Final = "instance_maintenance_policy"
"""The attribute of moto's group, by whose name its answers find it."""


@contextmanager
def policies_kept() -> Generator[None]:
    """Until the block ends, keep the maintenance policy of groups that are made."""
    from moto.autoscaling.responses import AutoScalingResponse  # noqa: PLC0415 - moto reads its environment first

    original: Any = AutoScalingResponse.create_auto_scaling_group

    def create_auto_scaling_group(self: Any) -> Any:  # noqa: ANN401 - moto's own
        answer = original(self)
        policy = self._get_params().get("InstanceMaintenancePolicy")
        if policy:
            group = self.autoscaling_backend.autoscaling_groups[self._get_param("AutoScalingGroupName")]
            setattr(group, KEPT, policy)
        return answer

    with mock.patch.object(AutoScalingResponse, "create_auto_scaling_group", create_auto_scaling_group):
        yield


def launches_first(group: Any) -> bool:  # noqa: ANN401 - as above
    """Whether moto's `group` has a successor serve before it terminates an instance that is unhealthy."""
    policy = getattr(group, KEPT, None)
    return bool(policy) and int(policy["MinHealthyPercentage"]) == 100 < int(policy["MaxHealthyPercentage"])  # noqa: PLR2004 - percent
