"""The rules that lead findings of note to operations, each as a line to be read."""

from __future__ import annotations

import pulumi

from components.detection.args import DetectionArgs
from components.detection.findings import NOTICES
from components.notices import Destination, build_notice


def build_notices(name: str, args: DetectionArgs, opts: pulumi.ResourceOptions) -> None:
    """Make the rules."""
    to = Destination(
        names=args.names,
        kind="detection",
        operations_topic=args.operations_topic,
        dead_letters_arn=args.dead_letters_arn,
    )
    for notice in NOTICES:
        build_notice(f"{name}-{notice.name}", notice, to, opts)
