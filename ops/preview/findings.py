"""What the guardrails of `policies/` find in a run of the program, as values for machines and lines for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

import pulumi
from pulumi.runtime import rpc
from rich.text import Text

import policies
from ops.engine.record import Program, Registration, Secret
from policies.engine import Findings
from policies.names import STACK
from policies.values import UNKNOWN

_STYLES: Final = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "cyan"}
SEVERITIES: Final = tuple(_STYLES)


def of(program: Program, today: date) -> dict[str, Any]:
    """What the rules find in `program`, as JSON holds it."""
    return as_json(policies.evaluate(view(program, today)))


def view(program: Program, today: date) -> policies.View:
    """`program` as the rules see it."""
    regions = {item.urn: str(item.inputs.get("region", "")) for item in program.of_type("pulumi:providers:aws")}
    resources = [_resource(item, regions) for item in program.registrations]
    stack = policies.Resource(urn="", type=STACK, name=program.stack, **_inputs(program.exports))
    return policies.View(resources=(stack, *resources), today=today)


def _resource(item: Registration, regions: Mapping[str, str]) -> policies.Resource:
    return policies.Resource(
        urn=item.urn,
        type=item.type,
        name=item.name,
        region=regions.get(item.provider, ""),
        provider=item.provider,
        parent=item.parent,
        protect=item.protect,
        dependencies=item.dependencies,
        property_dependencies=item.property_dependencies,
        **_inputs(item.inputs),
    )


def _inputs(given: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs, and which of them hold a secret."""
    marked = frozenset(key for key, value in given.items() if _holds_secret(value))
    return {"inputs": {key: _opened(value) for key, value in given.items()}, "marked": marked}


def _opened(value: Any) -> Any:  # noqa: ANN401 - a property tree is any JSON
    """`value` with secrets opened; what only AWS will give is UNKNOWN."""
    if isinstance(value, Secret):
        return _opened(value.value)
    if isinstance(value, Mapping):
        return {key: _opened(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_opened(item) for item in value]
    return UNKNOWN if value == rpc.UNKNOWN or isinstance(value, pulumi.output.Unknown) else value


def _holds_secret(value: Any) -> bool:  # noqa: ANN401 - as above
    if isinstance(value, Mapping):
        return any(_holds_secret(item) for item in value.values())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return any(_holds_secret(item) for item in value)
    return isinstance(value, Secret)


def as_json(found: Findings) -> dict[str, Any]:
    """`found` for machines, and for a saved preview."""
    return {
        "rules": found.rules,
        "found": [_finding(item) for item in found.found],
        "exempted": [
            {**_finding(item), "reason": one.reason, "owner": one.owner, "expires": one.expires.isoformat()}
            for item, one in found.exempted
        ],
    }


def _finding(item: policies.Finding) -> dict[str, Any]:
    return {
        "rule": item.rule.name,
        "severity": item.rule.severity.word,
        "urn": item.urn,
        "message": item.message,
        "way_out": item.rule.way_out,
        "controls": [f"{control.framework.value} {control.id}" for control in item.rule.controls],
    }


def fails(found: Mapping[str, Any], least: str) -> bool:
    """Whether there is a finding as bad as `least`, or worse."""
    judged = SEVERITIES[: SEVERITIES.index(least) + 1]
    return any(item["severity"] in judged for item in found["found"])


def lines(found: Mapping[str, Any]) -> Iterator[Text]:
    """`found` for people: a verdict, then each finding with its way out."""
    items, rules = found["found"], found["rules"]
    yield Text(f"Findings: {len(items) or 'none'} of {rules} rules", style="bold" if items else "bold green")
    for item in items:
        place = "::".join(item["urn"].split("$")[-1].split("::")[-2:])
        yield Text.assemble(
            ("  ", ""), (item["severity"], _STYLES[item["severity"]]), f"  {item['rule']}  {place}: {item['message']}"
        )
        yield Text(f"    {', '.join(item['controls'])}; way out: {item['way_out']}", style="dim")
    for item in found["exempted"]:
        yield Text(
            f"  exempted until {item['expires']}  {item['rule']}  {item['urn'].rpartition('::')[2]}: "
            f"{item['reason']} ({item['owner']})"
        )
