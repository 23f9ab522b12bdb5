"""How a cell meets the loss of its region: with a warm one beside it, or, where there is no second one, with backups.

A cell of backups alone (`BACKUP_ONLY`) has one side, home. While its region stands, it loses little. If the region is
away, users wait for its return, or for a person who restores; if it is gone for good, so is everything, because no copy
may leave the jurisdiction. So there is nothing to add up and hold against a target: a `Bound` says what is lost at
most, and `None` seconds that there is no bound. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

WARM: Final = "warm"
BACKUP_ONLY: Final = "backup-only"
NONE: Final = "none"
"""What stands in the place of the recovery side's settings in a cell that has none."""

LOG_UPLOAD_SECONDS: Final = 300
"""How often RDS uploads transaction logs, up to which a database can be restored to a point in time.

Source: "Restoring a DB instance to a specified time" in the Amazon RDS User Guide; to be checked.
"""

BACKUP_SECONDS: Final = 86400
"""From one nightly backup to the next."""

_TO_MINUTES: Final = LOG_UPLOAD_SECONDS // 60
_TO_HOURS: Final = BACKUP_SECONDS // 3600

RPO: Final = (
    f"its data loss is up to {_TO_HOURS} h (daily backups), {_TO_MINUTES} minutes by point-in-time recovery of the "
    "database, everything if the region is lost for good, and there is no region to fail over to"
)
"""What may be lost, in one sentence."""


@dataclass(frozen=True, kw_only=True)
class Bound:
    """The most that a case takes or loses, in seconds; `None` where nothing bounds it."""

    name: str
    seconds: int | None
    source: str


TIME: Final = (Bound(name="region lost", seconds=None, source="none: the region's return or a restore by hand"),)
"""To recover reads and writes alike (RTO)."""

_EVERYTHING: Final = Bound(name="region lost", seconds=None, source="everything, for no copy is anywhere else")
RECORDS: Final = (
    Bound(
        name="point in time",
        seconds=LOG_UPLOAD_SECONDS,
        source="while the region stands: RDS uploads transaction logs every 5 minutes",
    ),
    Bound(name="daily backup", seconds=BACKUP_SECONDS, source="where the instance and its own backups are gone"),
    _EVERYTHING,
)
"""Records that may be lost (RPO)."""

OBJECTS: Final = (
    Bound(name="versions", seconds=0, source="while the bucket stands: what was overwritten or deleted is kept"),
    Bound(name="daily backup", seconds=BACKUP_SECONDS, source="where the bucket is gone"),
    _EVERYTHING,
)
"""Objects that may be lost."""
