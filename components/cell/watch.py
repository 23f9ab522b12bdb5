"""A cell's detectors as a cell wants them: from its settings and sides to those of each region.

Owns nothing: `components.detection` has the component, and who calls is its parent.
"""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

from components.cell.ownership import Claims
from components.cell.regional import RegionalStack
from components.cell.side import Side
from components.detection.args import DetectionArgs
from components.detection.detection import Detection
from components.storage import rules
from domain import detection
from settings import Settings


def build_detection(
    settings: Settings,
    sides: Mapping[str, Side],
    stacks: Mapping[str, RegionalStack],
    claims: Claims,
    parent: pulumi.Resource,
) -> dict[str, Detection]:
    """Watch each region of a cell that owns them; none else.

    What the account has once is recorded in one of the regions, by the stack that owns the account.
    """
    if not settings.owns_regions:
        return {}
    recorder = detection.recorder_of_iam(settings.regions) if settings.owns_account else ""
    return {
        name: _build(settings, sides[name], stacks[name], recorder, claims.regions[name], parent) for name in stacks
    }


def _build(
    settings: Settings,
    side: Side,
    stack: RegionalStack,
    recorder: str,
    claim: pulumi.Resource,
    parent: pulumi.Resource,
) -> Detection:
    logs = stack.storage.buckets[rules.LOGS]
    args = DetectionArgs(
        names=side.names,
        account_id=settings.account_id,
        region=side.region,
        key_arn=side.key.arn,
        boundary_arn=side.boundary_arn,
        logs_bucket=logs.name,
        logs_arn=logs.arn,
        operations_topic=stack.messaging.operations_topic,
        dead_letters_arn=stack.messaging.operations_dead_letters,
        once=side.region == recorder,
        claim=claim,
    )
    return Detection(f"{side.name}-detection", args, side.child_of(parent))
