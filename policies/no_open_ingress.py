"""The world reaches the load balancers on 80 and 443, and nothing else."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from typing import Any, Final

from policies.model import Breach, Resource, Rule, Severity, View, cis, fsbp, hipaa
from policies.values import each, is_unknown

_RULE: Final = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
_GROUPS: Final = ("aws:ec2/securityGroup:SecurityGroup", "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup")
_CLASSIC: Final = "aws:ec2/securityGroupRule:SecurityGroupRule"
_BALANCER: Final = "aws:lb/loadBalancer:LoadBalancer"
_PORTS: Final = {80, 443}
_WIDEST: Final = 8  # a prefix as short as this is as good as the world: two halves of it are the whole


def _check(view: View) -> Iterator[Breach]:
    for item in view.of(_RULE):
        yield from _judge(view, item, item.inputs, "securityGroupId", ("cidrIpv4", "cidrIpv6"))
    for item in view.of(_CLASSIC):
        if item.at("type") == "ingress":
            yield from _judge(view, item, item.inputs, "securityGroupId", ("cidrBlocks", "ipv6CidrBlocks"))
    for item in view.of(*_GROUPS):
        for rule in each(item.at("ingress")):
            yield from _judge(view, item, rule, "", ("cidrBlocks", "ipv6CidrBlocks"))


def _judge(
    view: View, item: Resource, rule: Mapping[str, Any], group: str, sources: tuple[str, ...]
) -> Iterator[Breach]:
    wide = [source for key in sources for source in each(rule.get(key)) if _is_world(source)]
    if not wide:
        return
    first, last = rule.get("fromPort"), rule.get("toPort")
    if is_unknown(first) or is_unknown(last):
        return
    ports = "every port" if first is None else f"port {first}" if first == last else f"ports {first} to {last}"
    if first != last or first not in _PORTS:
        yield Breach(item.urn, f"{wide[0]} is let in on {ports}")
    elif _fronts_no_balancer(view, item, group):
        yield Breach(item.urn, f"{wide[0]} is let in on {ports} to something that is no load balancer")


def _is_world(source: str) -> bool:
    try:
        return ipaddress.ip_network(source, strict=False).prefixlen < _WIDEST
    except ValueError:
        return False  # a reference that is filled in later


def _fronts_no_balancer(view: View, item: Resource, group: str) -> bool:
    """Whether the group that the rule belongs to is certainly on no load balancer."""
    owners = set(item.property_dependencies.get(group, ())) if group else {item.urn}
    named = item.at(group) if group else item.at("id")
    for balancer in view.of(_BALANCER):
        groups = balancer.at("securityGroups")
        if is_unknown(groups) or (named is not None and named in list(each(groups))):
            return False
        if owners & set(balancer.property_dependencies.get("securityGroups", ())):
            return False
    return True


RULE: Final = Rule(
    name="no-open-ingress",
    title="The world reaches the load balancers on 80 and 443, and nothing else",
    severity=Severity.CRITICAL,
    controls=(*hipaa("312(a)(1)", "312(e)(1)"), *cis("5.2", "5.3"), *fsbp("EC2.18", "EC2.19", "EC2.53", "EC2.54")),
    types=(_RULE, _CLASSIC, *_GROUPS),
    way_out="name the security group or the subnet that may connect, or put it behind the load balancer",
    check=_check,
)
