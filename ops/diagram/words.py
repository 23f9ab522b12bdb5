"""What a node of the picture says about the resources that it stands for. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from ops.preview.model import Resource

_Resources = Sequence[Resource]
_Words = Callable[[_Resources], tuple[str, ...]]
ASIDE: Final = "-aside"


def lines(kind: str, found: _Resources) -> tuple[str, ...]:
    """The lines below a node's title."""
    return _WORDS.get(kind, _counted)(found)


def counted(number: int, one: str, many: str = "") -> str:
    """`number` with its noun."""
    return f"{number} {one if number == 1 else many or f'{one}s'}"


def of_type(found: _Resources, type_: str) -> list[Resource]:
    """Those whose type ends so, such as `rds/instance:Instance`."""
    return [item for item in found if item.type == f"aws:{type_}"]


def _tails(found: _Resources) -> str:
    return ", ".join(sorted(item.name.rpartition("-")[2] for item in found))


def _counted(found: _Resources) -> tuple[str, ...]:
    services = sorted({item.service for item in found})
    return counted(len(found), "resource"), ", ".join(services)


def _nat(found: _Resources) -> tuple[str, ...]:
    return (counted(len(of_type(found, "ec2/natGateway:NatGateway")), "gateway"),)


def _edge(found: _Resources) -> tuple[str, ...]:
    ports = sorted((int(item.inputs["port"]) for item in of_type(found, "lb/listener:Listener")), reverse=True)
    rules = sum(len(item.inputs.get("rules", ())) for item in of_type(found, "wafv2/webAcl:WebAcl"))
    listens = f"ports {', '.join(map(str, ports))}"
    return (listens, f"firewall: {counted(rules, 'rule')}") if rules else (listens,)


def _web(found: _Resources) -> tuple[str, ...]:
    told = [
        f"{int(item.inputs['minSize'])} to {int(item.inputs['maxSize'])} of them"
        for item in of_type(found, "autoscaling/group:Group")
    ]
    told += [str(item.inputs["instanceType"]) for item in of_type(found, "ec2/launchTemplate:LaunchTemplate")]
    return tuple(told)


def _endpoints(found: _Resources) -> tuple[str, ...]:
    return (_tails(of_type(found, "ec2/vpcEndpoint:VpcEndpoint")),)


def _cache(found: _Resources) -> tuple[str, ...]:
    return tuple(
        line
        for item in of_type(found, "elasticache/replicationGroup:ReplicationGroup")
        for line in (
            f"{str(item.inputs['engine']).title()} {item.inputs['engineVersion']}",
            f"{int(item.inputs['numCacheClusters'])} x {item.inputs['nodeType']}",
        )
    )


def _database(found: _Resources) -> tuple[str, ...]:
    return tuple(
        f"{role_of(item)}: {item.inputs['instanceClass']}{', two zones' if item.inputs.get('multiAz') else ''}"
        for item in of_type(found, "rds/instance:Instance")
    )


def role_of(item: Resource) -> str:
    """Whether a database writes, follows or was left behind."""
    if str(item.inputs["identifier"]).endswith(ASIDE):
        return "kept aside"
    return "replica" if item.inputs.get("replicateSourceDb") else "writer"


def _vault(found: _Resources) -> tuple[str, ...]:
    locks = of_type(found, "backup/vaultLockConfiguration:VaultLockConfiguration")
    told = [f"locked, at least {int(item.inputs['minRetentionDays'])} days" for item in locks]
    tests = of_type(found, "backup/restoreTestingPlan:RestoreTestingPlan")
    return (*told, *(["restores are tested"] if tests else []))


def _key(found: _Resources) -> tuple[str, ...]:
    keys = of_type(found, "kms/key:Key")
    rotated = all(item.inputs.get("enableKeyRotation") for item in keys)
    return (f"{counted(len(keys), 'key')}{', rotated' if rotated else ''}", "for all that is at rest")


def _buckets(found: _Resources) -> tuple[str, ...]:
    locked = {item.inputs["bucket"] for item in found if item.type.endswith(":BucketObjectLockConfiguration")}
    names = [
        f"{item.name.rpartition('-')[2]}{' (locked)' if item.inputs['bucket'] in locked else ''}"
        for item in of_type(found, "s3/bucket:Bucket")
    ]
    return (", ".join(sorted(names)),)


def _functions(found: _Resources) -> tuple[str, ...]:
    return (_tails(of_type(found, "lambda/function:Function")), _channels(found))


def _channels(found: _Resources) -> str:
    topics, queues = (len(of_type(found, type_)) for type_ in ("sns/topic:Topic", "sqs/queue:Queue"))
    parts = [counted(number, noun) for number, noun in ((topics, "topic"), (queues, "queue")) if number]
    return ", ".join(parts)


def _topics(found: _Resources) -> tuple[str, ...]:
    return (_tails(of_type(found, "sns/topic:Topic")), _channels(found))


