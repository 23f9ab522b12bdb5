"""The registry of rules as Markdown and as JSON. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import policies


def markdown(rules: Iterable[policies.Rule] = policies.RULES) -> str:
    """A row a rule, worst first."""
    ranked = sorted(rules, key=lambda rule: (-rule.severity, rule.name))
    rows = "".join(f"| {' | '.join(_row(rule))} |\n" for rule in ranked)
    return f"| rule | severity | what holds | controls | way out |\n| --- | --- | --- | --- | --- |\n{rows}"


def as_json(rules: Iterable[policies.Rule] = policies.RULES) -> list[dict[str, Any]]:
    """The same for machines, by name."""
    return [
        {
            "name": rule.name,
            "title": rule.title,
            "severity": rule.severity.word,
            "controls": [{"framework": item.framework.value, "id": item.id} for item in rule.controls],
            "types": list(rule.types),
            "way_out": rule.way_out,
        }
        for rule in rules
    ]


def _row(rule: policies.Rule) -> tuple[str, ...]:
    return f"`{rule.name}`", rule.severity.word, rule.title, "; ".join(_controls(rule)), rule.way_out


def _controls(rule: policies.Rule) -> Iterator[str]:
    frameworks = dict.fromkeys(item.framework for item in rule.controls)
    for framework in frameworks:
        ids = ", ".join(item.id for item in rule.controls if item.framework is framework)
        yield f"{framework.name} {ids}"
