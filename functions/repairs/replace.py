"""Replaces the instance whose disk is full. SSM Automation runs this file by itself: it imports boto3 alone.

Auto Scaling replaces what fails its health checks; an instance with a full disk may pass them. So this one marks it
unhealthy, and Auto Scaling does the rest. One instance at a time, one an hour, and never so that fewer than the group's
minimum are left in service: either the group has a successor serve first, or one more serves than must. Whatever it
does or leaves, it says in one line to operations.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import boto3

PAUSE = timedelta(hours=1)
LOOK_BACK = timedelta(minutes=10)
WHOLE = 100  # percent of the wanted capacity, below which a replacement may not lead
BY_PERSON = "user health-check"  # what Auto Scaling says of an instance that a call has marked
RUNBOOK = "Open docs/runbooks/alarms.md#instances."


# A tuple, for a dataclass looks its module up among the loaded ones, where whoever runs this may not have put it.
class Choice(NamedTuple):
    """The instance to replace, empty for none, and why."""

    instance: str
    reason: str


def choose(
    in_service: Sequence[str],
    used: Mapping[str, float],
    *,
    limit: float,
    minimum: int,
    first: bool,
    lately: bool,
    busy: bool,
) -> Choice:
    """Which instance of a group to replace, if any.

    `in_service` are the healthy ones that serve; `used` how full each disk is, in percent; `first` whether the group
    has a successor serve before an instance goes; `lately` whether one was replaced within the pause; `busy` whether
    any other instance is on its way in or out, or unhealthy.
    """
    full = sorted((name for name in in_service if used.get(name, 0.0) > limit), key=lambda name: (-used[name], name))
    if not full:
        return Choice("", f"no instance in service has more than {limit:g} % of its disk in use")
    if lately:
        return Choice("", f"{full[0]} is full, and one was replaced within the hour: what fills disks needs a person")
    if busy:
        return Choice("", f"{full[0]} is full, and the group is replacing another: it is left until that is over")
    if len(in_service) <= minimum and not first:
        return Choice("", f"{full[0]} is full, and only {len(in_service)} of at least {minimum} instances serve")
    return Choice(full[0], f"{used[full[0]]:.0f} % of its disk are in use")


def handler(events: Mapping[str, Any], _context: object) -> dict[str, str]:
    """Look at the group, replace one instance if it may be, and tell operations either way."""
    region = str(events["region"])
    scaling: Any = boto3.client("autoscaling", region_name=region)
    (group,) = scaling.describe_auto_scaling_groups(AutoScalingGroupNames=[events["group"]])["AutoScalingGroups"]
    now = datetime.now(UTC)
    choice = _choice(group, events, scaling, now)
    if choice.instance:
        scaling.set_instance_health(
            InstanceId=choice.instance, HealthStatus="Unhealthy", ShouldRespectGracePeriod=False
        )
        line = f"Repair, in {region}: {choice.instance} of {events['group']} is being replaced: {choice.reason}."
    else:
        line = f"Repair, in {region}: nothing was done in {events['group']}: {choice.reason}. {RUNBOOK}"
    boto3.client("sns", region_name=region).publish(TopicArn=str(events["topic"]), Message=line)
    return {"instance": choice.instance, "line": line}


def _choice(group: Mapping[str, Any], events: Mapping[str, Any], scaling: Any, now: datetime) -> Choice:  # noqa: ANN401 - boto3's clients have no static type
    instances = group["Instances"]
    serving = [
        item["InstanceId"]
        for item in instances
        if (item["LifecycleState"], item["HealthStatus"]) == ("InService", "Healthy")
    ]
    activities = scaling.describe_scaling_activities(AutoScalingGroupName=events["group"], MaxRecords=100)["Activities"]
    return choose(
        serving,
        {name: _used(name, events, now) for name in serving},
        limit=float(events["limit"]),
        minimum=int(group["MinSize"]),
        first=int(group.get("InstanceMaintenancePolicy", {}).get("MinHealthyPercentage", 0)) >= WHOLE,
        lately=any(BY_PERSON in item["Cause"] and item["StartTime"] > now - PAUSE for item in activities),
        busy=len(serving) < len(instances),
    )


def _used(instance: str, events: Mapping[str, Any], now: datetime) -> float:
    """How full the instance's disk was at most lately, in percent; 0 where nothing is told."""
    cloudwatch: Any = boto3.client("cloudwatch", region_name=str(events["region"]))
    namespace, name = str(events["namespace"]), str(events["metric"])
    wanted = [{"Name": "InstanceId", "Value": instance}]
    found = cloudwatch.list_metrics(Namespace=namespace, MetricName=name, Dimensions=wanted)["Metrics"]
    values = [
        point["Maximum"]
        for metric in found
        for point in cloudwatch.get_metric_statistics(
            Namespace=namespace,
            MetricName=name,
            Dimensions=metric["Dimensions"],
            StartTime=now - LOOK_BACK,
            EndTime=now,
            Period=60,
            Statistics=["Maximum"],
        )["Datapoints"]
    ]
    return max(values, default=0.0)
