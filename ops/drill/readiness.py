"""What recovery must have before it is needed, as named checks. They change nothing.

Owns: which checks there are, what each finding means and what to do about it. Does not own: how each is asked, which
`ops.drill.parity` does. A check without data is neither passed nor failed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Literal

from domain.manifest import SideName
from domain.regions import GLOBAL_REGION
from ops.drill.context import Context, other
from ops.drill.model import Observation
from ops.drill.parity import compute, data, ties
from ops.drill.probes import journeys

_BOTH: Final[tuple[SideName, ...]] = ("home", "recovery")


@dataclass(frozen=True, kw_only=True)
class Check:
    """A check: what it finds, how bad it is that it does not hold, what to do then, and what it asks of AWS."""

    name: str
    title: str
    severity: Literal["high", "medium"]
    remedy: str
    calls: tuple[str, ...]
    ask: Callable[[Context], Observation]


def check(name: str, context: Context) -> Observation:
    """What the check called `name` finds; `values` has its remedy unless it holds.

    Raises:
        KeyError: there is no such check.
        UnreachableError: a region did not answer.
        ActionError: a call was refused.
    """
    found = CHECKS[name]
    seen = found.ask(context)
    return seen if seen.holds else seen.model_copy(update={"values": {**seen.values, "remedy": found.remedy}})


def _each(context: Context, service: str) -> dict[SideName, Any]:
    """The clients of a service, by side."""
    return {side: context.client(service, side) for side in _BOTH}


def _several(context: Context, *services: str) -> dict[SideName, dict[str, Any]]:
    """The clients of several services, by side and service."""
    return {side: {service: context.client(service, side) for service in services} for side in _BOTH}


def _image(context: Context) -> Observation:
    return compute.image(_several(context, "ssm", "autoscaling", "ec2"), context.manifest)


def _release(context: Context) -> Observation:
    return compute.release(_each(context, "s3"), context.manifest)


def _quotas(context: Context) -> Observation:
    clients = {context.manifest.side(side).region: context.client("service-quotas", side) for side in _BOTH}
    return compute.quotas(clients, context.manifest.quotas)


def _fleet(context: Context) -> Observation:
    fleets = {side: context.manifest.side(side).fleet for side in _BOTH}
    return compute.room(_each(context, "autoscaling"), fleets)


def _secrets(context: Context) -> Observation:
    return data.secrets(_each(context, "secretsmanager"), context.manifest)


def _keys(context: Context) -> Observation:
    return data.keys(_each(context, "kms"), context.manifest)


def _parameter_groups(context: Context) -> Observation:
    return data.parameter_groups(_each(context, "rds"), context.manifest)


def _security_groups(context: Context) -> Observation:
    return data.security_groups(_several(context, "rds", "ec2"), context.manifest)


def _replica_lag(context: Context) -> Observation:
    side = other(context.manifest.writer)
    cloudwatch, identifier = context.client("cloudwatch", side), context.database(side).identifier
    return ties.replica_lag(cloudwatch, identifier, context.site.now())


def _replication_rules(context: Context) -> Observation:
    return ties.replication_rules(_each(context, "s3"), context.manifest)


def _replication_backlog(context: Context) -> Observation:
    return ties.replication_backlog(context.client("cloudwatch", "recovery"), context.manifest, context.site.now())


def _health_checks(context: Context) -> Observation:
    return ties.health_checks(context.site.client("route53", GLOBAL_REGION), context.manifest.health_checks)


def _switch(context: Context) -> Observation:
    return ties.switch(context.client("cloudwatch", "recovery"), context.manifest)


def _journeys(context: Context) -> Observation:
    clients = _each(context, "cloudwatch")
    return journeys.quiet({side: journeys.place(clients[side], context.manifest, side) for side in _BOTH})


def _manifest(context: Context) -> Observation:
    return ties.manifests(_each(context, "ssm"), _each(context, "rds"), context.manifest, context.site.now())


_ALL: Final = (
    Check(
        name="image",
        title="the machine image in both regions",
        severity="high",
        remedy="choose an image that AWS publishes in both regions, then run 'pulumi up'",
        calls=(
            "ssm:GetParameter",
            "autoscaling:DescribeAutoScalingGroups",
            "ec2:DescribeLaunchTemplateVersions",
        ),
        ask=_image,
    ),
    Check(
        name="release",
        title="the release in both buckets",
        severity="high",
        remedy="put the release into the bucket that lacks it, with 'aws s3 cp --checksum-algorithm SHA256'",
        calls=("s3:GetObject", "s3:ListBucket"),
        ask=_release,
    ),
    Check(
        name="quotas",
        title="service quotas in both regions",
        severity="high",
        remedy="ask for the increase in Service Quotas now: it takes hours to days",
        calls=("servicequotas:GetServiceQuota", "servicequotas:ListAWSDefaultServiceQuotas"),
        ask=_quotas,
    ),
    Check(
        name="fleet",
        title="instances in service, and room to grow",
        severity="high",
        remedy="raise webMax or webRecoveryMin, or see why instances do not start: docs/runbooks/failover.md, step 3",
        calls=("autoscaling:DescribeAutoScalingGroups",),
        ask=_fleet,
    ),
    Check(
        name="secrets",
        title="secrets, and the copy of the database's",
        severity="high",
        remedy="run 'pulumi up', or replicate the secret again with "
        "'aws secretsmanager replicate-secret-to-regions --force-overwrite-replica-secret'",
        calls=("secretsmanager:DescribeSecret",),
        ask=_secrets,
    ),
    Check(
        name="keys",
        title="keys, aliases and key policies",
        severity="high",
        remedy="enable the key with 'aws kms enable-key' (or cancel its deletion), then run 'pulumi up'",
        calls=("kms:DescribeKey", "kms:ListAliases", "kms:GetKeyPolicy"),
        ask=_keys,
    ),
    Check(
        name="parameter-groups",
        title="the databases' parameters",
        severity="medium",
        remedy="run 'pulumi up'; a group that is pending-reboot needs a reboot of its instance",
        calls=("rds:DescribeDBInstances", "rds:DescribeDBParameters"),
        ask=_parameter_groups,
    ),
    Check(
        name="security-groups",
        title="the databases' security groups",
        severity="high",
        remedy="run 'pulumi up': each database has a group of the program's own",
        calls=("rds:DescribeDBInstances", "ec2:DescribeSecurityGroups"),
        ask=_security_groups,
    ),
    Check(
        name="replica-lag",
        title="how far the replica is behind",
        severity="high",
        remedy="see in CloudWatch whether the replica is overloaded or has stopped; one that has stopped is made anew",
        calls=("cloudwatch:GetMetricStatistics",),
        ask=_replica_lag,
    ),
    Check(
        name="replication-rules",
        title="replication of the buckets, both ways",
        severity="high",
        remedy="run 'pulumi up', then copy what was left out with S3 Batch Replication",
        calls=("s3:GetReplicationConfiguration",),
        ask=_replication_rules,
    ),
    Check(
        name="replication-backlog",
        title="objects that wait to be copied",
        severity="medium",
        remedy="wait until it has gone down; if it does not, look for failed keys or rights of the replication role",
        calls=("cloudwatch:ListMetrics", "cloudwatch:GetMetricStatistics"),
        ask=_replication_backlog,
    ),
    Check(
        name="health-checks",
        title="Route 53's health checks of both sides",
        severity="high",
        remedy="ask /readyz of the side's load balancer: the answer names what fails",
        calls=("route53:GetHealthCheckStatus",),
        ask=_health_checks,
    ),
    Check(
        name="switch",
        title="the switch, against the side that writes",
        severity="medium",
        remedy="turn the switch to where the writer is: docs/runbooks/failover.md, step 2",
        calls=("cloudwatch:DescribeAlarms",),
        ask=_switch,
    ),
    Check(
        name="journeys",
        title="the canaries' alarms of both sides",
        severity="high",
        remedy="read the canary's last run in its log group; docs/runbooks/alarms.md#journeys says where to look then",
        calls=("cloudwatch:DescribeAlarms",),
        ask=_journeys,
    ),
    Check(
        name="manifest",
        title="the manifest in both regions, against the databases",
        severity="high",
        remedy="run 'pulumi up', or write down first what is true: docs/runbooks/failover.md, step 9",
        calls=("ssm:GetParameter", "rds:DescribeDBInstances"),
        ask=_manifest,
    ),
)
CHECKS: Final = MappingProxyType({item.name: item for item in _ALL})
