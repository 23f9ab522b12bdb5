"""Auto Scaling over time: instances are launched, become healthy, are replaced and terminated, or cannot be had.

Owns: the lifecycle of the instances in moto's groups, their place in the target groups, and the activities that tell of
it. The calls that set these off are in `calls`. Does not own: how many a group should have, which whoever calls
AWS says (no scaling policy acts here), and what the instances answer (`application`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from ops.sandbox.aws.maintenance import launches_first
from ops.sandbox.physics.faults import Active
from ops.sandbox.physics.fleets.activities import Activity, Log, shortage
from ops.sandbox.physics.fleets.ailments import Ailments
from ops.sandbox.physics.fleets.calls import installed
from ops.sandbox.physics.fleets.reports import Reports

if TYPE_CHECKING:
    from ops.sandbox.physics.world import World

__all__ = ["Fleets", "installed"]

PENDING: Final = "Pending"
IN_SERVICE: Final = "InService"
TERMINATING: Final = "Terminating"
RETRY_SECONDS: Final = 60
"""How long a group waits before it tries again to launch what it could not get: an assumption, AWS gives no figure."""

_DRAINING: Final = "deregistration_delay.timeout_seconds"
_FAILED: Final = "in response to an ELB system health check failure"
_MARKED: Final = "in response to a user health-check"
_DIFFERENCE: Final = "in response to a difference between desired and actual capacity"


class Fleets:
    """All Auto Scaling groups of the account, over time."""

    def __init__(self, world: World) -> None:
        """Take the instances that stand: all of them serve, and nothing is under way."""
        from moto.backends import get_backend  # noqa: PLC0415 - after moto's environment is set

        self._world = world
        self._backends: Mapping[str, Any] = get_backend("autoscaling")[world.account]
        self._due: dict[str, float] = {}
        self._under_way: dict[str, Activity] = {}
        self._warming: dict[str, float] = {}
        self._logs: dict[tuple[str, str], Log] = {}
        self._retries: dict[tuple[str, str], float] = {}
        self._given: dict[str, tuple[Active, int]] = {}
        # Instances that a call has called unhealthy.
        self.marked: set[str] = set()
        self.ailments = Ailments(world)
        self._reports = Reports(world, self)

    def step(self) -> None:
        """Let instances come and go, and begin with what a group has too many or too few of."""
        for group in self._groups():
            self.ailments.step(group)
            for state in list(group.instance_states):
                self._go_on(group, state)
            self._balance(group)
        self._reports.step(self._groups())

    def in_service(self, region: str, group: str) -> int:
        """How many instances of a group are in service; none if there is no such group."""
        return sum(state.lifecycle_state == IN_SERVICE for state in self._states(region, group))

    def healthy(self, region: str, group: str) -> int:
        """How many instances of a group are in service, well, and sent requests by the load balancer."""
        return sum(
            state.lifecycle_state == IN_SERVICE
            and state.health_status == "Healthy"
            and not self.is_warming(state.instance_id)
            and not self.is_failing(state.instance_id)
            for state in self._states(region, group)
        )

    def is_warming(self, instance_id: str) -> bool:
        """Whether an instance is in service and has not yet passed the load balancer's first checks."""
        return instance_id in self._warming

    def is_failing(self, instance_id: str) -> bool:
        """Whether an instance fails the load balancer's checks."""
        return self.ailments.is_ill(instance_id)

    def activities(self, region: str, group: str) -> list[Mapping[str, Any]]:
        """The activities of a group, or of all in the region if it is empty, newest first, as Auto Scaling tells."""
        logs = [(name, log) for (place, name), log in self._logs.items() if place == region and group in ("", name)]
        found = [item for name, log in logs for item in log.newest_first(name)]
        return sorted(found, key=lambda item: item["StartTime"], reverse=True)

    @property
    def _now(self) -> float:
        return self._world.clock.elapsed

    def _groups(self) -> Iterator[Any]:
        for backend in list(self._backends.values()):
            yield from list(backend.autoscaling_groups.values())

    def _states(self, region: str, group: str) -> list[Any]:
        found = self._world.backend("autoscaling", region).autoscaling_groups.get(group)
        return found.instance_states if found else []

    def _go_on(self, group: Any, state: Any) -> None:  # noqa: ANN401 - moto's own, loaded later
        id_ = state.instance_id
        if state.lifecycle_state == PENDING and self._now >= self._due.get(id_, 0):
            self._enter(group, state)
        elif state.lifecycle_state == TERMINATING and self._now >= self._due.get(id_, 0):
            self._leave(group, state)
        elif state.lifecycle_state == IN_SERVICE and state.health_status == "Unhealthy":
            if not launches_first(group) or self.healthy(group.region, group.name) >= (group.desired_capacity or 0):
                self._terminate(group, state, _MARKED if id_ in self.marked else _FAILED)
        elif self.ailments.is_given_up(state):
            state.health_status = "Unhealthy"
        elif id_ in self._warming and self._now >= self._warming[id_]:
            del self._warming[id_]
            self._world.happened("serving", region=group.region, group=group.name, instance=id_)

    def _balance(self, group: Any) -> None:  # noqa: ANN401 - as above
        present = [state for state in group.instance_states if state.lifecycle_state in (PENDING, IN_SERVICE)]
        if launches_first(group):  # so those that are to go are in nobody's way
            present = [state for state in present if state.health_status == "Healthy"]
        missing = (group.desired_capacity or 0) - len(present)
        if missing > 0:
            self._launch(group, missing, len(present))
        elif missing < 0:
            free = [state for state in present if not state.protected_from_scale_in]
            # Those that serve nobody yet go first, then the oldest, as the group's termination policy says.
            free.sort(key=lambda state: state.lifecycle_state == IN_SERVICE)
            for state in free[:-missing]:
                self._terminate(group, state, _DIFFERENCE)

    def _launch(self, group: Any, missing: int, present: int) -> None:  # noqa: ANN401 - as above
        key = (group.region, group.name)
        if self._now < self._retries.get(key, 0):
            return
        had = self._take(group.region, missing)
        if had:
            known = len(group.instance_states)
            group.replace_autoscaling_group_instances(had, group.get_propagated_tags())
            for number, state in enumerate(group.instance_states[known:], present):
                state.lifecycle_state = PENDING
                self._due[state.instance_id] = self._now + self._world.draw("launch", "/".join(key))
                what = f"Launching a new EC2 instance: {state.instance_id}"
                self._under_way[state.instance_id] = self._started(group, what, number)
        if had < missing:
            self._retries[key] = self._now + RETRY_SECONDS
            why = shortage(group.instance_type, group.availability_zones[0])
            self._started(group, "Launching a new EC2 instance.  Status Reason: " + why, present + had).end(
                self._world.now, failed=why
            )
            self._world.happened("capacity-short", region=group.region, group=group.name, missing=missing - had)

    def _started(self, group: Any, what: str, present: int) -> Activity:  # noqa: ANN401 - as above
        cause = f"an instance was started {_DIFFERENCE}, increasing the capacity from {present} to {present + 1}."
        return self._log(group).begin(what, cause, self._world.now)

    def _take(self, region: str, wanted: int) -> int:
        """How many of the instances `wanted` the region gives; a shortage counts from when it began."""
        short = self._world.faults.active("capacity-short", region)
        if short is None:
            return wanted
        since, given = self._given.get(region, (short, 0))
        if since is not short:
            given = 0
        had = min(wanted, max(0, int(short.parameters["instances"]) - given))
        self._given[region] = (short, given + had)
        return had

    def _enter(self, group: Any, state: Any) -> None:  # noqa: ANN401 - as above
        id_ = state.instance_id
        state.lifecycle_state = IN_SERVICE
        self._end(id_)
        self._warming[id_] = self._now + self._world.draw("warm_up", f"{group.region}/{group.name}")
        for target_group in self._target_groups(group):
            target_group.register([{"Id": id_, "Port": target_group.port}])
        self._world.happened("in-service", region=group.region, group=group.name, instance=id_)

    def _terminate(self, group: Any, state: Any, why: str) -> None:  # noqa: ANN401 - as above
        id_ = state.instance_id
        state.lifecycle_state = TERMINATING
        self._end(id_)
        self._warming.pop(id_, None)
        draining = 0
        for target_group in self._target_groups(group):
            if id_ in target_group.targets:
                target_group.deregister([{"Id": id_}])
                draining = max(draining, int(target_group.attributes[_DRAINING]))
        self._due[id_] = self._now + draining
        self._under_way[id_] = self._log(group).begin(
            f"Terminating EC2 instance: {id_}", f"an instance was taken out of service {why}.", self._world.now
        )

    def _leave(self, group: Any, state: Any) -> None:  # noqa: ANN401 - as above
        self._end(state.instance_id)
        group.instance_states.remove(state)
        group.ec2_backend.terminate_instances([state.instance_id])

    def _end(self, instance_id: str) -> None:
        self._due.pop(instance_id, None)
        activity = self._under_way.pop(instance_id, None)
        if activity:
            activity.end(self._world.now)

    def _target_groups(self, group: Any) -> list[Any]:  # noqa: ANN401 - as above
        known = self._world.backend("elbv2", group.region).target_groups
        return [known[arn] for arn in group.target_group_arns if arn in known]

    def _log(self, group: Any) -> Log:  # noqa: ANN401 - as above
        return self._logs.setdefault((group.region, group.name), Log(group.arn))
