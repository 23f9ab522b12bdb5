"""A side's messages.

Owns: a channel (topic, queue, dead letters) for each patient journey, and one for operations, to which alarms go.
Does not own: what works the queues off, the alarms, and the addresses that operators subscribe.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import pulumi

from components.messaging.channel import RETENTION_DAYS, ChannelArgs, build_channel
from components.observability.watched import Watched
from domain.naming import Names

JOURNEYS: Final = ("appointments", "consultations", "prescriptions", "payments")
OPERATIONS: Final = "operations"
_LATE: Final = timedelta(hours=1)  # an hour after it was told, nobody has taken it
# What operations are told reaches people another way; the queue keeps it for whoever looks, until it is dropped.
_UNREAD: Final = timedelta(days=RETENTION_DAYS - 1)


@dataclass(frozen=True, kw_only=True)
class MessagingArgs:
    """What a side's topics and queues are made from."""

    names: Names
    account_id: str
    region: str
    key_arn: pulumi.Input[str]


class Messaging(pulumi.ComponentResource):
    """The channels of a side. `topics` (ARNs), `queues` (URLs) and `queue_arns` are by journey."""

    topics: dict[str, pulumi.Output[str]]
    queues: dict[str, pulumi.Output[str]]
    queue_arns: dict[str, pulumi.Output[str]]
    operations_topic: pulumi.Output[str]
    operations_queue: pulumi.Output[str]
    operations_dead_letters: pulumi.Output[str]
    watched: tuple[Watched, ...]

    def __init__(self, name: str, args: MessagingArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Make the channels."""
        super().__init__("medical:messaging:Messaging", name, None, opts)
        channels = {
            role: build_channel(
                f"{name}-{role}",
                ChannelArgs(
                    role=role,
                    names=args.names,
                    account_id=args.account_id,
                    region=args.region,
                    key_arn=args.key_arn,
                    late=_UNREAD if role == OPERATIONS else _LATE,
                    alarms=role == OPERATIONS,
                ),
                self,
            )
            for role in (*JOURNEYS, OPERATIONS)
        }
        self.topics = {journey: channels[journey].topic_arn for journey in JOURNEYS}
        self.queues = {journey: channels[journey].queue_url for journey in JOURNEYS}
        self.queue_arns = {journey: channels[journey].queue_arn for journey in JOURNEYS}
        self.operations_topic = channels[OPERATIONS].topic_arn
        self.operations_queue = channels[OPERATIONS].queue_url
        self.operations_dead_letters = channels[OPERATIONS].dead_letters_arn
        self.watched = tuple(item for channel in channels.values() for item in channel.watched)
        self.register_outputs({"operations_topic": self.operations_topic})
