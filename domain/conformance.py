"""What a conformance pack is: managed rules of AWS Config, each for stated safeguards, and their template. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

PREFIX: Final = "medical-hipaa-"  # of each rule's name, by which changes of compliance are told from those of others
LONGEST_TEMPLATE: Final = 51_200  # bytes; source: PutConformancePack in AWS Config's API reference
MOST_RULES: Final = 130  # of one pack; source: "Service Limits" in AWS Config's developer guide


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A managed rule: its identifier, what it asks for, and the safeguards that it serves, sections of 45 CFR.

    `types` are the resource types whose changes set it off; one without any is evaluated once a day. With `once` it
    looks at what an account has once. In `absent` regions AWS Config does not have it.
    """

    identifier: str
    asks: str
    safeguards: tuple[str, ...]
    types: tuple[str, ...] = ()
    parameters: Mapping[str, str]
    once: bool = False
    absent: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """What the rule is called in an account. AWS Config adds the pack's own mark behind it."""
        return PREFIX + self.identifier.lower().replace("_", "-")


def select(rules: Iterable[Rule], region: str, *, once: bool) -> list[Rule]:
    """The rules that `region` has. Without `once` those are left out that look at what the account has once."""
    return [rule for rule in rules if region not in rule.absent and (once or not rule.once)]


def template(rules: Iterable[Rule]) -> str:
    """The pack's template: YAML, as AWS Config takes it, the same from the same rules."""
    lines = ["Resources:", *(line for rule in rules for line in _resource(rule))]
    return "\n".join(lines) + "\n"


def _resource(rule: Rule) -> Iterator[str]:
    described = f"{rule.asks} ({', '.join(rule.safeguards)})"
    yield f"  {rule.identifier.title().replace('_', '')}:"
    yield "    Type: AWS::Config::ConfigRule"
    yield "    Properties:"
    yield f"      ConfigRuleName: {rule.name}"
    yield f"      Description: {json.dumps(described)}"
    if rule.parameters:
        yield "      InputParameters:"
        yield from (f"        {name}: {json.dumps(value)}" for name, value in rule.parameters.items())
    if rule.types:
        yield "      Scope:"
        yield "        ComplianceResourceTypes:"
        yield from (f"          - {type_}" for type_ in rule.types)
    yield "      Source:"
    yield "        Owner: AWS"
    yield f"        SourceIdentifier: {rule.identifier}"
