"""What goes from node to node, read off the registrations: rules of security groups, routes, records, copies, events.

Pure. Nothing here is drawn because somebody says so: an edge that is not registered is not there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from ops.diagram.kinds import NETWORK, folder_of
from ops.diagram.model import INTERNET, PEOPLE, SERVICES, USERS, Edge, Node
from ops.preview.model import Preview, Resource

ANYWHERE: Final = "0.0.0.0/0"
_MARK: Final = re.compile(r"^\$\{(.+)\.\w+\}$")
_ARN_TAIL: Final = re.compile(r"[:/]([^:/]+)(?:/\*)?$")
_NAMES: Final = ("name", "bucket", "identifier", "alarmName")
_KIND_OF_FOLDER: Final = {
    "edge": "edge",
    "web": "web",
    "cache": "cache",
    "database": "database",
    "network": "endpoints",
}
_HOW: Final = {"email": "e-mail", "https": "webhook"}
_BACKUP: Final = "AWS Backup"
_DELIVERY: Final = "CloudTrail delivery"


def read(found: Preview, nodes: Sequence[Node]) -> tuple[Edge, ...]:
    """The edges between `nodes`, those of one pair of nodes and one look joined into one, sorted."""
    readers = (_reached, _walked, _names, _out, _copies, _events, _heard, _written)
    return _joined(edge for reader in readers for edge in reader(found, nodes))


def _joined(edges: Iterable[Edge]) -> tuple[Edge, ...]:
    labels: dict[tuple[str, str, str], dict[str, None]] = {}
    for edge in edges:
        labels.setdefault((edge.source, edge.target, edge.look), {})[edge.label] = None
    joined: list[Edge] = []
    for (source, target, look), texts in sorted(labels.items()):
        back = labels.get((target, source, look))
        both = back is not None and look == "copy"
        if not both or source < target:
            label = ", ".join(sorted({*texts, *(back or {})} if both else texts, key=_by_number))
            joined.append(Edge(source=source, target=target, label=label, look=look, both=both))
    return tuple(joined)


def _by_number(text: str) -> tuple[int, str]:
    """Higher ports first, then words."""
    return (-int(text), "") if text.isdigit() else (0, text)


def _custom(found: Preview, type_: str) -> list[Resource]:
    return [item for item in found.resources if item.type == f"aws:{type_}"]


def _reached(found: Preview, nodes: Sequence[Node]) -> Iterator[Edge]:
    """Who reaches whom at which port, as security groups have it."""
    known = {node.id for node in nodes}
    groups = {item.name: item for item in _custom(found, "ec2/securityGroup:SecurityGroup")}
    for rule in _custom(found, "vpc/securityGroupIngressRule:SecurityGroupIngressRule"):
        target = _guarded(groups, rule.inputs.get("securityGroupId"))
        source = _guarded(groups, rule.inputs.get("referencedSecurityGroupId"))
        if rule.inputs.get("cidrIpv4") == ANYWHERE:
            source = USERS
        elif not source and target.endswith("-endpoints"):  # from the ranges of the private subnets
            source = f"{rule.side}-web"
        if source in {USERS, *known} and target in known:
            yield Edge(source=source, target=target, label=str(int(rule.inputs["fromPort"])), look="traffic")


def _walked(found: Preview, _nodes: Sequence[Node]) -> Iterator[Edge]:
    """Which load balancer the canaries come in through, from outside the network as users do."""
    balancers = {item.name: item for item in _custom(found, "lb/loadBalancer:LoadBalancer")}
    for canary in _custom(found, "synthetics/canary:Canary"):
        balancer = balancers.get(_host(canary.inputs["runConfig"]["environmentVariables"].get("ADDRESS")))
        if balancer:
            source, target = f"{canary.side}-canaries", f"{balancer.side}-edge"
            yield Edge(source=source, target=target, label="journeys", look="traffic")


def _guarded(groups: Mapping[str, Resource], mark: Any) -> str:  # noqa: ANN401 - an input, which may be missing
    """The node that a security group guards."""
    matched = _MARK.match(str(mark or ""))
    group = groups.get(matched[1]) if matched else None
    return f"{group.side}-{_KIND_OF_FOLDER.get(folder_of(group.urn), NETWORK)}" if group else ""


def _out(found: Preview, _nodes: Sequence[Node]) -> Iterator[Edge]:
    """Ways out of the network: through NAT, and through endpoints to AWS alone."""
    for endpoint in _custom(found, "ec2/vpcEndpoint:VpcEndpoint"):
        source = f"{endpoint.side}-endpoints"
        yield Edge(source=source, target=f"{endpoint.side}-{SERVICES}", label="AWS APIs", look="traffic")
    for route in _custom(found, "ec2/route:Route"):
        if route.inputs.get("natGatewayId"):
            yield Edge(source=f"{route.side}-nat", target=INTERNET, label="outbound", look="traffic")
    for rule in _custom(found, "vpc/securityGroupEgressRule:SecurityGroupEgressRule"):
        if rule.inputs.get("cidrIpv4") == ANYWHERE and folder_of(rule.urn) == "web":
            port = str(int(rule.inputs["fromPort"]))
            yield Edge(source=f"{rule.side}-web", target=f"{rule.side}-nat", label=port, look="traffic")


def _names(found: Preview, _nodes: Sequence[Node]) -> Iterator[Edge]:
    """Which names lead to which load balancer, and how often it is asked for its health."""
    asked = {
        _host(item.inputs.get("fqdn")): int(item.inputs["requestInterval"])
        for item in _custom(found, "route53/healthCheck:HealthCheck")
        if item.inputs.get("fqdn")
    }
    balancers = {item.name: item for item in _custom(found, "lb/loadBalancer:LoadBalancer")}
    yield Edge(source=USERS, target="global-dns", label="names", look="data")
    for record in _custom(found, "route53/record:Record"):
        for alias in record.inputs.get("aliases") or ():
            host = _host(alias.get("name"))
            if host in balancers:
                role = [str(item["type"]).lower() for item in record.inputs.get("failoverRoutingPolicies") or ()]
                check = f"check every {asked[host]} s" if host in asked else ""
                label = ": ".join(filter(None, (*role, check))) or "alias"
                yield Edge(source="global-dns", target=f"{balancers[host].side}-edge", label=label, look="data")


def _host(mark: Any) -> str:  # noqa: ANN401 - an input, which may be missing
    matched = _MARK.match(str(mark or ""))
    return matched[1] if matched else ""


def _copies(found: Preview, nodes: Sequence[Node]) -> Iterator[Edge]:
    """What is copied to where, as the map of residency has it."""
    sides = {found.home.region: "home", found.recovery.region: "recovery"}
    at = {(item.type, item.name): node for node in nodes for item in node.resources}
    known = {node.id for node in nodes}
    for place in found.residency.get("places", ()):
        node = at.get((place["type"], place["resource"]))
        for copy in place["copies"] if node else ():
            side, mechanism = sides.get(copy["region"], ""), copy["mechanism"]
            kind = {_BACKUP: "vault", _DELIVERY: "buckets"}.get(mechanism, node.kind if node else "")
            target = f"{side}-{kind}"
            if node and target in known and target != node.id:
                label = {_BACKUP: "backups", _DELIVERY: "records"}.get(mechanism, mechanism)
                yield Edge(source=node.id, target=target, label=label, look="copy" if side != node.side else "data")


def _named(nodes: Sequence[Node]) -> dict[str, str]:
    """Nodes by the names that ARNs end in."""
    return {
        str(item.inputs[key]): node.id
        for node in nodes
        for item in node.resources
        for key in _NAMES
        if item.inputs.get(key)
    }


def _tail(arn: Any) -> str:  # noqa: ANN401 - an input, which may be missing
    matched = _ARN_TAIL.search(str(arn or ""))
    return matched[1] if matched else ""


def _events(found: Preview, nodes: Sequence[Node]) -> Iterator[Edge]:
    """Events that set functions going, and what is told to operations."""
    named = _named(nodes)
    of = {item.urn: node.id for node in nodes for item in node.resources}
    rules = {(item.side, item.inputs.get("name")): item for item in _custom(found, "cloudwatch/eventRule:EventRule")}
    for target in _custom(found, "cloudwatch/eventTarget:EventTarget"):
        rule = rules.get((target.side, target.inputs.get("rule")))
        to = named.get(_tail(target.inputs.get("arn")))
        if rule and to:
            source = _bucket_in(rule, named) or of[rule.urn]
            if source != to:
                label = "findings" if source.endswith("-detection") else "events"
                yield Edge(
                    source=source, target=to, label=label, look="watch" if to.endswith("-operations") else "data"
                )
    alarms = (
        *_custom(found, "cloudwatch/metricAlarm:MetricAlarm"),
        *_custom(found, "cloudwatch/compositeAlarm:CompositeAlarm"),
    )
    for alarm in alarms:
        for arn in alarm.inputs.get("alarmActions") or ():
            to = named.get(_tail(arn))
            if to and to != of[alarm.urn]:
                yield Edge(source=of[alarm.urn], target=to, label="alarms", look="watch")


def _heard(found: Preview, nodes: Sequence[Node]) -> Iterator[Edge]:
    """Which topics people hear of, and how. No address is shown: a webhook's may hold a token."""
    named = _named(nodes)
    for item in _custom(found, "sns/topicSubscription:TopicSubscription"):
        source, how = named.get(_tail(item.inputs.get("topic"))), _HOW.get(str(item.inputs.get("protocol")))
        if source and how:
            yield Edge(source=source, target=PEOPLE, label=how, look="watch")


def _bucket_in(rule: Resource, named: Mapping[str, str]) -> str:
    """The node of the bucket that a rule's pattern names."""
    pattern = str(rule.inputs.get("eventPattern", ""))
    return next((node for name, node in sorted(named.items()) if f'"{name}"' in pattern and "bucket" in pattern), "")


def _written(found: Preview, nodes: Sequence[Node]) -> Iterator[Edge]:
    """Which functions may write into which buckets."""
    named = _named(nodes)
    for item in _custom(found, "iam/rolePolicy:RolePolicy"):
        source = f"{item.side}-functions"
        if folder_of(item.urn) != "documents":
            continue
        for statement in json.loads(str(item.inputs["policy"]))["Statement"]:
            for arn in statement["Resource"] if "s3:PutObject" in statement["Action"] else ():
                to = named.get(str(arn).rpartition(":::")[2].partition("/")[0])
                if to and to == f"{item.side}-buckets":
                    yield Edge(source=source, target=to, label="results", look="data")
