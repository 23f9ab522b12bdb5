"""The malware scanner: each version that arrives in a protected bucket is scanned, tagged, and told of.

Owns: when a scan ends, what it finds, the object's tag, and GuardDuty's event on the region's bus, replicas included.
Does not own: what is done about it. Of the scanner's words only two are said: THREATS_FOUND for what holds EICAR's test
file, a text that every scanner takes for a virus and that harms nobody, and NO_THREATS_FOUND for all else.

moto holds no malware protection plan. A bucket that tells EventBridge of its objects is taken for protected: the
scanner asks for that, and nothing else in the platform does. In a dark region nothing is scanned until it is back.
"""

from __future__ import annotations

import heapq
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from domain.documents import CLEAN, TAG
from ops.sandbox.physics.objects import replicas

if TYPE_CHECKING:  # the world imports its laws
    from ops.sandbox.physics.world import World

INFECTED: Final = "THREATS_FOUND"
# In two parts, so that no scanner on a developer's machine takes this file away. Source: eicar.org, "Anti-Malware
# Testfile".
EICAR: Final = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-" + b"STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
_THREAT: Final = "EICAR-Test-File (not a virus)"


@dataclass(order=True, kw_only=True)
class _Scan:
    """A version that is being scanned until `due`."""

    due: float
    order: int
    bucket: Any = field(compare=False)
    version: Any = field(compare=False)


class Scanning:
    """The scanner of all regions."""

    def __init__(self, world: World) -> None:
        """Take the objects that stand: those that carry no word of the scanner begin to be scanned now."""
        self._world = world
        self._s3 = world.backend("s3", "aws")
        self._queue: list[_Scan] = []
        self._held: list[_Scan] = []
        self._count = 0
        for bucket in self._s3.buckets.values():
            if _is_protected(bucket):
                for name in list(bucket.keys):
                    for version in bucket.keys.getlist(name):
                        if not replicas.is_marker(version) and not self._result(version):
                            self.created(bucket, version)

    def step(self) -> None:
        """End the scans whose time has come."""
        if self._held:
            held = self._held.copy()
            self._held.clear()
            for scan in held:
                self._end(scan)
        while self._queue and self._queue[0].due <= self._world.clock.elapsed:
            self._end(heapq.heappop(self._queue))

    def created(self, bucket: Any, version: Any) -> None:  # noqa: ANN401 - moto's own
        """Begin to scan a version that has come about in moto's `bucket`, if that is protected."""
        if not _is_protected(bucket) or replicas.is_marker(version):
            return
        due = self._world.clock.elapsed + self._world.draw("scan", f"{bucket.name}/{version.name}")
        heapq.heappush(self._queue, _Scan(due=due, order=self._count, bucket=bucket, version=version))
        self._count += 1

    def _end(self, scan: _Scan) -> None:
        bucket, version = scan.bucket, scan.version
        if self._world.faults.active("region-dark", bucket.region_name):
            self._held.append(scan)
            return
        if not replicas.stands(bucket, version):
            return
        result = INFECTED if EICAR in version.value else CLEAN
        self._s3.tagger.tag_resource(version.arn, [{"Key": TAG, "Value": result}])
        self._world.happened("scanned", bucket=bucket.name, key=version.name, result=result)
        event = {
            "Source": "aws.guardduty",
            "DetailType": "GuardDuty Malware Protection Object Scan Result",
            "Time": self._world.now.timestamp(),
            "Detail": json.dumps(_detail(bucket, version, result)),
        }
        self._world.backend("events", bucket.region_name).put_events([event])

    def _result(self, version: Any) -> str | None:  # noqa: ANN401 - moto's own
        found: str | None = self._s3.tagger.get_tag_dict_for_resource(version.arn).get(TAG)
        return found


def _is_protected(bucket: Any) -> bool:  # noqa: ANN401 - moto's own
    told = bucket.notification_configuration
    return told is not None and told.event_bridge is not None


def _detail(bucket: Any, version: Any, result: str) -> dict[str, Any]:  # noqa: ANN401 - moto's own
    """As GuardDuty words it. Source: its guide, "Monitoring S3 object scans", read November 2026."""
    return {
        "schemaVersion": "1.0",
        "scanStatus": "COMPLETED",
        "resourceType": "S3_OBJECT",
        "s3ObjectDetails": {
            "bucketName": bucket.name,
            "objectKey": version.name,
            "eTag": version.etag.strip('"'),
            "versionId": version.version_id or "null",
            "s3Throttled": False,
        },
        "scanResultDetails": {
            "scanResultStatus": result,
            "threats": [{"name": _THREAT}] if result == INFECTED else None,
        },
    }
