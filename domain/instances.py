"""What web instances tell of themselves, and from when on that is too much. Pure."""

from __future__ import annotations

from typing import Final

NAMESPACE: Final = "Medical/Instances"
GROUP: Final = "AutoScalingGroupName"  # the dimension that figures of a whole group have
MEMORY: Final = "mem_used_percent"
DISK: Final = "disk_used_percent"
OUTBOX_AGE: Final = "outbox_age_seconds"  # the service's own, by cell and side
DISK_PERCENT: Final = 90  # in use, from which on an instance is replaced
