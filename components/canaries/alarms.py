"""When a journey no longer keeps what it promises: its canary failed, fell silent, or took too long."""

from __future__ import annotations

from typing import Final

import pulumi
from pulumi_aws import cloudwatch

from domain import canaries
from domain.naming import Names
from domain.objectives import Objective

# Two of three runs: one lost run is no alarm, and a run may slip from its own period into the next.
_PERIODS, _BREACHES = 3, 2
_MINUTE_SECONDS: Final = 60


def build_alarms(
    name: str,
    *,
    journey: str,
    names: Names,
    objective: Objective,
    minutes: int,
    operations_topic: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
) -> None:
    """Make the alarms of a journey whose canary runs every `minutes`; they go to operations.

    A canary that no longer runs has shown nothing, and a region that is gone sends no data: both count as failed.
    """
    for which, metric, statistic, comparison, threshold, meaning in (
        (
            canaries.SUCCESS_ALARM,
            canaries.SUCCESS,
            "Average",
            "LessThanThreshold",
            objective.availability_percent,
            f"The journey {journey} fails or is not walked; it promises {objective.availability_percent:g} %.",
        ),
        (
            canaries.DURATION_ALARM,
            canaries.DURATION,
            "p95",
            "GreaterThanThreshold",
            objective.latency_ms,
            f"A walk through the journey {journey} takes more than the {objective.latency_ms} ms that it promises.",
        ),
    ):
        cloudwatch.MetricAlarm(
            f"{name}-{which}",
            name=canaries.alarm(names, journey, which),
            alarm_description=f"{meaning} What to do: docs/monitoring.md#journeys-objectives-and-canaries",
            namespace=canaries.NAMESPACE,
            metric_name=metric,
            dimensions={"CanaryName": canaries.name(names, journey)},
            statistic=None if statistic.startswith("p") else statistic,
            extended_statistic=statistic if statistic.startswith("p") else None,
            period=minutes * _MINUTE_SECONDS,
            evaluation_periods=_PERIODS,
            datapoints_to_alarm=_BREACHES,
            comparison_operator=comparison,
            threshold=threshold,
            treat_missing_data="breaching",
            alarm_actions=[operations_topic],
            ok_actions=[operations_topic],
            opts=opts,
        )
