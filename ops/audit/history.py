"""CloudTrail's event history: management events of the last 90 days, asked of each region by itself.

It shows what no file holds yet, and what another stack's trail records. It knows no data events, and each answer is a
page of fifty, two of them a second: so it is asked for what the files lack, and never for more than `MOST_PAGES`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from ops.audit import events
from ops.audit.events import Event
from ops.drill.calls import call

KEPT: Final = timedelta(days=90)
MOST_PAGES: Final = 400
_PAGE: Final = 50


@dataclass(kw_only=True)
class Looked:
    """What came of looking: events that are none, and whether it was given up before the end."""

    bad: int = 0
    cut: bool = False


def look_up(client: Any, since: datetime, until: datetime, looked: Looked) -> Iterator[Event]:  # noqa: ANN401 - boto3's
    """The management events of a client's region, the newest first.

    Raises:
        UnreachableError, ActionError: CloudTrail does not answer there, or refuses.
    """
    more: dict[str, str] = {}
    for _ in range(MOST_PAGES):
        page = call(client, "lookup_events", StartTime=since, EndTime=until, MaxResults=_PAGE, **more)
        for item in page["Events"]:
            try:
                event = events.read(json.loads(item["CloudTrailEvent"]))
            except (ValueError, KeyError, TypeError, AttributeError, IndexError):
                looked.bad += 1
                continue
            if since <= event.at < until:
                yield event
        if not page.get("NextToken"):
            return
        more = {"NextToken": page["NextToken"]}
    looked.cut = True
