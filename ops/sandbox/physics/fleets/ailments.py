"""What befalls instances while a fault stands: a disk that is full, checks of the load balancer that fail.

Owns: which instances, and for how long. Does not own: what Auto Scaling makes of it, and what is reported. A fault
takes as many instances as it says, one after the other, and those no more than once: their successors are well.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from ops.sandbox.physics.faults import Active

if TYPE_CHECKING:
    from ops.sandbox.physics.world import World

DISK_FULL: Final = "disk-full"
CHECKS_FAIL: Final = "checks-fail"
USED_PERCENT: Final = 35.0
"""Of a disk that nothing befalls: an assumption; no step and no alarm depends on it."""

_FAULTS: Final = (DISK_FULL, CHECKS_FAIL)
_IN_SERVICE: Final = "InService"


class Ailments:
    """What befalls the instances of all groups."""

    def __init__(self, world: World) -> None:
        """Nothing yet."""
        self._world = world
        self._taken: dict[tuple[str, str], tuple[Active, dict[str, float]]] = {}

    def step(self, group: Any) -> None:  # noqa: ANN401 - moto's own, loaded later
        """Let the faults of the group's region take its instances in service."""
        for name in _FAULTS:
            active = self._world.faults.active(name, group.region)
            if active is None:
                self._taken.pop((name, group.region), None)
                continue
            known = self._taken.get((name, group.region))
            taken: dict[str, float] = known[1] if known and known[0] is active else {}
            self._taken[name, group.region] = (active, taken)
            for state in group.instance_states:
                if len(taken) < int(active.parameters["instances"]) and state.lifecycle_state == _IN_SERVICE:
                    taken.setdefault(state.instance_id, self._world.clock.elapsed)

    def disk_percent(self, region: str, instance_id: str) -> float:
        """How much of an instance's disk is in use."""
        active = self._world.faults.active(DISK_FULL, region)
        full = active is not None and instance_id in self._of(DISK_FULL, region)
        return active.parameters["percent"] if active and full else USED_PERCENT

    def is_ill(self, instance_id: str) -> bool:
        """Whether an instance fails the load balancer's checks."""
        return any(instance_id in taken for (name, _), (_, taken) in self._taken.items() if name == CHECKS_FAIL)

    def is_given_up(self, state: Any) -> bool:  # noqa: ANN401 - as above
        """Whether an instance in service has failed the checks for so long that Auto Scaling is told."""
        if state.lifecycle_state != _IN_SERVICE:
            return False
        failing = [
            taken[state.instance_id]
            for (name, _), (_, taken) in self._taken.items()
            if name == CHECKS_FAIL and state.instance_id in taken
        ]
        lasts = self._world.figures.unhealthy.low
        return any(self._world.clock.elapsed - since >= lasts for since in failing)

    def _of(self, name: str, region: str) -> Mapping[str, float]:
        known = self._taken.get((name, region))
        return known[1] if known else {}
