"""What the trail itself says: whether it logs, what it records, and until when each region's events were delivered.

Owns: the questions to CloudTrail's API, side by side, and what cannot be learnt where a side does not answer. Does not
own: the files.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from ops.audit.place import Place
from ops.audit.times import told
from ops.drill.calls import ActionError, DeniedError, call
from ops.drill.site import UnreachableError

PREFIX: Final = "trail"
"""Under which the cell's trail delivers; the trail itself is asked first."""
_MANAGEMENT: Final = "Management"


@dataclass(frozen=True, kw_only=True)
class Region:
    """What the trail says in a region of the cell; `error` is why it says nothing, or what it says is wrong."""

    region: str
    answers: bool
    delivered: datetime | None = None
    error: str = ""


@dataclass(frozen=True, kw_only=True)
class Status:
    """The trail; without a name, none was found. `management` says whether it records the account's management."""

    name: str = ""
    prefix: str = PREFIX
    management: bool = True
    logging: bool = True
    started: datetime | None = None
    stopped: datetime | None = None
    regions: Mapping[str, Region] = field(default_factory=dict)

    def gaps(self, since: datetime, until: datetime) -> list[str]:
        """When in a period the trail recorded nothing, or nobody can say."""
        if not any(region.answers for region in self.regions.values()):
            return ["the trail's own state is not known: CloudTrail answers in no region of the cell"]
        if not self.name:
            return ["no trail delivers to the cell's audit bucket: nothing is recorded; 'pulumi up' makes it"]
        found = []
        if not self.logging and (self.stopped is None or self.stopped < until):
            found.append(f"the trail {self.name} is stopped, since {told(self.stopped) if self.stopped else 'ever'}")
        if self.started and self.started > since:
            before = f", having been stopped at {told(self.stopped)}" if self.stopped and self.stopped > since else ""
            found.append(f"the trail {self.name} logs since {told(self.started)}{before}: what was before is not in it")
        return found


def ask(place: Place) -> Status:
    """What the trail says in each region of the cell.

    Raises:
        DeniedError: whoever asks may not.
    """
    bucket = place.bucket("home")
    regions: dict[str, Region] = {}
    found: Mapping[str, Any] | None = None
    told_first: Mapping[str, Any] = {}
    management = True
    for region in place.sides.values():
        client = place.client("cloudtrail", region)
        try:
            trails = call(client, "describe_trails", includeShadowTrails=True)["trailList"]
            mine = next((trail for trail in trails if trail["S3BucketName"] == bucket), None)
            said = call(client, "get_trail_status", Name=mine["TrailARN"]) if mine else {}
            if mine and mine.get("HomeRegion", region) == region:
                management = _records_management(call(client, "get_event_selectors", TrailName=mine["TrailARN"]))
        except DeniedError:
            raise  # no other region would let whoever asks
        except (UnreachableError, ActionError) as error:
            regions[region] = Region(region=region, answers=False, error=str(error))
            continue
        found, told_first = found or mine, told_first or said
        error = str(said.get("LatestDeliveryError") or "")
        regions[region] = Region(region=region, answers=True, delivered=said.get("LatestDeliveryTime"), error=error)
    if found is None:
        return Status(regions=regions)
    return Status(
        name=str(found["Name"]),
        prefix=str(found.get("S3KeyPrefix") or ""),
        management=management,
        logging=bool(told_first["IsLogging"]),
        started=told_first.get("StartLoggingTime"),
        stopped=told_first.get("StopLoggingTime"),
        regions=regions,
    )


def _records_management(answer: Mapping[str, Any]) -> bool:
    """Whether a trail's selectors have it record management events."""
    advanced, basic = answer.get("AdvancedEventSelectors") or (), answer.get("EventSelectors") or ()
    of_advanced = any(
        item["Field"] == "eventCategory" and _MANAGEMENT in (item.get("Equals") or ())
        for selector in advanced
        for item in selector["FieldSelectors"]
    )
    of_basic = any(selector.get("IncludeManagementEvents", True) for selector in basic)
    return of_advanced or of_basic or not (advanced or basic)
