"""The alarm by which a cell is failed over on purpose. Stands in recovery, so that the loss of home cannot reach it.

Owns: the alarm on the metric that `domain.switch` describes. Does not own: the health check that follows it, which is
global (`components.dns.health`), and whoever sends the metric.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from pulumi_aws import cloudwatch

from domain import switch
from domain.naming import Names

_ALARM_LIMIT = 255


@dataclass(frozen=True, kw_only=True)
class SwitchArgs:
    """What the switch is made from: recovery's names, and recovery's topic for operations."""

    names: Names
    cell: str
    topic_arn: pulumi.Input[str]


class Switch(pulumi.ComponentResource):
    """The switch. In alarm means on: users are led to recovery, however well home may look."""

    alarm_name: pulumi.Output[str]
    alarm_arn: pulumi.Output[str]

    def __init__(self, name: str, args: SwitchArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Make the switch. `opts` carry recovery's provider."""
        super().__init__("medical:dns:Switch", name, None, opts)
        alarm = self._build_alarm(name, args)
        self.alarm_name, self.alarm_arn = alarm.name, alarm.arn
        self.register_outputs({"alarm_name": self.alarm_name})

    def _build_alarm(self, name: str, args: SwitchArgs) -> cloudwatch.MetricAlarm:
        # One long period, which CloudWatch looks at anew every minute: the first 1 in it turns the switch on, and a
        # period without any has to pass before it is off. "1 of 5 short periods" would say the same, but Route 53
        # reads the metric by itself and does not support alarms of that kind, nor those of high resolution.
        return cloudwatch.MetricAlarm(
            name,
            name=args.names.of("failover-switch", _ALARM_LIMIT),
            alarm_description=f"Cell {args.cell} is failed over: its users are led to recovery",
            namespace=switch.NAMESPACE,
            metric_name=switch.METRIC,
            dimensions={switch.DIMENSION: args.cell},
            statistic="Maximum",
            comparison_operator="GreaterThanOrEqualToThreshold",
            threshold=switch.ON,
            period=switch.HOLD_SECONDS,
            evaluation_periods=1,
            treat_missing_data="ignore",
            actions_enabled=True,
            alarm_actions=[args.topic_arn],
            ok_actions=[args.topic_arn],
            tags={"Name": args.names.of("failover-switch", _ALARM_LIMIT)},
            opts=pulumi.ResourceOptions(parent=self),
        )
