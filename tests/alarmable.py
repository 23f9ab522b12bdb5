"""What can be alarmed on must be: which metrics each type of resource needs an alarm on, over whole programs.

Held against what the program registers, not against the code that registers it: a new type that can fail goes into
`NEEDED`, and a resource without its alarms is named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ops.engine.record import Program, Registration, reveal

METRIC: Final = "aws:cloudwatch/metricAlarm:MetricAlarm"
COMPOSITE: Final = "aws:cloudwatch/compositeAlarm:CompositeAlarm"


@dataclass(frozen=True)
class Needed:
    """A metric that needs an alarm, and the dimension and value by which it is the resource's.

    What is counted without dimensions is the resource's by its namespace.
    """

    metric: str
    dimension: str
    value: str


def _each(dimension: str, value: Callable[[Registration], str], *metrics: str) -> Callable[..., Iterator[Needed]]:
    def needed(item: Registration) -> Iterator[Needed]:
        yield from (Needed(metric, dimension, value(item)) for metric in metrics)

    return needed


def _database(item: Registration) -> Iterator[Needed]:
    lag = ["ReplicaLag"] if item.inputs.get("replicateSourceDb") else []
    metrics = ("CPUUtilization", "DatabaseConnections", "FreeStorageSpace", "FreeableMemory", *lag)
    yield from (Needed(metric, "DBInstanceIdentifier", item.inputs["identifier"]) for metric in metrics)


def _cache(item: Registration) -> Iterator[Needed]:
    for place in range(1, int(item.inputs["numCacheClusters"]) + 1):
        for metric in ("EngineCPUUtilization", "DatabaseMemoryUsagePercentage", "Evictions", "ReplicationLag"):
            yield Needed(metric, "CacheClusterId", f"{item.inputs['replicationGroupId']}-{place:03}")


def _queue(item: Registration) -> Iterator[Needed]:
    """What sends its failures on is worked off; the others are where they are sent to, and ought to be empty."""
    metric = "ApproximateAgeOfOldestMessage" if "redrivePolicy" in item.inputs else "ApproximateNumberOfMessagesVisible"
    yield Needed(metric, "QueueName", item.inputs["name"])


def _fleet(item: Registration) -> Iterator[Needed]:
    yield Needed("disk_used_percent", "AutoScalingGroupName", item.inputs["name"])
    yield Needed("GroupDesiredCapacity", "AutoScalingGroupName", item.inputs["name"])
    yield Needed("GroupInServiceInstances", "AutoScalingGroupName", item.inputs["name"])
    if item.inputs["minSize"] < item.inputs["maxSize"]:
        yield Needed("GroupTotalInstances", "AutoScalingGroupName", item.inputs["name"])


def _counted(item: Registration) -> Iterator[Needed]:
    made = item.inputs["metricTransformation"]
    yield Needed(made["name"], "", made["namespace"])


def _replication(item: Registration) -> Iterator[Needed]:
    for metric in ("OperationsFailedReplication", "ReplicationLatency", "BytesPendingReplication"):
        for rule in item.inputs["rules"]:
            yield Needed(metric, "RuleId", rule["id"])


NEEDED: Final[Mapping[str, Callable[..., Iterator[Needed]]]] = {
    "aws:acm/certificate:Certificate": _each("CertificateArn", lambda item: item.outputs["arn"], "DaysToExpiry"),
    "aws:autoscaling/group:Group": _fleet,
    "aws:backup/vault:Vault": _each(
        "BackupVaultName", lambda item: item.inputs["name"], "NumberOfBackupJobsFailed", "NumberOfCopyJobsFailed"
    ),
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": _counted,
    "aws:ec2/natGateway:NatGateway": _each(
        "NatGatewayId", lambda item: item.id, "ErrorPortAllocation", "PacketsDropCount"
    ),
    "aws:elasticache/replicationGroup:ReplicationGroup": _cache,
    "aws:lambda/function:Function": _each(
        "FunctionName", lambda item: item.inputs["name"], "Errors", "Throttles", "Duration"
    ),
    "aws:lb/loadBalancer:LoadBalancer": _each(
        "LoadBalancer",
        lambda item: item.outputs["arnSuffix"],
        "HTTPCode_Target_5XX_Count",
        "HTTPCode_ELB_5XX_Count",
        "TargetResponseTime",
    ),
    "aws:lb/targetGroup:TargetGroup": _each(
        "TargetGroup", lambda item: item.outputs["arnSuffix"], "HealthyHostCount", "UnHealthyHostCount"
    ),
    "aws:rds/instance:Instance": _database,
    "aws:s3/bucketReplicationConfig:BucketReplicationConfig": _replication,
    "aws:sqs/queue:Queue": _queue,
    "aws:synthetics/canary:Canary": _each("CanaryName", lambda item: item.inputs["name"], "SuccessPercent", "Duration"),
    "aws:wafv2/webAcl:WebAcl": _each("WebACL", lambda item: item.inputs["name"], "BlockedRequests"),
}


def alarmed(program: Program) -> set[Needed]:
    """Every metric that an alarm watches, by each of its dimensions."""
    return {needed for alarm in program.of_type(METRIC) for needed in watched_by(alarm)}


def watched_by(alarm: Registration) -> set[Needed]:
    """Every metric that `alarm` watches, by each of its dimensions."""
    return {
        Needed(metric["metricName"], dimension, str(value))
        for metric in metrics_of(reveal(alarm.inputs))
        for dimension, value in (metric["dimensions"] or {"": metric["namespace"]}).items()
    }


def metrics_of(alarm: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The metrics that an alarm's inputs name, in the form of a query's."""
    queries = alarm.get("metricQueries")
    if queries:
        return [{"stat": "", "dimensions": {}, **query["metric"]} for query in queries if query.get("metric")]
    statistic = alarm.get("statistic") or alarm["extendedStatistic"]
    named = {key: alarm[key] for key in ("namespace", "metricName", "period")}
    return [{"stat": statistic, "dimensions": alarm.get("dimensions") or {}, **named}]


def unwatched(program: Program) -> list[str]:
    """What is missing: the resource, and the metric that no alarm watches."""
    found = alarmed(program)
    return [
        f"{item.name}: {needed.metric}"
        for item in program.registrations
        if item.type in NEEDED
        for needed in NEEDED[item.type](item)
        if needed not in found
    ]
