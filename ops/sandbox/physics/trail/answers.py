"""What CloudTrail's API answers of the records: the status of a trail in virtual time, and event history.

Owns: GetTrailStatus, StartLogging's and StopLogging's times, and LookupEvents, which moto lacks. LookupEvents knows the
management events of its own region alone. Source: CloudTrail API reference, as of November 2026. Not owned: records.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final
from unittest import mock

from ops.sandbox.physics.monitoring.metrics import plain

if TYPE_CHECKING:
    from ops.sandbox.physics.trail.trails import Kept
    from ops.sandbox.physics.world import World

MOST: Final = 50
"""Events a page of LookupEvents."""


def _resources(record: Mapping[str, Any], field: str) -> list[str]:
    return [str(item.get(field, "")) for item in record.get("resources") or ()]


# What one may look up by, and what an event has for it.
_ATTRIBUTES: Final[Mapping[str, Callable[[Kept, Mapping[str, Any]], list[str]]]] = MappingProxyType(
    {
        "AccessKeyId": lambda _, record: [str(record["userIdentity"].get("accessKeyId", ""))],
        "EventId": lambda _, record: [str(record["eventID"])],
        "EventName": lambda _, record: [str(record["eventName"])],
        "EventSource": lambda _, record: [str(record["eventSource"])],
        "ReadOnly": lambda _, record: [str(record["readOnly"]).lower()],
        "ResourceName": lambda _, record: _resources(record, "ARN"),
        "ResourceType": lambda _, record: _resources(record, "type"),
        "Username": lambda kept, _: [kept.user],
    }
)


@contextmanager
def installed(world: World) -> Generator[None]:
    """Until the block ends, moto's CloudTrail answers by the world's records."""
    from moto.cloudtrail.models import TrailStatus  # noqa: PLC0415 - after moto's environment is set
    from moto.cloudtrail.responses import CloudTrailResponse  # noqa: PLC0415 - as above

    start, stop, status = TrailStatus.start_logging, TrailStatus.stop_logging, CloudTrailResponse.get_trail_status

    def start_logging(self: TrailStatus) -> None:
        start(self)
        if world.running:
            self.started = plain(world.now)

    def stop_logging(self: TrailStatus) -> None:
        stop(self)
        if world.running:
            self.stopped = plain(world.now)

    def get_trail_status(self: CloudTrailResponse) -> str:
        told: dict[str, Any] = json.loads(status(self))
        if world.running:
            told |= _delivery(world, self)
        return json.dumps(told)

    def lookup_events(self: CloudTrailResponse) -> str:
        return json.dumps(_page(world, self.region, json.loads(self.body or "{}")))

    with (
        mock.patch.object(TrailStatus, "start_logging", start_logging),
        mock.patch.object(TrailStatus, "stop_logging", stop_logging),
        mock.patch.object(CloudTrailResponse, "get_trail_status", get_trail_status),
        mock.patch.object(CloudTrailResponse, "lookup_events", lookup_events, create=True),
    ):
        yield


def _delivery(world: World, asked: Any) -> dict[str, Any]:  # noqa: ANN401 - moto's own
    """When the trail asked about last delivered what happened in the region that is asked."""
    name = json.loads(asked.body)["Name"]
    trails = asked.cloudtrail_backend.describe_trails(include_shadow_trails=True)
    trail = next(trail for trail in trails if name in (trail.trail_name, trail.arn))
    at = world.trails.delivered(trail.arn, asked.region)
    told = f"{at:%Y-%m-%dT%H:%M:%SZ}" if at else ""
    return {
        "LatestDeliveryTime": int(at.timestamp()) if at else None,
        "LatestDeliveryAttemptTime": told,
        "LatestDeliveryAttemptSucceeded": told,
        **_times("Start", trail.status.started),
        **_times("Stop", trail.status.stopped),
    }


def _times(what: str, at: datetime | None) -> dict[str, Any]:
    if at is None:
        return {}
    words = {"Start": "TimeLoggingStarted", "Stop": "TimeLoggingStopped"}
    whole = at.replace(tzinfo=UTC)
    return {f"{what}LoggingTime": int(whole.timestamp()), words[what]: f"{whole:%Y-%m-%dT%H:%M:%SZ}"}


def _page(world: World, region: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    """A page of event history; `NextToken` says how many were given before."""
    since, until = asked.get("StartTime", 0), asked.get("EndTime", float("inf"))
    wanted = asked.get("LookupAttributes") or []
    first, size = int(asked.get("NextToken") or 0), int(asked.get("MaxResults") or MOST)
    found: list[dict[str, Any]] = []
    count = 0
    for kept in world.trails.history(region) if world.running else ():
        if not since <= kept.at.timestamp() <= until:
            continue
        record: dict[str, Any] = json.loads(kept.record)
        if not all(item["AttributeValue"] in _ATTRIBUTES[item["AttributeKey"]](kept, record) for item in wanted):
            continue
        count += 1
        if count > first + size:
            return {"Events": found, "NextToken": str(first + size)}
        if count > first:
            found.append(_event(kept, record))
    return {"Events": found}


def _event(kept: Kept, record: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "EventId": record["eventID"],
        "EventName": record["eventName"],
        "ReadOnly": str(record["readOnly"]).lower(),
        "AccessKeyId": record["userIdentity"].get("accessKeyId", ""),
        "EventTime": kept.at.timestamp(),
        "EventSource": record["eventSource"],
        "Username": kept.user,
        "Resources": [
            {"ResourceType": type_, "ResourceName": name}
            for type_, name in zip(_resources(record, "type"), _resources(record, "ARN"), strict=True)
        ],
        "CloudTrailEvent": kept.record,
    }
