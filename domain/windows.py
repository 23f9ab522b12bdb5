"""When a region sleeps: the hours for backups and for maintenance, in UTC. Pure.

A fixed hour would fall into the working day of one jurisdiction or another. Backups and maintenance never overlap,
because RDS and ElastiCache refuse that, and each lasts an hour, the least that ElastiCache takes.
"""

from __future__ import annotations

from typing import Final

_DAY: Final = 24
_PAUSE: Final = 2  # hours from the start of the backup to the start of maintenance

# The hour, in UTC, that is between midnight and three in the morning in regions whose name starts so. First match wins.
_QUIET: Final = (
    ("af-", 0),
    ("ap-south-", 20),
    ("ap-", 16),
    ("ca-", 7),
    ("eu-", 1),
    ("il-", 23),
    ("me-", 22),
    ("mx-", 7),
    ("sa-", 4),
    ("us-", 7),
)


def backup(region: str) -> str:
    """The daily window for backups in `region`, such as `07:00-08:00`."""
    hour = _quiet_hour(region)
    return f"{_clock(hour)}-{_clock(hour + 1)}"


def maintenance(region: str) -> str:
    """The weekly window for maintenance in `region`, such as `sun:09:00-sun:10:00`."""
    hour = _quiet_hour(region) + _PAUSE
    return f"sun:{_clock(hour)}-sun:{_clock(hour + 1)}"


def snapshot_hour(region: str) -> int:
    """The hour, in UTC, from which AWS Backup may take backups in `region`.

    RDS refuses it during the two windows above, and in the hour before either.
    """
    return (_quiet_hour(region) + _PAUSE + 1) % _DAY


def _quiet_hour(region: str) -> int:
    found = next((hour for prefix, hour in _QUIET if region.startswith(prefix)), None)
    if found is None:
        raise ValueError(f"{region!r}: its quiet hour is not known; add its area to domain/windows.py")
    return found


def _clock(hour: int) -> str:
    return f"{hour % _DAY:02}:00"
