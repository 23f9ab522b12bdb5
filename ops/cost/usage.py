"""How much a cell is used in a month: the settings `usage*`, and what is assumed beside them. Pure.

Each assumption is a row with its reason, and the command shows them all: a cost is no better than they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from settings import Settings

KIB_IN_GIB: Final = 1024 * 1024
SECONDS_IN_MONTH: Final = 730 * 3600


@dataclass(frozen=True, kw_only=True)
class Assumption:
    """A figure that no setting says: `value` of `unit`, and why it is taken."""

    name: str
    value: float
    unit: str
    why: str


RESPONSE: Final = Assumption(name="response", value=8, unit="KiB", why="JSON of a page of the application")
OBJECT_REQUESTS: Final = Assumption(
    name="object requests", value=12, unit="S3 requests an upload", why="original, status, texts, pictures, and reads"
)
CONVERT_SECONDS: Final = Assumption(
    name="conversion", value=4, unit="s of a function an upload", why="measured: a 12-megapixel picture in all formats"
)
DATABASE_WRITES: Final = Assumption(
    name="binlog", value=2, unit="KiB a request", why="one request in five writes a row with its indexes"
)
INSTANCE_LOGS: Final = Assumption(name="logs", value=0.5, unit="KiB a request", why="one JSON line of the service")
FLOW_LOGS: Final = Assumption(
    name="flow logs", value=1.5, unit="GiB a side", why="about 20 interfaces, 100-byte records each minute"
)
NAT_TRAFFIC: Final = Assumption(
    name="NAT traffic", value=5, unit="GiB a side", why="package updates and AWS services without an endpoint"
)
ENDPOINT_TRAFFIC: Final = Assumption(
    name="endpoint traffic", value=2, unit="GiB an endpoint", why="logs, secrets, sessions"
)
DATABASE_SHARE: Final = Assumption(
    name="database fill", value=0.5, unit="of its storage", why="backups hold what is used, not what is allocated"
)
BACKUP_COPIES: Final = Assumption(
    name="recovery points", value=1.5, unit="of what is backed up", why="the first is whole, later ones hold changes"
)
MANAGEMENT_EVENTS: Final = Assumption(
    name="management events", value=200_000, unit="events a side", why="SDK calls of instances, functions, Pulumi"
)
CONFIGURATION_ITEMS: Final = Assumption(
    name="configuration items", value=600, unit="items a side", why="a deployment a week touches some 100 resources"
)
CONTROL_CHECKS: Final = Assumption(
    name="control checks", value=9_000, unit="checks a side", why="about 300 controls evaluated daily"
)
CUSTOM_METRICS: Final = Assumption(
    name="custom metrics", value=12, unit="metrics a side", why="memory, disk and the application's own"
)
REQUESTS_PER_QUERY: Final = Assumption(
    name="requests a DNS query", value=20, unit="requests", why="a browser keeps an answer for its 60 s"
)
INSTANCE_POLL: Final = Assumption(
    name="instances' polling", value=11, unit="s between calls to a queue", why="an empty queue's wait, and the pause"
)
FUNCTION_POLL: Final = Assumption(
    name="functions' polling",
    value=4,
    unit="s between calls to a queue",
    why="Lambda keeps five calls waiting, 20 s each",
)
ASSUMPTIONS: Final = (
    RESPONSE,
    OBJECT_REQUESTS,
    CONVERT_SECONDS,
    DATABASE_WRITES,
    INSTANCE_LOGS,
    FLOW_LOGS,
    NAT_TRAFFIC,
    ENDPOINT_TRAFFIC,
    DATABASE_SHARE,
    BACKUP_COPIES,
    MANAGEMENT_EVENTS,
    CONFIGURATION_ITEMS,
    CONTROL_CHECKS,
    CUSTOM_METRICS,
    REQUESTS_PER_QUERY,
    INSTANCE_POLL,
    FUNCTION_POLL,
)


@dataclass(frozen=True, kw_only=True)
class Usage:
    """A month of a cell. All of it goes to the side that users are led to, home. Its databases have `database_gib`."""

    requests: int
    uploads: int
    upload_kib: int
    upload_pages: int
    stored_gib: int
    database_gib: int

    @property
    def uploaded_gib(self) -> float:
        """What is uploaded in the month."""
        return self.uploads * self.upload_kib / KIB_IN_GIB

    @property
    def answered_gib(self) -> float:
        """What users are answered in the month."""
        return self.requests * RESPONSE.value / KIB_IN_GIB

    @property
    def pages(self) -> int:
        """The pages that text is read from."""
        return self.uploads * self.upload_pages

    @property
    def object_requests(self) -> float:
        """Requests to S3."""
        return self.uploads * OBJECT_REQUESTS.value

    def kib_per_request(self, each: Assumption) -> float:
        """What all requests make of `each`, KiB a request, in GiB."""
        return self.requests * each.value / KIB_IN_GIB


def usage(settings: Settings) -> Usage:
    """The usage that `settings` state."""
    return Usage(
        requests=settings.usage_requests,
        uploads=settings.usage_uploads,
        upload_kib=settings.usage_upload_kib,
        upload_pages=settings.usage_upload_pages,
        stored_gib=settings.usage_stored_gib,
        database_gib=settings.database_storage_gib,
    )
