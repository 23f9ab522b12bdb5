"""What operations is told on a side, beside alarms, and who hears it.

Owns: the rules for events of AWS's services, the subscriptions of operators, and what repairs itself. Does not own: the
topic, its queue and its dead letters (`components.messaging`), other alarms, and what detectors find.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from components.notices import Destination, build_notice
from components.operations import redrive, repairs
from components.operations.automation import Here, build_repair, build_starter
from components.operations.redrive import Letters
from components.operations.service_events import notices
from components.operations.subscriptions import Addresses, build_subscriptions


@dataclass(frozen=True, kw_only=True)
class OperationsArgs:
    """The side with its operations topic, the addresses that are subscribed to it, and what is to be repaired.

    Of the addresses, some hear `everything`, others `pages` alone. `dead_letters_arn` takes what operations could not
    be told; `group` is the Auto Scaling group of instances, and `letters` are dead letters that functions ought to have
    worked off.
    """

    here: Here
    dead_letters_arn: pulumi.Input[str]
    everything: Addresses
    pages: Addresses
    group: pulumi.Input[str]
    letters: Letters


class Operations(pulumi.ComponentResource):
    """Service events, and subscriptions."""

    def __init__(self, name: str, args: OperationsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Make the rules and the subscriptions."""
        super().__init__("medical:operations:Operations", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        here = args.here
        to = Destination(
            names=here.names,
            kind="events",
            operations_topic=here.operations_topic,
            dead_letters_arn=args.dead_letters_arn,
        )
        for notice in notices(here.names.of(""), here.region):
            build_notice(f"{name}-{notice.name}", notice, to, child)
        build_subscriptions(
            name,
            topic=here.operations_topic,
            dead_letters_arn=args.dead_letters_arn,
            everything=args.everything,
            pages=args.pages,
            opts=child,
        )
        wanted = (repairs.replacing(args.group, here), redrive.redriving(args.letters, here))
        started = {repair.name: build_repair(f"{name}-{repair.name}", repair, here, child) for repair in wanted}
        build_starter(name, started, here, args.dead_letters_arn, child)
        self.register_outputs({})
