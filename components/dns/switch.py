"""The alarm by which a cell is failed over on purpose. Stands in recovery, so that the loss of home cannot reach it.

Owns: the alarm on the metric that `domain.switch` describes. Does not own: the health check that follows it, which is
global (`components.dns.health`), and whoever sends the metric.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from components.observability import watched
from components.observability.catalog import Raised
from components.observability.continuity_alarms import turned
from components.observability.register import build_alarm
from domain.naming import Names


@dataclass(frozen=True, kw_only=True)
class SwitchArgs:
    """What the switch is made from: recovery's names, and recovery's topic for operations."""

    names: Names
    cell: str
    topic_arn: pulumi.Input[str]


class Switch(pulumi.ComponentResource):
    """The switch. In alarm means on: users are led to recovery, however well home may look. `raised` is the alarm."""

    alarm_name: pulumi.Output[str]
    alarm_arn: pulumi.Output[str]
    raised: Raised

    def __init__(self, name: str, args: SwitchArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Make the switch. `opts` carry recovery's provider."""
        super().__init__("medical:dns:Switch", name, None, opts)
        found = watched.Switch(key="failover", cell=args.cell)
        self.raised = Raised(watched=found, alarms=(turned(found),))
        child = pulumi.ResourceOptions(parent=self)
        alarm = build_alarm(name, self.raised.alarms[0], names=args.names, topic=args.topic_arn, opts=child)
        self.alarm_name, self.alarm_arn = alarm.name, alarm.arn
        self.register_outputs({"alarm_name": self.alarm_name})