def _operations(found: _Resources) -> tuple[str, ...]:
    told = [str(item.inputs["protocol"]) for item in of_type(found, "sns/topicSubscription:TopicSubscription")]
    heard = [
        counted(told.count(protocol), noun, many)
        for protocol, noun, many in (("email", "e-mail address", "e-mail addresses"), ("https", "webhook", ""))
        if protocol in told
    ]
    return (_channels(found), ", ".join(heard) if heard else "nobody is subscribed")


def _canaries(found: _Resources) -> tuple[str, ...]:
    walks = of_type(found, "synthetics/canary:Canary")
    often = sorted({str(item.inputs["schedule"]["expression"])[len("rate(") : -1] for item in walks})
    return (_tails(walks), f"every {', '.join(often)}")


def _detection(found: _Resources) -> tuple[str, ...]:
    names = {
        "guardduty": "GuardDuty",
        "securityhub": "Security Hub",
        "cfg": "Config",
        "inspector2": "Inspector",
        "accessanalyzer": "Access Analyzer",
    }
    return (", ".join(names[item] for item in names if any(one.service == item for one in found)),)


def _alarms(found: _Resources) -> tuple[str, ...]:
    alarms = of_type(found, "cloudwatch/metricAlarm:MetricAlarm")
    composites = of_type(found, "cloudwatch/compositeAlarm:CompositeAlarm")
    dashboards = of_type(found, "cloudwatch/dashboard:Dashboard")
    switches = [item for item in alarms if item.name.endswith("-switch")]
    told = [counted(len(alarms) + len(composites), "alarm")]
    told += ["the failover switch"] if switches else []
    told += [counted(len(dashboards), "dashboard")] if dashboards else []
    return tuple(told)


def _logs(found: _Resources) -> tuple[str, ...]:
    groups = of_type(found, "cloudwatch/logGroup:LogGroup")
    days = sorted({int(item.inputs["retentionInDays"]) for item in groups})
    return (counted(len(groups), "log group"), f"kept {' or '.join(map(str, days))} days")


def _handlers(found: _Resources) -> tuple[str, ...]:
    rules = len(of_type(found, "cloudwatch/eventRule:EventRule"))
    documents = len(of_type(found, "ssm/document:Document"))
    told = [_tails(of_type(found, "lambda/function:Function"))]
    told += [counted(documents, "automation")] if documents else []
    told += [f"on {counted(rules, 'kind')} of event"] if rules else []
    return tuple(filter(None, told)) or _counted(found)


def _secrets(found: _Resources) -> tuple[str, ...]:
    names = (str(item.inputs["name"]).rpartition("/")[2] for item in of_type(found, "secretsmanager/secret:Secret"))
    return (f"passwords: {', '.join(sorted(names))}",)


def _manifest(_found: _Resources) -> tuple[str, ...]:
    return ("what a failover needs",)


def _trail(found: _Resources) -> tuple[str, ...]:
    selected = [json.dumps(item.inputs.get("advancedEventSelectors", [])) for item in found]
    objects = any("AWS::S3::Object" in text for text in selected)
    return ("calls, and patients' objects",) if objects else ("calls",)


def _dns(found: _Resources) -> tuple[str, ...]:
    names = sorted({str(item.inputs["name"]) for item in of_type(found, "route53/record:Record") if _leads(item)})
    checks = len(of_type(found, "route53/healthCheck:HealthCheck"))
    return (*names, counted(checks, "health check")) if checks else tuple(names)


def _leads(item: Resource) -> bool:
    return bool(item.inputs.get("aliases"))


def _iam(found: _Resources) -> tuple[str, ...]:
    roles = counted(len(of_type(found, "iam/role:Role")), "role")
    bounded = all(item.inputs.get("permissionsBoundary") for item in of_type(found, "iam/role:Role"))
    return (roles, "each within the boundary") if bounded else (roles,)


def _spending(found: _Resources) -> tuple[str, ...]:
    kinds: dict[str, Any] = {"budgets": "a budget", "costexplorer": "an anomaly monitor"}
    return (" and ".join(words for service, words in kinds.items() if any(one.service == service for one in found)),)


_WORDS: Final[Mapping[str, _Words]] = {
    "nat": _nat,
    "edge": _edge,
    "web": _web,
    "endpoints": _endpoints,
    "cache": _cache,
    "database": _database,
    "vault": _vault,
    "key": _key,
    "buckets": _buckets,
    "functions": _functions,
    "trail": _trail,
    "detection": _detection,
    "secrets": _secrets,
    "topics": _topics,
    "operations": _operations,
    "canaries": _canaries,
    "manifest": _manifest,
    "alarms": _alarms,
    "shelf": _buckets,
    "logs": _logs,
    "handlers": _handlers,
    "dns": _dns,
    "iam": _iam,
    "spending": _spending,
}
