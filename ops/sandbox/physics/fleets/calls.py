"""The calls to Auto Scaling and to load balancers, as AWS takes and answers them while time goes on.

moto launches and terminates at once, refuses no capacity, replaces what is terminated by an instance that serves, and
calls every target healthy. Here a call says what is wanted, and `fleets` sees to it.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any
from unittest import mock

if TYPE_CHECKING:
    from ops.sandbox.physics.world import World


@contextmanager
def installed(world: World) -> Generator[None]:
    """Until the block ends, these calls behave by these laws."""
    from moto.autoscaling.models import AutoScalingBackend, FakeAutoScalingGroup  # noqa: PLC0415 - after its environment
    from moto.autoscaling.responses import AutoScalingResponse  # noqa: PLC0415 - as above
    from moto.elbv2.models import FakeTargetGroup  # noqa: PLC0415 - as above

    replacements: tuple[tuple[Any, str, Callable[[World, Any], Any]], ...] = (
        (FakeAutoScalingGroup, "set_desired_capacity", _wanted),
        (AutoScalingBackend, "update_auto_scaling_group", _updated),
        (AutoScalingBackend, "notify_terminate_instances", _terminated),
        (AutoScalingBackend, "set_instance_health", _marked),
        (AutoScalingResponse, "set_desired_capacity", _set),
        (AutoScalingResponse, "describe_scaling_activities", _activities),
        (FakeTargetGroup, "health_for", _health),
    )
    with ExitStack() as stack:
        for owner, name, make in replacements:
            stack.enter_context(mock.patch.object(owner, name, make(world, getattr(owner, name))))
        yield


def _wanted(world: World, original: Any) -> Any:  # noqa: ANN401 - moto's methods have no common type
    def set_desired_capacity(self: Any, new_capacity: int | None) -> None:  # noqa: ANN401 - moto's own, loaded later
        if not world.running:
            original(self, new_capacity)
            return
        with world.lock:
            self.desired_capacity = self.min_size if new_capacity is None else new_capacity

    return set_desired_capacity


def _updated(world: World, original: Any) -> Any:  # noqa: ANN401 - as above
    def update_auto_scaling_group(self: Any, name: str, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as above
        group = self.autoscaling_groups.get(name)
        if not world.running or group is None:
            return original(self, name, *args, **kwargs)
        with world.lock:
            least, most = (_given(kwargs[key], getattr(group, key)) for key in ("min_size", "max_size"))
            if least > most:
                raise _refused(f"Max bound, {most}, must be greater than or equal to min bound, {least}")
            desired = kwargs["desired_capacity"]
            if desired is not None and not least <= desired <= most:
                raise _refused(
                    f"Desired capacity:{desired} must be between the specified min size:{least} and max size:{most}"
                )
            if desired is None:
                desired = min(max(group.desired_capacity, least), most)
            return original(self, name, *args, **{**kwargs, "desired_capacity": desired})

    return update_auto_scaling_group


def _set(world: World, original: Any) -> Any:  # noqa: ANN401 - as above
    def set_desired_capacity(self: Any) -> Any:  # noqa: ANN401 - as above
        group = self.autoscaling_backend.autoscaling_groups.get(self._get_param("AutoScalingGroupName"))
        wanted = self._get_int_param("DesiredCapacity")
        if world.running and group is not None and not group.min_size <= wanted <= group.max_size:
            above = wanted > group.max_size
            bound = f"above max value {group.max_size}" if above else f"below min value {group.min_size}"
            raise _refused(f"New SetDesiredCapacity value {wanted} is {bound} for the AutoScalingGroup.")
        return original(self)

    return set_desired_capacity


def _terminated(world: World, original: Any) -> Any:  # noqa: ANN401 - as above
    def notify_terminate_instances(self: Any, instance_ids: list[str]) -> None:  # noqa: ANN401 - as above
        if not world.running:
            original(self, instance_ids)
            return
        with world.lock:
            for group in self.autoscaling_groups.values():
                group.instance_states = [
                    state for state in group.instance_states if state.instance_id not in instance_ids
                ]

    return notify_terminate_instances


def _marked(world: World, original: Any) -> Any:  # noqa: ANN401 - as above
    def set_instance_health(self: Any, instance_id: str, health_status: str) -> None:  # noqa: ANN401 - as above
        original(self, instance_id, health_status)
        if world.running:
            with world.lock:
                change = world.fleets.marked.add if health_status == "Unhealthy" else world.fleets.marked.discard
                change(instance_id)

    return set_instance_health


def _activities(world: World, original: Any) -> Any:  # noqa: ANN401 - as above
    from moto.core.responses import ActionResult  # noqa: PLC0415 - after moto's environment is set

    def describe_scaling_activities(self: Any) -> Any:  # noqa: ANN401 - as above
        if not world.running:
            return original(self)
        with world.lock:
            found = world.fleets.activities(self.region, self._get_param("AutoScalingGroupName") or "")
        ids = self._get_param("ActivityIds") or []
        chosen = [item for item in found if not ids or item["ActivityId"] in ids]
        return ActionResult({"Activities": chosen[: self._get_param("MaxRecords") or len(chosen)]})

    return describe_scaling_activities


def _health(world: World, original: Any) -> Any:  # noqa: ANN401 - as above
    from moto.elbv2.models import FakeHealthStatus  # noqa: PLC0415 - after moto's environment is set

    def health_for(self: Any, target: dict[str, Any], ec2_backend: Any) -> Any:  # noqa: ANN401 - as above
        found = original(self, target, ec2_backend)
        if not world.running or found.status != "healthy":
            return found

        def status(state: str, reason: str, description: str) -> Any:  # noqa: ANN401 - as above
            return FakeHealthStatus(found.instance_id, found.port, found.health_check_port, state, reason, description)

        instance = ec2_backend.get_instance_by_id(found.instance_id)
        if instance is not None and instance.state == "terminated":
            return status("unused", "Target.InvalidState", "Target is in the terminated state")
        if world.fleets.is_warming(found.instance_id):
            return status("initial", "Elb.InitialHealthChecking", "Initial health checks in progress")
        if world.fleets.is_failing(found.instance_id):
            return status("unhealthy", "Target.FailedHealthChecks", "Health checks failed")
        return found

    return health_for


def _given(value: Any, otherwise: Any) -> int:  # noqa: ANN401 - moto keeps numbers as they came
    return int(otherwise if value is None else value)


def _refused(message: str) -> Exception:
    from moto.autoscaling.exceptions import ValidationError  # noqa: PLC0415 - after moto's environment is set

    return ValidationError(message)
