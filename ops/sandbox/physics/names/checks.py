"""Route 53's health checks: judged at their interval and threshold, and told to the name servers a while later.

Owns: the verdicts of all checks of the account, and what GetHealthCheckStatus says of them. Does not own: what is
answered for a name (`names`), and who answers a probe (`application`).

One checker stands for Route 53's many, which all see the same here.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from unittest import mock

from ops.sandbox.physics import sides
from ops.sandbox.physics.application import ApplicationGoneError
from ops.sandbox.physics.names.health_check_alarms import settings
from ops.sandbox.physics.names.verdicts import Delayed, Streak, Watch

if TYPE_CHECKING:
    from ops.sandbox.physics.world import World

CONNECT_SECONDS: Final = 4
"""How long a checker waits for a connection before the check has failed (Route 53 developer guide)."""

_CALCULATED: Final = "CALCULATED"
_METRIC: Final = "CLOUDWATCH_METRIC"
_ENDPOINT: Final = ("HTTP", "HTTPS")
_PASSING: Final = range(200, 400)
_SILENT: Final = (
    "Failure: Connection timed out. The endpoint or the internet connection is down, or requests are being blocked by "
    "your firewall."
)


@dataclass(kw_only=True)
class _Endpoint:
    """What is known of an endpoint: when it is asked again, or since when an answer is waited for in vain."""

    streak: Streak
    due: float
    said: str
    fails_at: float | None = None


class Checks:
    """The account's health checks, over time."""

    def __init__(self, world: World) -> None:
        """Take those that stand: endpoints as healthy, which no fault has reached yet, and alarms as they are."""
        self._world = world
        self._endpoints: dict[str, _Endpoint] = {}
        self._metrics: dict[str, Delayed] = {}
        self._told: dict[str, Delayed] = {}
        self._flaps: dict[str, float] = {}

    def step(self) -> None:
        """Ask whoever is due, and pass on what has turned."""
        for check in self._all():
            if check.type_ in _ENDPOINT:
                self._ask(check, self._endpoint(check))
            elif check.type_ == _METRIC:
                self._read(check)
        for check in self._all():
            self._tell(check)

    def healthy(self, check_id: str) -> bool:
        """The verdict of a check. One that is gone, or of a kind that is not judged here, counts as healthy."""
        check = self._world.backend("route53", "aws").health_checks.get(check_id)
        if check is None or check.disabled:
            return True
        return self._judged(check) != bool(check.inverted)

    def told(self, check_id: str) -> bool:
        """The verdict of a check as the name servers know it."""
        told = self._told.get(check_id)
        return told.known(self._now) if told else self.healthy(check_id)

    def said(self, check_id: str) -> str:
        """What the last check of an endpoint or a metric found, as Route 53 words it."""
        endpoint = self._endpoints.get(check_id)
        if endpoint:
            return endpoint.said
        return "Success: the alarm is not breached." if self.healthy(check_id) else "Failure: the alarm is breached."

    @property
    def _now(self) -> float:
        return self._world.clock.elapsed

    def _all(self) -> Iterator[Any]:
        yield from self._world.backend("route53", "aws").health_checks.values()

    def _judged(self, check: Any) -> bool:  # noqa: ANN401 - moto's own, loaded later
        if check.type_ == _CALCULATED:
            children = check.children or []
            return sum(self.healthy(child) for child in children) >= (check.health_threshold or 0)
        if check.type_ == _METRIC:
            return self._metric(check).known(self._now)
        return self._endpoint(check).streak.healthy if check.type_ in _ENDPOINT else True

    def _tell(self, check: Any) -> None:  # noqa: ANN401 - as above
        healthy = self.healthy(check.id)
        told = self._told.setdefault(check.id, Delayed(healthy=healthy))
        reference = check.caller_reference
        if told.turn(healthy=healthy, now=self._now, delay=lambda: self._world.draw("health_copy", reference)):
            self._world.happened("health", check=reference, healthy=healthy)

    def _endpoint(self, check: Any) -> _Endpoint:  # noqa: ANN401 - as above
        if check.id not in self._endpoints:
            streak = Streak(healthy=True, threshold=int(check.failure_threshold))
            due = self._now + int(check.request_interval)
            self._endpoints[check.id] = _Endpoint(streak=streak, due=due, said="Success: not yet checked.")
        return self._endpoints[check.id]

    def _ask(self, check: Any, endpoint: _Endpoint) -> None:  # noqa: ANN401 - as above
        if self._now < (endpoint.due if endpoint.fails_at is None else endpoint.fails_at):
            return
        if endpoint.fails_at is None:
            passed, endpoint.said = self._probe(check)
            if passed is None:
                endpoint.fails_at = self._now + CONNECT_SECONDS
                return
        else:
            passed, endpoint.fails_at = False, None
        endpoint.streak.take(passed=passed)
        endpoint.due = self._now + int(check.request_interval)

    def _probe(self, check: Any) -> tuple[bool | None, str]:  # noqa: ANN401 - as above
        """Whether a check passes, None if nobody answers, and what it found."""
        if self._flaps_now(sides.region_of(check.fqdn or "")):
            return False, "Failure: HTTP Status Code 503, Service Unavailable."
        try:
            status = self._world.application.probe(check.fqdn or "", check.resource_path or "/")
        except ApplicationGoneError:
            return None, _SILENT
        passed = status in _PASSING
        return passed, f"{'Success' if passed else 'Failure'}: HTTP Status Code {int(status)}."

    def _flaps_now(self, region: str) -> bool:
        flap = self._world.faults.active("health-flap", region)
        if flap is None:
            self._flaps.pop(region, None)
            return False
        since = self._flaps.setdefault(region, self._now)
        return int((self._now - since) // flap.parameters["seconds"]) % 2 == 0

    def _read(self, check: Any) -> None:  # noqa: ANN401 - as above
        """Take what the metric says now; it turns the verdict a while later."""
        kept = settings(check)
        breached = self._breached(kept.get("AlarmIdentifier", {}))
        missing = {"Healthy": True, "Unhealthy": False}.get(kept.get("InsufficientDataHealthStatus", ""))
        healthy = missing if breached is None else not breached
        if healthy is not None:
            reference = check.caller_reference
            self._metric(check).turn(
                healthy=healthy, now=self._now, delay=lambda: self._world.draw("switch_copy", reference)
            )

    def _metric(self, check: Any) -> Delayed:  # noqa: ANN401 - as above
        if check.id not in self._metrics:
            alarm = self._alarm(settings(check).get("AlarmIdentifier", {}))
            self._metrics[check.id] = Delayed(healthy=alarm is None or alarm.state_value != "ALARM")
        return self._metrics[check.id]

    def _alarm(self, identifier: Any) -> Any:  # noqa: ANN401 - as above
        region = identifier.get("Region", "")
        return self._world.backend("cloudwatch", region).alarms.get(identifier["Name"]) if region else None

    def _breached(self, identifier: Any) -> bool | None:  # noqa: ANN401 - as above
        """Whether the alarm's metric breaches its threshold; None without data, which a lost region gives none of."""
        alarm = self._alarm(identifier)
        if alarm is None or self._world.faults.active("region-dark", identifier["Region"]):
            return None
        watch = Watch(
            statistic=alarm.statistic,
            comparison=alarm.comparison_operator,
            threshold=float(alarm.threshold),
            period_seconds=int(alarm.period),
            periods=int(alarm.evaluation_periods),
        )
        dimensions = {item.name: item.value for item in alarm.dimensions}
        found = self._world.metrics.recent(
            identifier["Region"], alarm.namespace, alarm.metric_name, dimensions, watch.seconds
        )
        start = self._world.clock.start
        return watch.breached([((at - start).total_seconds(), value) for at, value in found], self._now)


@contextmanager
def installed(world: World) -> Generator[None]:
    """Until the block ends, GetHealthCheckStatus says what the last check has found."""
    from moto.core.responses import ActionResult  # noqa: PLC0415 - moto reads its environment first
    from moto.route53.exceptions import InvalidInput  # noqa: PLC0415 - as above
    from moto.route53.responses import Route53  # noqa: PLC0415 - as above

    original = Route53.get_health_check_status

    def get_health_check_status(self: Route53) -> ActionResult:
        if not world.running:
            return original(self)
        check = self.backend.get_health_check(self._get_param("HealthCheckId"))
        if check.type_ == _CALCULATED:
            raise InvalidInput("You can't use GetHealthCheckStatus to get the status of a calculated health check.")
        report = {"Status": world.names.checks.said(check.id), "CheckedTime": world.now}
        return ActionResult({"HealthCheckObservations": [{"Region": "us-east-1", "StatusReport": report}]})

    with mock.patch.object(Route53, "get_health_check_status", get_health_check_status):
        yield
