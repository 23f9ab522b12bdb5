"""Whether home should be given to a cell's users: it is ready as the world sees it, AND the switch is not on.

Owns: the health checks, which are global and watched from outside both regions. Their control plane is in us-east-1,
as that of the records is; nothing here has to be changed to fail over. Does not own: the switch's alarm.
"""

from __future__ import annotations

from typing import Final

import pulumi
from pulumi_aws import route53

from components.dns.args import CellRoutingArgs, Target
from domain import switch
from domain.routing import DETECTION_FAILURES

READY_PATH: Final = "/readyz"
_HTTPS: Final = 443
# Recovery's check turns nothing, so it need not be fast.
_WATCHING_SECONDS: Final = 30


class Health(pulumi.ComponentResource):
    """The checks by id: `primary_id` is the one that decides whether home is answered."""

    primary_id: pulumi.Output[str]
    home_id: pulumi.Output[str]
    recovery_id: pulumi.Output[str]
    switch_id: pulumi.Output[str]

    def __init__(self, name: str, args: CellRoutingArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Make the checks, children first."""
        super().__init__("medical:dns:Health", name, None, opts)
        self._name = name
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        self.home_id = self._build_ready("home", args.home, args.health_check_seconds).id
        self.recovery_id = self._build_ready("recovery", args.recovery, _WATCHING_SECONDS).id
        self.switch_id = self._build_switch().id
        self.primary_id = self._build_primary().id
        self.register_outputs({"primary_id": self.primary_id})

    def _tags(self, role: str) -> dict[str, str]:
        return {"Name": self._args.names.of(role)}

    def _build_ready(self, side: str, target: Target, seconds: int) -> route53.HealthCheck:
        """A check of a side's service, through its load balancer's own name.

        Asked by the name of the records, the checks would follow the records that follow them. No certificate has the
        load balancer's name, which is sent as the server's (SNI): it answers with its default one, and Route 53 does
        not verify certificates.
        """
        return route53.HealthCheck(
            f"{self._name}-{side}",
            type="HTTPS",
            fqdn=target.dns_name,
            port=_HTTPS,
            resource_path=READY_PATH,
            enable_sni=True,
            request_interval=seconds,
            failure_threshold=DETECTION_FAILURES,
            measure_latency=False,
            tags=self._tags(f"{side}-ready"),
            opts=self._child,
        )

    def _build_switch(self) -> route53.HealthCheck:
        # Route 53 evaluates the metric by what it copied from the alarm: `triggers` has it copy again.
        return route53.HealthCheck(
            f"{self._name}-switch",
            type="CLOUDWATCH_METRIC",
            cloudwatch_alarm_name=self._args.switch.name,
            cloudwatch_alarm_region=self._args.switch.region,
            insufficient_data_health_status="LastKnownStatus",
            triggers={"threshold": str(switch.ON), "period_seconds": str(switch.HOLD_SECONDS)},
            tags=self._tags("switch-off"),
            opts=self._child,
        )

    def _build_primary(self) -> route53.HealthCheck:
        children = [self.home_id, self.switch_id]
        return route53.HealthCheck(
            f"{self._name}-primary",
            type="CALCULATED",
            child_healthchecks=children,
            child_health_threshold=len(children),
            tags=self._tags("primary"),
            opts=self._child,
        )
