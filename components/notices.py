"""The one way an event becomes a line for operations: a rule, and its target with a template.

Owns: the form of a notice, and its rule and target. Does not own: which events are of note (`components.detection` and
`components.operations`), and the topic, whose policy and key let EventBridge in.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pulumi
from pulumi_aws import cloudwatch

from domain.naming import ROLE, Names

PLACE: Final[Mapping[str, str]] = {"account": "$.account", "region": "$.region"}


@dataclass(frozen=True, kw_only=True)
class Notice:
    """A rule: what it tells of, the pattern of its events, and the line, with the paths of what stands in it.

    A line holds no text of a finding that a visitor could have written: names, types and titles only.
    """

    name: str
    tells: str
    pattern: Mapping[str, Any]
    line: str
    paths: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Destination:
    """Where a side's notices go: its operations topic, and a queue for those that cannot be delivered.

    `kind` stands in the names of the rules, to tell those of one component from another's.
    """

    names: Names
    kind: str
    operations_topic: pulumi.Input[str]
    dead_letters_arn: pulumi.Input[str]


def build_notice(name: str, notice: Notice, to: Destination, opts: pulumi.ResourceOptions) -> None:
    """Make the rule of `notice` and its target."""
    rule = cloudwatch.EventRule(
        name,
        name=to.names.of(f"{to.kind}-{notice.name}", ROLE),
        description=notice.tells,
        event_pattern=json.dumps(notice.pattern, sort_keys=True, separators=(",", ":")),
        opts=opts,
    )
    cloudwatch.EventTarget(
        name,
        rule=rule.name,
        target_id="operations",
        arn=to.operations_topic,
        input_transformer=cloudwatch.EventTargetInputTransformerArgs(
            input_paths=notice.paths,
            input_template=json.dumps(notice.line),  # a template that is text stands in quotes
        ),
        dead_letter_config=cloudwatch.EventTargetDeadLetterConfigArgs(arn=to.dead_letters_arn),
        opts=opts,
    )
