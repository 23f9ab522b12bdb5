"""An instance whose disk is full is replaced.

Auto Scaling replaces what fails the load balancer's or EC2's checks; a full disk fails neither. The agent's metric
raises the alarm `web-disk`, the alarm's event starts an automation, and that runs `functions/repairs/replace.py`, which
holds the limits and tells operations of what it did or left. Does not own: the alarm (`components.observability`).
"""

from __future__ import annotations

from typing import Final

import pulumi

from components import policy
from components.operations.automation import Here, Repair
from domain import instances
from domain.naming import ALARM

NAME: Final = "repair"


def replacing(group: pulumi.Input[str], here: Here) -> Repair:
    """Instances of the Auto Scaling group `group` are replaced when their disk is full."""
    of_group = pulumi.Output.concat("autoScalingGroup:*:autoScalingGroupName/", group)
    return Repair(
        name=NAME,
        does="Replaces an instance whose disk is full",
        alarms=[here.names.of("web-disk", ALARM)],
        detail={"state": {"value": ["ALARM"]}},
        script="replace.py",
        told={
            "group": group,
            "limit": instances.DISK_PERCENT,
            "namespace": instances.NAMESPACE,
            "metric": instances.DISK,
        },
        may=[
            # Descriptions and figures have no resources; the region is what these can be held to.
            policy.allow(
                "Look",
                [
                    "autoscaling:DescribeAutoScalingGroups",
                    "autoscaling:DescribeScalingActivities",
                    "cloudwatch:GetMetricStatistics",
                    "cloudwatch:ListMetrics",
                ],
                ["*"],
                condition={"StringEquals": {"aws:RequestedRegion": here.region}},
            ),
            policy.allow("Replace", ["autoscaling:SetInstanceHealth"], [here.arn("autoscaling", of_group)]),
        ],
    )
