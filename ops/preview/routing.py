"""The way from the names that users know to the load balancers, as a tree, read off the resources of a preview. Pure.

Records are branches, load balancers are named where an alias reaches one, and the health checks that decide stand
below the record that they decide about.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from rich.text import Text
from rich.tree import Tree

from domain.routing import ALIAS_TTL_SECONDS
from ops.preview.model import Resource
from ops.preview.telling import shown

_RECORD, _CHECK = "route53:Record", "route53:HealthCheck"
_BALANCER, _ALARM = "lb:LoadBalancer", "cloudwatch:MetricAlarm"
_COMPARED: Final = {
    "GreaterThanOrEqualToThreshold": ">=",
    "GreaterThanThreshold": ">",
    "LessThanOrEqualToThreshold": "<=",
    "LessThanThreshold": "<",
}


def trees(resources: Sequence[Resource]) -> list[Tree]:
    """A tree for each name that no other record leads to; none where nothing is routed."""
    return _Routes(resources).trees()


class _Routes:
    """The resources that route, found by what others call them."""

    def __init__(self, resources: Sequence[Resource]) -> None:
        self._records = [item for item in resources if item.short_type == _RECORD and item.inputs.get("aliases")]
        self._checks = {f"${{{item.name}.id}}": item for item in resources if item.short_type == _CHECK}
        self._balancers = {f"${{{item.name}.dnsName}}": item for item in resources if item.short_type == _BALANCER}
        self._alarms = [item for item in resources if item.short_type == _ALARM]
        self._names = {f"${{{item.name}.fqdn}}": str(item.inputs["name"]) for item in self._records}
        self._used = {item.inputs.get("healthCheckId") for item in self._records} | {
            child for item in self._checks.values() for child in item.inputs.get("childHealthchecks", [])
        }

    def trees(self) -> list[Tree]:
        led_to = {self._target(item) for item in self._records}
        roots = sorted((item for item in self._records if item.inputs["name"] not in led_to), key=_order)
        return [self._record(item, ()) for item in roots]

    def _target(self, record: Resource) -> str:
        """The name that the record leads to, if it is a record's, else what it says."""
        alias = str(record.inputs["aliases"][0]["name"])
        return self._names.get(alias, alias)

    def _record(self, item: Resource, above: tuple[str, ...]) -> Tree:
        target = self._target(item)
        tree = Tree(self._record_line(item, target))
        check = self._checks.get(str(item.inputs.get("healthCheckId")))
        if check:
            tree.add(self._check(check, "healthy if "))
        for watching in self._watching(target):
            tree.add(self._check(watching, "watched only "))
        below = [other for other in self._records if other.inputs["name"] == target and item.urn not in above]
        for other in sorted(below, key=_order):
            tree.add(self._record(other, (*above, item.urn)))
        return tree

    def _watching(self, target: str) -> Iterator[Resource]:
        """The checks of `target` that decide about no record."""
        for mark, check in self._checks.items():
            if mark not in self._used and check.inputs.get("fqdn") == target:
                yield check

    def _record_line(self, item: Resource, target: str) -> Text:
        inputs = item.inputs
        line = Text.assemble((str(inputs["name"]), "bold"), f"  {inputs['type']} alias")
        line.append(f"  {_policy(inputs)}", "cyan")
        if target not in self._names.values():
            line.append(f"  -> {self._host(target)}")
        if target in self._balancers:
            line.append(f"  {self._balancers[target].region}", "green")
        evaluates = inputs["aliases"][0]["evaluateTargetHealth"]
        line.append(f"  {'evaluates' if evaluates else 'ignores'} its target's health", "yellow")
        line.append(f"  TTL {ALIAS_TTL_SECONDS} s", "dim")
        return line

    def _check(self, item: Resource, word: str = "") -> Tree:
        tree = Tree(Text.assemble((word, "dim"), (item.name, "bold"), *self._told(item)))
        for child in item.inputs.get("childHealthchecks", []):
            known = self._checks.get(child)
            tree.add(self._check(known) if known else Text(shown(child)))
        for alarm in self._alarms:
            if alarm.inputs.get("name") == item.inputs.get("cloudwatchAlarmName"):
                tree.add(_alarm_line(alarm))
        return tree

    def _told(self, item: Resource) -> Iterator[tuple[str, str]]:
        """What a check looks at, by its type, each part with its style."""
        inputs = item.inputs
        yield f"  {inputs['type']}", "cyan"
        if inputs["type"] == "CALCULATED":
            children = inputs.get("childHealthchecks", [])
            yield f"  {_number(inputs.get('childHealthThreshold'))} of {len(children)} healthy", ""
        elif inputs["type"] == "CLOUDWATCH_METRIC":
            yield f"  while {inputs.get('cloudwatchAlarmName')} is off", ""
            yield f"  {inputs.get('cloudwatchAlarmRegion')}", "green"
            yield f"  without data {inputs.get('insufficientDataHealthStatus')}", ""
        else:
            yield f"  {self._endpoint(inputs)}", ""
            yield _timing(inputs), "yellow"

    def _endpoint(self, inputs: dict[str, Any]) -> str:
        return f"{self._host(str(inputs.get('fqdn')))}:{_number(inputs.get('port'))}{inputs.get('resourcePath', '')}"

    def _host(self, name: str) -> str:
        """A load balancer by its physical name; anything else by its name in DNS."""
        balancer = self._balancers.get(name)
        return str(balancer.inputs.get("name", balancer.name)) if balancer else name


def _order(item: Resource) -> tuple[str, str, str]:
    return (str(item.inputs["name"]), _policy(item.inputs), item.urn)


def _policy(inputs: dict[str, Any]) -> str:
    """How Route 53 chooses the record among those of its name, and what it is called among them."""
    chosen = "simple"
    for policy in inputs.get("failoverRoutingPolicies", []):
        chosen = f"failover {policy['type']}"
    for policy in inputs.get("latencyRoutingPolicies", []):
        chosen = f"latency {policy['region']}"
    name = inputs.get("setIdentifier")
    return f"{chosen} {name}" if name else chosen


def _number(value: Any) -> str:  # noqa: ANN401 - an input is any JSON
    """A number without the decimals that the engine gives it; anything else as it is shown."""
    return f"{value:g}" if isinstance(value, int | float) else shown(value)


def _timing(inputs: dict[str, Any]) -> str:
    interval, failures = inputs.get("requestInterval"), inputs.get("failureThreshold")
    if not isinstance(interval, int | float) or not isinstance(failures, int | float):
        return ""
    return f"  every {interval:g} s, {failures:g} failures: {interval * failures:g} s"


def _alarm_line(item: Resource) -> Text:
    inputs = item.inputs
    compared = _COMPARED.get(str(inputs.get("comparisonOperator")), str(inputs.get("comparisonOperator")))
    dimensions = ", ".join(f"{key}={value}" for key, value in sorted(inputs.get("dimensions", {}).items()))
    return Text.assemble(
        ("unhealthy if ", "dim"),
        f"{inputs.get('statistic')} of {inputs.get('namespace')} {inputs.get('metricName')} {dimensions}",
        f"  {compared} {_number(inputs.get('threshold'))} in {_number(inputs.get('period'))} s",
        (f"  {item.region}", "green"),
    )
