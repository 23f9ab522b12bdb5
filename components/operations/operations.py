"""What operations is told on a side, beside alarms, and who hears it.

Owns: the rules for events of AWS's services, the subscriptions of operators, and what repairs itself. Does not own: the
topic, its queue and its dead letters (`components.messaging`), other alarms, and what detectors find.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from components.notices import Destination, build_notice
from components.operations.repairs import RepairArgs, build_repairs
from components.operations.service_events import notices
from components.operations.subscriptions import build_subscriptions
from domain.naming import Names


@dataclass(frozen=True, kw_only=True)
class OperationsArgs:
    """The side, its operations channel, and the addresses that are subscribed to it."""

    names: Names
    region: str
    operations_topic: pulumi.Input[str]
    dead_letters_arn: pulumi.Input[str]
    emails: tuple[str, ...]
    webhooks: tuple[str, ...]
    repairs: RepairArgs


class Operations(pulumi.ComponentResource):
    """Service events, and subscriptions."""

    def __init__(self, name: str, args: OperationsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Make the rules and the subscriptions."""
        super().__init__("medical:operations:Operations", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        to = Destination(
            names=args.names,
            kind="events",
            operations_topic=args.operations_topic,
            dead_letters_arn=args.dead_letters_arn,
        )
        for notice in notices(args.names.of(""), args.region):
            build_notice(f"{name}-{notice.name}", notice, to, child)
        build_subscriptions(
            name,
            topic=args.operations_topic,
            dead_letters_arn=args.dead_letters_arn,
            emails=args.emails,
            webhooks=args.webhooks,
            opts=child,
        )
        build_repairs(f"{name}-repair", args.repairs, child)
        self.register_outputs({})
