"""What asking queues for messages costs, whether or not there are any. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from ops.cost import usage
from ops.cost.meters.compute import GROUP
from ops.cost.meters.item import Charge, Item, Meter, monthly

QUEUE: Final = "aws:sqs/queue:Queue"
_DEAD: Final = "-dead"  # which nobody asks but people and repairs
_OF_FUNCTIONS: Final = ("-documents-convert", "-documents-erase", "-documents-text")
_OF_INSTANCES: Final = ("-appointments", "-consultations", "-payments", "-prescriptions")


def _queue(item: Item) -> Iterator[Charge]:
    """Lambda asks on both sides; instances only where the database takes writes; of operations' queue nobody asks."""
    name = str(item.inputs["name"])
    if name.endswith(_DEAD):
        return
    if name.endswith(_OF_FUNCTIONS):
        calls = usage.SECONDS_IN_MONTH / usage.FUNCTION_POLL.value
        yield monthly("asked by its function", "sqs.request", calls)
    if item.busy and name.endswith(_OF_INSTANCES):
        instances = sum(int(group.inputs["minSize"]) for group in item.neighbours(GROUP))
        calls = instances * usage.SECONDS_IN_MONTH / usage.INSTANCE_POLL.value
        yield monthly(f"asked by {instances} instances", "sqs.request", calls)


METERS: Final[Mapping[str, Meter]] = {QUEUE: _queue}
