"""Storage that fills and is grown: what a fault and RDS do to an instance's, minute by minute.

Owns: how fast it fills, what growing takes, and RDS's events. Does not own: when it is grown (`storage`).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from ops.sandbox.physics.databases import storage
from ops.sandbox.physics.databases.course import AVAILABLE
from ops.sandbox.physics.databases.instance import Instance
from ops.sandbox.physics.databases.storage import Told

if TYPE_CHECKING:
    from ops.sandbox.physics.databases.changes import Changes
    from ops.sandbox.physics.world import World

FAULT: Final = "storage-filling"
_MINUTES: Final = 60


def pass_minute(world: World, changes: Changes, instance: Instance) -> None:
    """Let a minute pass for the storage of `instance`, which answers."""
    record = instance.record
    allocated = int(record.allocated_storage)
    filling = world.faults.active(FAULT, instance.region)
    if filling and instance.status == AVAILABLE and instance.filled_by is not filling:
        instance.filled_by = filling
        instance.storage.fill(allocated * filling.parameters["percent"] / 100)
    added = filling.parameters["gib_per_hour"] / _MINUTES if filling else 0.0
    growth = instance.storage.minute(
        world.clock.elapsed,
        allocated=allocated,
        maximum=int(record.max_allocated_storage or 0),
        added=added,
        may=instance.status == AVAILABLE,
    )
    for told in growth.told:
        tell(world, instance, told)
    if growth.to:
        changes.grow(instance, growth.to, lambda: tell(world, instance, storage.GROWN))


def tell(world: World, instance: Instance, told: Told) -> None:
    """Put an event of RDS on the region's bus."""
    arn = instance.record.db_instance_arn
    detail = {
        "EventCategories": [told.category],
        "SourceType": "DB_INSTANCE",
        "SourceArn": arn,
        "Date": f"{world.now:%Y-%m-%dT%H:%M:%S.000Z}",
        "Message": told.message,
        "SourceIdentifier": instance.identifier,
        "EventID": told.event,
    }
    event = {
        "Source": "aws.rds",
        "DetailType": "RDS DB Instance Event",
        "Time": world.now.timestamp(),
        "Resources": [arn],
        "Detail": json.dumps(detail),
    }
    world.backend("events", instance.region).put_events([event])
    world.happened("database-event", region=instance.region, identifier=instance.identifier, event=told.event)
