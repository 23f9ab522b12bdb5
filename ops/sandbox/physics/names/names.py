"""Route 53: what is answered for a name, by latency, failover and health, and what clients keep of it.

Owns: the health of the load balancers that aliases evaluate, as the name servers know it, and the clients' caches. The
health checks are in `checks`, the decision over records in `answers`. Does not own: who answers at the address.

The name servers are everywhere, and nothing here depends on the control plane.
"""

from __future__ import annotations

from collections import defaultdict
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Final

from ops.sandbox.physics import sides
from ops.sandbox.physics.names import checks
from ops.sandbox.physics.names.answers import Health, NoAnswerError, Record, answer
from ops.sandbox.physics.names.checks import Checks
from ops.sandbox.physics.names.resolver import Resolver
from ops.sandbox.physics.names.verdicts import Delayed

if TYPE_CHECKING:
    from ops.sandbox.physics.world import World

__all__ = ["Names", "NoAnswerError", "installed"]

_ADDRESS_RECORDS: Final = "A"
_REGION_MARK: Final = "@"


class Names:
    """The account's public names and health checks, over time."""

    def __init__(self, world: World) -> None:
        """Take what stands: every load balancer is known to be as healthy as it is."""
        self._world = world
        self.checks: Final = Checks(world)
        self._targets: dict[str, Delayed] = {}
        self._due = 0.0
        self._resolver = Resolver()

    def step(self) -> None:
        """Let the health checks go on, and look at the load balancers if that is due."""
        self.checks.step()
        if self._now >= self._due:
            self._due = self._now + self._world.draw("target_check", "names")
            for address in {record.target for records in self._records().values() for record in records}:
                self._look_at(address)

    def health(self, check_id: str) -> bool:
        """The verdict of a health check."""
        return self.checks.healthy(check_id)

    def resolve(self, client: str, name: str) -> tuple[str, bool]:
        """The address that `client` has for `name`, and whether it kept it from before.

        A client may be named with the region that it is near to, as in `clinic@us-west-2`.

        Raises:
            NoAnswerError: there is no such name.
        """
        with self._world.lock:
            stale = self._world.faults.active("stale-dns")
            at_least = stale.parameters["seconds"] if stale else 0
            known = self._resolver.known(client, name, now=self._now, at_least=at_least)
            if known is not None:
                return known, True
            health = Health(check=self.checks.told, target=self._known_target)
            address = answer(self._records(), name, health, client.rpartition(_REGION_MARK)[2])
            ttl = self._world.draw("alias_ttl", f"{client}/{name}")
            self._resolver.keep(client, name, address, now=self._now, ttl=ttl)
            return address, False

    @property
    def _now(self) -> float:
        return self._world.clock.elapsed

    def _records(self) -> dict[str, list[Record]]:
        found: defaultdict[str, list[Record]] = defaultdict(list)
        for zone in self._world.backend("route53", "aws").zones.values():
            for item in zone.rrsets if not zone.private_zone else ():
                if item.type == _ADDRESS_RECORDS:
                    found[_plain(item.name)].append(_record(item))
        return dict(found)

    def _look_at(self, address: str) -> None:
        """See whether a load balancer has healthy targets. A dark region says nothing new: what was known holds."""
        region = sides.region_of(address)
        dark = self._world.faults.active("region-dark", region)
        if not region or (dark and address in self._targets):
            return
        healthy = self._serves(region, address)
        known = self._targets.setdefault(address, Delayed(healthy=healthy))
        known.turn(healthy=healthy, now=self._now, delay=lambda: self._world.draw("health_copy", address))

    def _known_target(self, address: str) -> bool:
        if address not in self._targets:
            self._look_at(address)
        return address in self._targets and self._targets[address].known(self._now)

    def _serves(self, region: str, address: str) -> bool:
        """Whether each target group of the load balancer has a healthy target: one without any is unhealthy."""
        backend = self._world.backend("elbv2", region)
        arns = [item.arn for item in backend.load_balancers.values() if _plain(item.dns_name) == address]
        groups = [
            group for group in backend.target_groups.values() if arns and set(arns) & set(group.load_balancer_arns)
        ]
        return bool(groups) and all(_has_healthy(backend, group) for group in groups)


def installed(world: World) -> AbstractContextManager[None]:
    """Until the block ends, Route 53 tells of health checks by these laws."""
    return checks.installed(world)


def _has_healthy(backend: Any, group: Any) -> bool:  # noqa: ANN401 - moto's own, loaded later
    return any(found.status == "healthy" for found in backend.describe_target_health(group.arn, []))


def _record(item: Any) -> Record:  # noqa: ANN401 - as above
    alias = item.alias_target or {}
    return Record(
        target=_plain(alias["DNSName"] if alias else next(iter(item.records), "")),
        failover=item.failover or "",
        region=item.region or "",
        check=item.health_check_id or "",
        evaluates=bool(alias.get("EvaluateTargetHealth")),
    )


def _plain(name: str) -> str:
    return name.rstrip(".").lower()
