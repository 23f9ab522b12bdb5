"""The alarms on a user's way in: load balancer, instances, certificate, and the instances' way out. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Final

import pulumi

from components.observability.model import (
    DAY,
    Alarm,
    Comparison,
    Metric,
    Severity,
    Silence,
    Threshold,
    Treatment,
    Unit,
    Weight,
)
from components.observability.watched import Certificate, Fleet, LoadBalancer, Nat
from domain import instances
from domain.alarms import Profile

_LB: Final = "AWS/ApplicationELB"
_FIVE_MINUTES: Final = timedelta(minutes=5)
_FEWEST_REQUESTS: Final = 20  # in a minute: of fewer, a single one that fails would be more than most thresholds
_GROWING_MINUTES: Final = 15  # an instance is launched, starts and is healthy in less: components.web.scaling
_AT_MOST_MINUTES: Final = 30  # a peak that passes needs nobody
# ACM begins to renew 60 days before the end, so at this it has tried for two weeks. Source: ACM user guide, "Managed
# certificate renewal", read November 2026.
RENEWED_DAYS: Final = 45
_NO_REQUESTS: Final = Silence(Treatment.FINE, "a load balancer counts only what happens: without requests, nothing")


def load_balancer(it: LoadBalancer, profile: Profile) -> Iterator[Alarm]:
    """What users are answered, and by how many instances."""
    whole = {"LoadBalancer": it.load_balancer}
    targets = {"TargetGroup": it.target_group, **whole}
    yield from _answers(it.key, whole, profile)
    yield from _targets(it.key, targets, profile)


def _answers(key: str, whole: Mapping[str, pulumi.Input[str]], profile: Profile) -> Iterator[Alarm]:
    lasting = profile.lasting_minutes
    errors = Metric(namespace=_LB, name="HTTPCode_Target_5XX_Count", dimensions=whole, statistic="Sum")
    requests = Metric(namespace=_LB, name="RequestCount", dimensions=whole, statistic="Sum")
    yield Alarm(
        owner=key,
        key="target-5xx",
        metrics={"errors": errors, "requests": requests},
        formula=f"IF(requests < {_FEWEST_REQUESTS}, 0, 100 * errors / requests)",
        comparison=Comparison.ABOVE,
        threshold=Threshold(profile.errors_percent, Unit.PERCENT),
        breaches=lasting,
        of=lasting,
        silence=_NO_REQUESTS,
        weight=Weight.ALONE,
        meaning="The service answers too many requests with an error of its own (5xx).",
        section="load-balancer",
    )
    yield Alarm(
        owner=key,
        key="elb-5xx",
        metrics={"refused": Metric(namespace=_LB, name="HTTPCode_ELB_5XX_Count", dimensions=whole, statistic="Sum")},
        comparison=Comparison.ABOVE,
        threshold=Threshold(profile.refused_count, Unit.COUNT),
        breaches=lasting,
        of=lasting,
        silence=_NO_REQUESTS,
        weight=Weight.ALONE,
        meaning="The load balancer itself turns users away (5xx): it reaches no instance, or none answers in time.",
        section="load-balancer",
    )
    latency = Metric(namespace=_LB, name="TargetResponseTime", dimensions=whole, statistic="p99", period=_FIVE_MINUTES)
    yield Alarm(
        owner=key,
        key="latency",
        metrics={"latency": latency},
        comparison=Comparison.ABOVE,
        threshold=Threshold(profile.latency_seconds, Unit.SECONDS),
        breaches=2,
        of=3,
        silence=_NO_REQUESTS,
        weight=Weight.SYMPTOM,
        meaning="One request in a hundred waits longer than users do (p99).",
        section="load-balancer",
    )


def _targets(key: str, targets: Mapping[str, pulumi.Input[str]], profile: Profile) -> Iterator[Alarm]:
    lasting = profile.lasting_minutes
    yield Alarm(
        owner=key,
        key="unhealthy-hosts",
        metrics={
            "unhealthy": Metric(namespace=_LB, name="UnHealthyHostCount", dimensions=targets, statistic="Maximum")
        },
        comparison=Comparison.ABOVE,
        threshold=Threshold(0, Unit.COUNT),
        breaches=2 * lasting,
        of=2 * lasting,
        silence=Silence(Treatment.FINE, "without instances nothing is reported; no-healthy-host speaks then"),
        weight=Weight.SYMPTOM,
        meaning="An instance fails its health check and has not been replaced.",
        section="load-balancer",
    )
    yield Alarm(
        owner=key,
        key="no-healthy-host",
        # Of the zones' own figures the largest: a zone without an instance is no news on a side of one.
        metrics={"healthy": Metric(namespace=_LB, name="HealthyHostCount", dimensions=targets, statistic="Maximum")},
        comparison=Comparison.BELOW,
        threshold=Threshold(1, Unit.COUNT),
        breaches=3,
        of=3,
        silence=Silence(Treatment.BREACHING, "a load balancer reports this every minute: silent, it serves nobody"),
        severity=Severity.PAGE,
        weight=Weight.ALONE,
        meaning="No instance is healthy: the side serves nobody.",
        section="load-balancer",
    )


def fleet(it: Fleet, _: Profile) -> Iterator[Alarm]:
    """Whether there are as many instances as are asked for, and room for more."""
    silence = Silence(Treatment.UNCHANGED, "Auto Scaling reports as best it can: a gap says nothing new")

    def metric(name: str) -> Metric:
        dimensions = {"AutoScalingGroupName": it.group}
        return Metric(namespace="AWS/AutoScaling", name=name, dimensions=dimensions, statistic="Minimum")

    yield Alarm(
        owner=it.key,
        key="below-desired",
        metrics={"wanted": metric("GroupDesiredCapacity"), "serving": metric("GroupInServiceInstances")},
        formula="wanted - serving",
        comparison=Comparison.ABOVE,
        threshold=Threshold(0, Unit.COUNT),
        breaches=_GROWING_MINUTES,
        of=_GROWING_MINUTES,
        silence=silence,
        weight=Weight.CAUSE,
        meaning="Fewer instances serve than are asked for: none can be launched, or they fail to start.",
        section="instances",
    )
    if it.minimum < it.maximum:  # a fleet that never grows is always at its most
        yield Alarm(
            owner=it.key,
            key="at-max",
            metrics={"running": metric("GroupTotalInstances")},
            comparison=Comparison.REACHED,
            threshold=Threshold(it.maximum, Unit.COUNT),
            breaches=_AT_MOST_MINUTES,
            of=_AT_MOST_MINUTES,
            silence=silence,
            weight=Weight.CAUSE,
            meaning="As many instances run as may (webMax): more load will be felt.",
            section="instances",
        )
    yield _disk(it)


def _disk(it: Fleet) -> Alarm:
    used = Metric(
        namespace=instances.NAMESPACE,
        name=instances.DISK,
        dimensions={instances.GROUP: it.group},
        statistic="Maximum",
        period=_FIVE_MINUTES,
    )
    return Alarm(
        owner=it.key,
        key="disk",
        metrics={"used": used},
        comparison=Comparison.ABOVE,
        threshold=Threshold(instances.DISK_PERCENT, Unit.PERCENT),
        breaches=2,
        of=2,
        silence=Silence(Treatment.UNKNOWN, "silent agents say nothing of disks"),
        weight=Weight.CAUSE,
        meaning="The disk of an instance is almost full. It is replaced, within limits, unless repairs are off.",
        section="instances",
    )


def nat(it: Nat, profile: Profile) -> Iterator[Alarm]:
    """Whether instances get out."""

    def metric(name: str) -> Metric:
        dimensions = {"NatGatewayId": it.gateway_id}
        return Metric(namespace="AWS/NATGateway", name=name, dimensions=dimensions, statistic="Sum")

    silence = Silence(Treatment.FINE, "without connections nothing is reported, and nothing is wrong")
    yield Alarm(
        owner=it.key,
        key="port-errors",
        metrics={"errors": metric("ErrorPortAllocation")},
        comparison=Comparison.ABOVE,
        threshold=Threshold(0, Unit.COUNT),
        breaches=profile.lasting_minutes,
        of=profile.lasting_minutes,
        silence=silence,
        weight=Weight.CAUSE,
        meaning="The NAT gateway has no port left for a connection: too many go to one address.",
        section="way-out",
    )
    yield Alarm(
        owner=it.key,
        key="drops",
        metrics={"dropped": metric("PacketsDropCount")},
        comparison=Comparison.ABOVE,
        threshold=Threshold(100, Unit.COUNT),
        breaches=profile.lasting_minutes,
        of=profile.lasting_minutes,
        silence=silence,
        weight=Weight.CAUSE,
        meaning="The NAT gateway drops packets: trouble of AWS's own, or more than one gateway carries.",
        section="way-out",
    )


def certificate(it: Certificate, _: Profile) -> Iterator[Alarm]:
    """Whether ACM renews in time."""
    days = Metric(
        namespace="AWS/CertificateManager",
        name="DaysToExpiry",
        dimensions={"CertificateArn": it.arn},
        statistic="Minimum",
        period=DAY,
    )
    yield Alarm(
        owner=it.key,
        key="expiry",
        metrics={"days": days},
        comparison=Comparison.BELOW,
        threshold=Threshold(RENEWED_DAYS, Unit.DAYS),
        breaches=1,
        of=1,
        silence=Silence(Treatment.UNCHANGED, "ACM reports twice a day, and a late report neither raises nor ends it"),
        meaning="ACM has not renewed the certificate though it has tried for two weeks.",
        section="certificates",
    )
