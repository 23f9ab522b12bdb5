"""What watches: that each resource that can log does, and that no load balancer is open before its firewall.

Invariants of every program, as those of tests/invariants.py; a new type that can log goes into the table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from components.storage import rules
from ops.engine.record import Program, Registration
from tests.case import Case, Invariant

GROUP: Final = "aws:cloudwatch/logGroup:LogGroup"
BUCKET_LOGGING: Final = "aws:s3/bucketLogging:BucketLogging"
ASSOCIATION: Final = "aws:wafv2/webAclAssociation:WebAclAssociation"


def groups(program: Program) -> set[str]:
    return {item.inputs["name"] for item in program.of_type(GROUP)}


def _balancer(_: Program, item: Registration) -> Iterator[str]:
    for log in ("accessLogs", "connectionLogs"):
        found = item.inputs.get(log, {})
        if not (found.get("enabled") and "-logs-" in str(found.get("bucket"))):
            yield log


def _vpc(program: Program, item: Registration) -> Iterator[str]:
    flows = {log.inputs["vpcId"] for log in program.of_type("aws:ec2/flowLog:FlowLog")}
    links = program.of_type("aws:route53/resolverQueryLogConfigAssociation:ResolverQueryLogConfigAssociation")
    if item.id not in flows:
        yield "connections"
    if item.id not in {link.inputs["resourceId"] for link in links}:
        yield "names asked for"


def _bucket(program: Program, item: Registration) -> Iterator[str]:
    logged = {log.inputs["bucket"] for log in program.of_type(BUCKET_LOGGING)}
    name = item.inputs["bucket"]
    if f"-{rules.LOGS}-" not in name and name not in logged:  # a log of the logs would be a log of itself
        yield "requests"


def _database(program: Program, item: Registration) -> Iterator[str]:
    for log in ("audit", "error", "slowquery"):
        group = f"/aws/rds/instance/{item.inputs['identifier']}/{log}"
        if log not in item.inputs.get("enabledCloudwatchLogsExports", []) or group not in groups(program):
            yield log


def _cache(program: Program, item: Registration) -> Iterator[str]:
    logged = {log["logType"]: log["destination"] for log in item.inputs.get("logDeliveryConfigurations", [])}
    yield from (log for log in ("engine-log", "slow-log") if logged.get(log) not in groups(program))


def _function(program: Program, item: Registration) -> Iterator[str]:
    if item.inputs.get("loggingConfig", {}).get("logGroup") not in groups(program):
        yield "output"


def _firewall(program: Program, item: Registration) -> Iterator[str]:
    configured = program.of_type("aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration")
    if item.outputs["arn"] not in {log.inputs["resourceArn"] for log in configured}:
        yield "matches"


# What can log, and which of its logs are missing.
MISSING: Final[Mapping[str, Callable[[Program, Registration], Iterator[str]]]] = {
    "aws:ec2/vpc:Vpc": _vpc,
    "aws:elasticache/replicationGroup:ReplicationGroup": _cache,
    "aws:lambda/function:Function": _function,
    "aws:lb/loadBalancer:LoadBalancer": _balancer,
    "aws:rds/instance:Instance": _database,
    "aws:s3/bucket:Bucket": _bucket,
    "aws:wafv2/webAcl:WebAcl": _firewall,
}


def silent(program: Program) -> list[str]:
    """The logs that are missing, each with whose they are."""
    return [
        f"{item.name}: {log}"
        for item in program.registrations
        if item.type in MISSING
        for log in MISSING[item.type](program, item)
    ]


def whatever_can_log_does(case: Case) -> Iterator[str]:
    """By the table above."""
    yield from silent(case.program)


def no_load_balancer_is_open_before_its_firewall(case: Case) -> Iterator[str]:
    """Each has one firewall, and its listeners take its ARN from the association of the two."""
    links = case.program.of_type(ASSOCIATION)
    for balancer in case.program.of_type("aws:lb/loadBalancer:LoadBalancer"):
        guards = {link.urn for link in links if link.inputs["resourceArn"] == balancer.outputs["arn"]}
        if len(guards) != 1:
            yield f"{balancer.urn} has {len(guards)} firewalls"
        for listener in case.program.of_type("aws:lb/listener:Listener"):
            waits = set(listener.property_dependencies.get("loadBalancerArn", ()))
            if listener.inputs["loadBalancerArn"] == balancer.outputs["arn"] and not guards & waits:
                yield f"{listener.urn} may be open before the firewall stands"


EVERY: Final[tuple[Invariant, ...]] = (whatever_can_log_does, no_load_balancer_is_open_before_its_firewall)
