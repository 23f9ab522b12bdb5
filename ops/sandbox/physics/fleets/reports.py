"""What Auto Scaling, load balancers and the agents report to CloudWatch of a group's instances, at each minute's end.

Owns the counts of instances and how full their disks are; not what requests are answered, of which nothing is counted
here. Without delay, which none of them publishes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from domain import instances

if TYPE_CHECKING:
    from ops.sandbox.physics.fleets.fleets import Fleets
    from ops.sandbox.physics.world import World

_MINUTE = timedelta(minutes=1)


class Reports:
    """The minute that is not yet reported."""

    def __init__(self, world: World, fleets: Fleets) -> None:
        """Begin with the minute that it is."""
        self._world = world
        self._fleets = fleets
        self._minute = world.now.replace(second=0, microsecond=0)

    def step(self, groups: Iterable[Any]) -> None:
        """Report the minute that has ended, if one has."""
        minute = self._world.now.replace(second=0, microsecond=0)
        if minute == self._minute:
            return
        for group in groups:
            for namespace, dimensions, name, value in self._values(group):
                self._world.metrics.put(group.region, namespace, name, dimensions, value, "Count", at=minute - _MINUTE)
            for dimensions, value in self._disks(group):
                self._world.metrics.put(
                    group.region, instances.NAMESPACE, instances.DISK, dimensions, value, "Percent", at=minute - _MINUTE
                )
        self._minute = minute

    def _values(self, group: Any) -> Iterator[tuple[str, dict[str, str], str, float]]:  # noqa: ANN401 - moto's own
        present = len(group.instance_states)
        serving, healthy = (
            self._fleets.in_service(group.region, group.name),
            self._fleets.healthy(group.region, group.name),
        )
        own = {"AutoScalingGroupName": group.name}
        yield "AWS/AutoScaling", own, "GroupDesiredCapacity", float(group.desired_capacity or 0)
        yield "AWS/AutoScaling", own, "GroupInServiceInstances", float(serving)
        yield "AWS/AutoScaling", own, "GroupTotalInstances", float(present)
        known = self._world.backend("elbv2", group.region).target_groups
        for target_group in (known[arn] for arn in group.target_group_arns if arn in known):
            for balancer in target_group.load_balancer_arns:
                dimensions = {
                    "TargetGroup": target_group.arn.rpartition(":")[2],
                    "LoadBalancer": balancer.partition(":loadbalancer/")[2],
                }
                yield "AWS/ApplicationELB", dimensions, "HealthyHostCount", float(healthy)
                yield "AWS/ApplicationELB", dimensions, "UnHealthyHostCount", float(serving - healthy)

    def _disks(self, group: Any) -> Iterator[tuple[dict[str, str], float]]:  # noqa: ANN401 - as above
        """As the agents tell it: each instance's, and all of them again as the group's."""
        own = {instances.GROUP: group.name}
        for state in group.instance_states:
            if state.lifecycle_state == "InService":
                used = self._fleets.ailments.disk_percent(group.region, state.instance_id)
                yield {**own, "InstanceId": state.instance_id}, used
                yield own, used
