"""S3 replication: objects arrive in the other region after a while, if nothing is in the way.

Owns: when a version is copied, its replication status, and S3's metrics on it. A version waits while its source's or
destination's region is dark, or replication to the destination is stalled, and fails for good if a key is missing or
the destination cannot take it: S3 does not try again. A replica is not replicated. Does not own: what a replica is
(`ops.sandbox.physics.objects.replicas`), what is reported (`ops.sandbox.physics.objects.reports`), and who may call S3.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from unittest import mock

from ops.sandbox.physics.monitoring.metrics import plain
from ops.sandbox.physics.objects import replicas
from ops.sandbox.physics.objects.replicas import UnsupportedRuleError
from ops.sandbox.physics.objects.reports import Copying, Reports, Route

if TYPE_CHECKING:  # the world imports its laws
    from ops.sandbox.physics.world import World


class ObjectsGoneError(Exception):
    """S3 does not answer, or has no such bucket; the message names it."""


class Objects:
    """The objects of all buckets."""

    def __init__(self, world: World) -> None:
        """Take the objects that stand: those that wait for replication begin to wait now."""
        self._world = world
        self._s3 = world.backend("s3", "aws")
        self._queue: list[Copying] = []
        self._held: dict[Route, list[Copying]] = {}
        self._count = 0
        self._reports = Reports(world)
        for bucket in self._s3.buckets.values():
            if getattr(bucket, "replication", None):
                for name in list(bucket.keys):
                    for version in bucket.keys.getlist(name):
                        if replicas.status(version) in ("", "PENDING"):
                            self.created(bucket, version)

    def step(self) -> None:
        """Let those arrive whose time has come, and report if that is due."""
        if self._held:
            self._release()
        while self._queue and self._queue[0].due <= self._world.clock.elapsed:
            copying = heapq.heappop(self._queue)
            if self._is_blocked(copying.route):
                self._held.setdefault(copying.route, []).append(copying)
            else:
                self._finish(copying)
        if self._reports.due:
            self._reports.put(copying for copying in self._waiting() if self._stands(copying))

    def put(self, region: str, bucket: str, key: str, body: str) -> None:
        """Write an object, as an application in `region` does.

        Raises:
            ObjectsGoneError: S3 does not answer there, or has no such bucket.
        """
        self._bucket(region, bucket)
        self._s3.put_object(bucket, key, body.encode())

    def get(self, region: str, bucket: str, key: str) -> str | None:
        """What an object says; None if there is none.

        Raises:
            ObjectsGoneError: S3 does not answer there, or has no such bucket.
        """
        self._bucket(region, bucket)
        found = self._s3.get_object(bucket, key)
        return None if found is None else str(found.value.decode())

    def keys(self, region: str, bucket: str, prefix: str) -> list[str]:
        """The keys that begin with `prefix`, in order, without those that a delete marker hides.

        Raises:
            ObjectsGoneError: S3 does not answer there, or has no such bucket.
        """
        kept = self._bucket(region, bucket).keys
        return sorted(name for name in list(kept) if name.startswith(prefix) and not replicas.is_marker(kept[name]))

    def created(self, bucket: Any, version: Any) -> None:  # noqa: ANN401 - moto's own
        """Begin to replicate a version or delete marker that has come about in moto's `bucket`, if a rule says so."""
        replicas.written(version)
        try:
            rule = replicas.rule_for(bucket, version)
        except UnsupportedRuleError as error:
            self._world.happened("replication-unsupported", bucket=bucket.name, key=version.name, reason=str(error))
            return
        if rule is None:
            return
        version.replication_status = "PENDING"
        destination = self._s3.buckets.get(rule.destination)
        copying = Copying(
            due=0,
            order=self._count,
            route=Route(bucket, destination, rule.id),
            rule=rule,
            version=version,
            since=self._world.clock.elapsed,
        )
        self._count += 1
        if destination is None:
            self._fail(copying, f"there is no bucket {rule.destination}")
            return
        self._send(copying, self._figure(copying))

    def _send(self, copying: Copying, figure: str) -> None:
        copying.due = self._world.clock.elapsed + self._world.draw(figure, copying.name)
        heapq.heappush(self._queue, copying)

    def _figure(self, copying: Copying) -> str:
        """Whether it is one of the few that take long."""
        share = self._world.draw("object_tail_share", copying.name)
        versions = len(copying.route.source.keys.getlist(copying.version.name, []))
        chance = random.Random(f"{self._world.seed}/tail/{copying.name}/{versions}")  # noqa: S311 - no secret
        return "object_tail" if chance.random() < share else "object_copy"

    def _bucket(self, region: str, name: str) -> Any:  # noqa: ANN401 - moto's own
        bucket = self._s3.buckets.get(name)
        for place in (region, bucket.region_name if bucket else region):
            if self._is_dark(place):
                raise ObjectsGoneError(f"S3 in {place} does not answer")
        if bucket is None:
            raise ObjectsGoneError(f"S3 has no bucket {name}")
        return bucket

    def _is_dark(self, region: str) -> bool:
        return self._world.faults.active("region-dark", region) is not None

    def _is_blocked(self, route: Route) -> bool:
        source, destination = route.source.region_name, route.destination.region_name
        stalled = self._world.faults.active("replication-stalled", destination)
        return self._is_dark(source) or self._is_dark(destination) or stalled is not None

    def _release(self) -> None:
        """Send what was held on a route that is free again."""
        for route in [route for route in self._held if not self._is_blocked(route)]:
            for copying in self._held.pop(route):
                self._send(copying, "object_copy")

    def _waiting(self) -> list[Copying]:
        return [*self._queue, *(copying for held in self._held.values() for copying in held)]

    def _stands(self, copying: Copying) -> bool:
        return replicas.stands(copying.route.source, copying.version)

    def _finish(self, copying: Copying) -> None:
        route, version = copying.route, copying.version
        if not self._stands(copying):
            return
        reason = self._obstacle(copying)
        if reason:
            self._fail(copying, reason)
            return
        replica = replicas.copy(self._s3, version, route.destination, copying.rule)
        self._world.scanning.created(route.destination, replica)
        role = route.source.replication["Role"]
        self._world.trails.replicated(role, route.destination.region_name, route.destination.name, version.name)
        version.replication_status = "COMPLETED"
        seconds = self._world.clock.elapsed - copying.since
        self._reports.arrived(route, seconds)
        self._world.happened("replicated", bucket=route.source.name, key=version.name, seconds=seconds)

    def _fail(self, copying: Copying, reason: str) -> None:
        copying.version.replication_status = "FAILED"
        if copying.route.destination is not None:
            self._reports.failed(copying.route)
        bucket = copying.route.source.name
        self._world.happened("replication-failed", bucket=bucket, key=copying.version.name, reason=reason)

    def _obstacle(self, copying: Copying) -> str:
        """Why the version cannot be copied, ever; empty if it can."""
        route, version = copying.route, copying.version
        if not route.destination.is_versioned:
            return f"{route.destination.name} keeps no versions"
        if replicas.is_marker(version) or version.encryption != replicas.KMS:
            return ""
        for bucket, key in ((route.source, version.kms_key_id), (route.destination, copying.rule.replica_key)):
            if not self._is_usable(bucket.region_name, key):
                return f"the key of {bucket.name} cannot be used"
        return ""

    def _is_usable(self, region: str, key: str | None) -> bool:
        """Whether the key can be used, by id, ARN or alias; AWS's own for S3 always can."""
        if not key or "alias/aws/" in key:
            return True
        if self._world.faults.active("key-missing", region):
            return False
        kms = self._world.backend("kms", region)
        id_ = kms.get_key_id_from_alias(kms.get_alias_name(key)) if "alias/" in key else key
        kept = kms.keys.get(kms.get_key_id(id_)) if id_ else None
        return kept is not None and kept.key_state == "Enabled"


