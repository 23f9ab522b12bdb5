"""Makes moto keep the alarm that a health check follows, and what it takes missing data for.

moto takes both and forgets them. It evaluates no health check either way (see `ops.sandbox.physics.names.checks`).
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any, Final
from unittest import mock

_KEPT: Final = ("AlarmIdentifier", "InsufficientDataHealthStatus")
_PLACE: Final = "alarm_settings"


def settings(check: object) -> Mapping[str, Any]:
    """What was kept of moto's health check: the alarm's identifier, and what missing data are taken for."""
    kept: Mapping[str, Any] = getattr(check, _PLACE, {})
    return kept


@contextmanager
def alarms_kept() -> Generator[None]:
    """Until the block ends, keep them of every health check that is made."""
    from moto.route53.models import HealthCheck  # noqa: PLC0415 - moto reads its environment first
    from moto.route53.responses import Route53  # noqa: PLC0415 - as above

    create = Route53.create_health_check
    config: Any = HealthCheck.health_check_config

    def create_health_check(self: Route53) -> Any:  # noqa: ANN401 - moto's answer has no public type
        answer: Any = create(self)
        given = self._get_param("HealthCheckConfig")
        setattr(answer.result["HealthCheck"], _PLACE, {name: given[name] for name in _KEPT if given.get(name)})
        return answer

    def health_check_config(self: HealthCheck) -> dict[str, Any]:
        return {**config.fget(self), **settings(self)}

    with (
        mock.patch.object(Route53, "create_health_check", create_health_check),
        mock.patch.object(HealthCheck, "health_check_config", property(health_check_config)),
    ):
        yield
