"""The rules that lead findings of note to operations, each as a line to be read."""

from __future__ import annotations

import json

import pulumi
from pulumi_aws import cloudwatch

from components.detection.args import DetectionArgs
from components.detection.findings import NOTICES, Notice
from domain.naming import ROLE


def build_notices(name: str, args: DetectionArgs, opts: pulumi.ResourceOptions) -> None:
    """Make the rules."""
    for notice in NOTICES:
        _build(f"{name}-{notice.name}", args, notice, opts)


def _build(name: str, args: DetectionArgs, notice: Notice, opts: pulumi.ResourceOptions) -> None:
    rule = cloudwatch.EventRule(
        name,
        name=args.names.of(f"detection-{notice.name}", ROLE),
        description=notice.tells,
        event_pattern=json.dumps(notice.pattern, sort_keys=True, separators=(",", ":")),
        opts=opts,
    )
    cloudwatch.EventTarget(
        name,
        rule=rule.name,
        target_id="operations",
        arn=args.operations_topic,
        input_transformer=cloudwatch.EventTargetInputTransformerArgs(
            input_paths=notice.paths,
            input_template=json.dumps(notice.line),  # a template that is text stands in quotes
        ),
        dead_letter_config=cloudwatch.EventTargetDeadLetterConfigArgs(arn=args.dead_letters_arn),
        opts=opts,
    )
