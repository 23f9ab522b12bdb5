"""S3's word to EventBridge that a version was deleted for good, which moto says too late and without what matters.

moto tells of the last version of an object only, and not whether it is gone for good: no rule that asks for that ever
matches. Does not own: delete markers, of which nobody here asks to hear.
"""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from unittest import mock

if TYPE_CHECKING:
    from ops.sandbox.physics.world import World


@contextmanager
def installed(world: World) -> Generator[None]:
    """Until the block ends, buckets whose events go to EventBridge tell of versions that are deleted for good."""
    from moto.s3.models import S3Backend  # noqa: PLC0415 - after moto's environment is set

    delete = S3Backend.delete_object

    def delete_object(
        self: Any,  # noqa: ANN401 - moto's own
        bucket_name: str,
        key_name: str,
        version_id: str | None = None,
        **more: Any,  # noqa: ANN401 - as above
    ) -> Any:  # noqa: ANN401 - as above
        bucket = self.get_bucket(bucket_name)
        held = [item for item in bucket.keys.getlist(key_name, []) if str(item.version_id) == str(version_id)]
        answer = delete(self, bucket_name, key_name, version_id, **more)
        told = bucket.notification_configuration
        if world.running and version_id and held and told is not None and told.event_bridge is not None:
            _tell(world, bucket, held[0])
        return answer

    with mock.patch.object(S3Backend, "delete_object", delete_object):
        yield


def _tell(world: World, bucket: Any, version: Any) -> None:  # noqa: ANN401 - moto's own
    """Put the event on the bus of the bucket's region. Source: S3's user guide, "Event message structure"."""
    detail = {
        "version": "0",
        "bucket": {"name": bucket.name},
        "object": {"key": version.name, "version-id": str(version.version_id), "sequencer": "00"},
        "request-id": "LOCALCLOUD",
        "requester": world.account,
        "source-ip-address": "127.0.0.1",
        "reason": "DeleteObject",
        "deletion-type": "Permanently Deleted",
    }
    event = {
        "Source": "aws.s3",
        "DetailType": "Object Deleted",
        "Time": world.now.timestamp(),
        "Detail": json.dumps(detail),
    }
    world.backend("events", bucket.region_name).put_events([event])
