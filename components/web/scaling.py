"""How many instances run, and how they are replaced."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
from pulumi_aws import autoscaling, ec2

from components.web.args import WebArgs
from components.web.template import instance_tags

# From launch to serving: packages, release, certificate, start. An assumption, on the safe side until it is measured.
_WARM_UP_SECONDS = 180
_GRACE_SECONDS = 300

# A release that uses every core is scaled by its load. The starter is one process: on two cores it is full at 50 %, so
# for it the requests decide.
_CPU_PERCENT = 60.0

# Requests a minute for each instance. An assumption until a load test of the release says better: 20 ms of one core a
# request fills the starter's one process at 50 a second, and 60 % of that is 30 a second.
_REQUESTS_A_MINUTE = 1800.0

_METRICS = (
    autoscaling.Metric.GROUP_DESIRED_CAPACITY,
    autoscaling.Metric.GROUP_IN_SERVICE_INSTANCES,
    autoscaling.Metric.GROUP_MAX_SIZE,
    autoscaling.Metric.GROUP_MIN_SIZE,
    autoscaling.Metric.GROUP_PENDING_INSTANCES,
    autoscaling.Metric.GROUP_TERMINATING_INSTANCES,
    autoscaling.Metric.GROUP_TOTAL_INSTANCES,
)


def build_group(
    name: str,
    args: WebArgs,
    template: ec2.LaunchTemplate,
    after: Sequence[pulumi.Resource],
    opts: pulumi.ResourceOptions,
) -> autoscaling.Group:
    """Make the Auto Scaling group, once everything that an instance needs to boot (`after`) is there.

    There is no desired capacity here: scaling decides it, and an update must not undo that. Nor is there a lifecycle
    hook: before it terminates an instance Auto Scaling takes it out of the target group and waits until the target
    group's deregistration delay is over, so requests under way are finished.
    """
    return autoscaling.Group(
        name,
        name=args.names.of("web"),
        min_size=args.fleet.minimum,
        max_size=args.fleet.maximum,
        vpc_zone_identifiers=args.place.private_subnet_ids,
        launch_template=autoscaling.GroupLaunchTemplateArgs(
            id=template.id,
            # By number: a group that follows "$Latest" would not change, and so not replace its instances.
            version=template.latest_version.apply(str),
        ),
        target_group_arns=[args.front.target_group_arn],
        health_check_type="ELB",
        health_check_grace_period=_GRACE_SECONDS,
        default_instance_warmup=_WARM_UP_SECONDS,
        capacity_rebalance=False,  # for Spot instances, of which there are none
        instance_refresh=_refresh(),
        # An instance that is unhealthy goes when its successor serves: a side at its minimum is never below it.
        instance_maintenance_policy=autoscaling.GroupInstanceMaintenancePolicyArgs(
            min_healthy_percentage=100, max_healthy_percentage=200
        ),
        termination_policies=["OldestLaunchTemplate", "OldestInstance"],
        enabled_metrics=_METRICS,
        metrics_granularity="1Minute",
        # Until the instances are launched, so that a quota or an image that is missing fails the update. Not until they
        # are healthy: that is for the health checks, and an update that hangs on them could not bring the cure.
        wait_for_capacity_timeout="10m",
        tags=[
            autoscaling.GroupTagArgs(key=key, value=value, propagate_at_launch=True)
            for key, value in sorted(instance_tags(args).items())
        ],
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=list(after))),
    )


def _refresh() -> autoscaling.GroupInstanceRefreshArgs:
    """A new template replaces the instances, each only after its successor is healthy.

    With 100 % as the least, capacity never sinks, be it one instance or many; with 200 % as the most, all successors
    may start at once, which is the quickest and costs double for minutes.
    Auto Scaling refuses an automatic rollback where the template takes its image from a parameter. It is not missed: a
    refresh whose successors stay unhealthy stops with the predecessors still serving, and the former release in the
    configuration brings it back.
    """
    return autoscaling.GroupInstanceRefreshArgs(
        strategy="Rolling",
        preferences=autoscaling.GroupInstanceRefreshPreferencesArgs(
            min_healthy_percentage=100,
            max_healthy_percentage=200,
            auto_rollback=False,
        ),
    )


def build_policies(name: str, args: WebArgs, group: autoscaling.Group, opts: pulumi.ResourceOptions) -> None:
    """Keep the group as large as its load asks for; the larger of the two answers wins."""
    requests = autoscaling.PolicyTargetTrackingConfigurationPredefinedMetricSpecificationArgs(
        predefined_metric_type="ALBRequestCountPerTarget",
        resource_label=args.front.request_label,
    )
    cpu = autoscaling.PolicyTargetTrackingConfigurationPredefinedMetricSpecificationArgs(
        predefined_metric_type="ASGAverageCPUUtilization",
    )
    for role, metric, target in (("cpu", cpu, _CPU_PERCENT), ("requests", requests, _REQUESTS_A_MINUTE)):
        autoscaling.Policy(
            f"{name}-{role}",
            name=args.names.of(f"web-{role}"),
            autoscaling_group_name=group.name,
            policy_type="TargetTrackingScaling",
            target_tracking_configuration=autoscaling.PolicyTargetTrackingConfigurationArgs(
                predefined_metric_specification=metric,
                target_value=target,
                disable_scale_in=False,
            ),
            opts=opts,
        )
