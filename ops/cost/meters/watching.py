"""What looking costs: alarms, dashboards, canaries, trails, detectors and firewalls. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from ops.cost import usage
from ops.cost.meters.compute import FUNCTION, GROUP
from ops.cost.meters.data import DATABASE
from ops.cost.meters.item import Charge, Item, Meter, monthly

_MINUTE: Final = 60
_VCPU: Final = 2  # of every Graviton instance up to the size "large"; larger ones have more, and cost more by far
_SECONDS: Final = {"minute": 60, "minutes": 60, "hour": 3600, "hours": 3600}


def _alarm(item: Item) -> Iterator[Charge]:
    queries = [query["metric"] for query in item.inputs.get("metricQueries") or () if query.get("metric")]
    periods = [int(metric["period"]) for metric in queries] or [int(item.inputs["period"])]
    fast = min(periods) < _MINUTE
    yield monthly("alarm", "alarm.fast" if fast else "alarm.metric", len(periods))


def _composite(_: Item) -> Iterator[Charge]:
    yield monthly("composite alarm", "alarm.composite")


def _dashboard(_: Item) -> Iterator[Charge]:
    yield monthly("dashboard", "dashboard.month")


def _canary(item: Item) -> Iterator[Charge]:
    expression = str(item.inputs["schedule"]["expression"])
    found = re.fullmatch(r"rate\((\d+) (minutes?|hours?)\)", expression, re.ASCII)
    if found is None:
        raise ValueError(f"canary {item.name} runs at {expression!r}, which is no rate of minutes or hours")
    every = int(found[1]) * _SECONDS[found[2]]
    yield monthly(f"a run each {found[1]} {found[2]}", "canary.run", usage.SECONDS_IN_MONTH / every)


def _firewall(item: Item) -> Iterator[Charge]:
    rules = len(item.inputs.get("rules") or ())
    yield monthly("web ACL", "waf.acl")
    yield monthly(f"{rules} rules", "waf.rule", rules)
    if item.busy:
        yield monthly("requests", "waf.request", item.usage.requests)


def _trail(item: Item) -> Iterator[Charge]:
    yield monthly("data events", "trail.data", item.usage.object_requests)


def _detector(_: Item) -> Iterator[Charge]:
    yield monthly("management events", "guardduty.events", usage.MANAGEMENT_EVENTS.value)
    yield monthly("flow and DNS logs", "guardduty.logs", usage.FLOW_LOGS.value)


def _feature(item: Item) -> Iterator[Charge]:
    name, status = item.inputs["name"], item.inputs.get("status")
    if status != "ENABLED":
        return
    if name == "S3_DATA_EVENTS" and item.busy:
        yield monthly("data events of buckets", "guardduty.s3-events", item.usage.object_requests)
    if name == "RDS_LOGIN_EVENTS":
        databases = len(item.neighbours(DATABASE))
        yield monthly("logins to databases", "guardduty.rds-vcpu", databases * _VCPU)
    if name == "RUNTIME_MONITORING":
        yield monthly("processes of instances", "guardduty.runtime-vcpu", _instances(item) * _VCPU)


def _instances(item: Item) -> int:
    return sum(int(group.inputs["minSize"]) for group in item.neighbours(GROUP))


def _scanner(item: Item) -> Iterator[Charge]:
    if item.busy:
        yield monthly("uploads scanned", "guardduty.malware-gib", item.usage.uploaded_gib)
        yield monthly("objects scanned", "guardduty.malware-object", item.usage.uploads)


def _hub(_: Item) -> Iterator[Charge]:
    yield monthly("checks of controls", "hub.check", usage.CONTROL_CHECKS.value)


def _recorder(_: Item) -> Iterator[Charge]:
    yield monthly("configuration items", "config.item", usage.CONFIGURATION_ITEMS.value)


def _pack(_: Item) -> Iterator[Charge]:
    yield monthly("evaluations of rules", "config.evaluation", usage.CONFIGURATION_ITEMS.value)


def _inspector(item: Item) -> Iterator[Charge]:
    kinds = item.inputs["resourceTypes"]
    if "EC2" in kinds:
        yield monthly("instances scanned", "inspector.instance", _instances(item))
    if "LAMBDA" in kinds:
        functions = len(item.neighbours(FUNCTION))
        yield monthly("functions scanned", "inspector.function", functions)


METERS: Final[Mapping[str, Meter]] = {
    "aws:cloudwatch/metricAlarm:MetricAlarm": _alarm,
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": _composite,
    "aws:cloudwatch/dashboard:Dashboard": _dashboard,
    "aws:synthetics/canary:Canary": _canary,
    "aws:wafv2/webAcl:WebAcl": _firewall,
    "aws:cloudtrail/trail:Trail": _trail,
    "aws:guardduty/detector:Detector": _detector,
    "aws:guardduty/detectorFeature:DetectorFeature": _feature,
    "aws:guardduty/malwareProtectionPlan:MalwareProtectionPlan": _scanner,
    "aws:securityhub/account:Account": _hub,
    "aws:cfg/recorder:Recorder": _recorder,
    "aws:cfg/conformancePack:ConformancePack": _pack,
    "aws:inspector2/enabler:Enabler": _inspector,
}