@contextmanager
def installed(world: World) -> Generator[None]:
    """Until the block ends, what moto's S3 is given is replicated as `world` lets it be, at the virtual time."""
    from moto.s3.models import FakeKey, S3Backend  # noqa: PLC0415 - after moto's environment is set

    put, mark, answer = S3Backend.put_object, S3Backend._set_delete_marker, FakeKey.response_dict  # noqa: SLF001

    def put_object(self: Any, bucket_name: str, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - moto's own
        version = put(self, bucket_name, *args, **kwargs)
        _note(self, bucket_name, version)
        return version

    def set_delete_marker(self: Any, bucket_name: str, key_name: str) -> Any:  # noqa: ANN401 - moto's own
        version = mark(self, bucket_name, key_name)
        _note(self, bucket_name, version)
        return version

    def _note(backend: Any, bucket_name: str, version: Any) -> None:  # noqa: ANN401 - moto's own
        if world.running:
            with world.lock:
                version.last_modified = plain(world.now)
                bucket = backend.get_bucket(bucket_name)
                world.objects.created(bucket, version)
                world.scanning.created(bucket, version)

    def response_dict(self: Any) -> dict[str, Any]:  # noqa: ANN401 - moto's own
        status = replicas.status(self)
        return {**answer.__get__(self), **({"x-amz-replication-status": status} if status else {})}

    with (
        mock.patch.object(S3Backend, "put_object", put_object),
        mock.patch.object(S3Backend, "_set_delete_marker", set_delete_marker),
        mock.patch.object(FakeKey, "response_dict", property(response_dict)),
    ):
        yield
