"""The MySQL settings that differ from what RDS sets by itself, or that the platform relies on. Pure.

`immediate` is for dynamic parameters whose value is not the default. Static ones are refused with it, and a dynamic one
that repeats the default shows a difference for ever; `pending-reboot` fits both, and at an instance's creation there is
nothing to wait for.
"""

from __future__ import annotations

from typing import Final, NamedTuple

FAMILY: Final = "mysql8.4"

_IMMEDIATE, _REBOOT = "immediate", "pending-reboot"


class Parameter(NamedTuple):
    """A parameter of MySQL and when a change of it takes effect."""

    name: str
    value: str
    apply_method: str


PARAMETERS: Final = (
    Parameter("character_set_server", "utf8mb4", _REBOOT),
    Parameter("collation_server", "utf8mb4_0900_ai_ci", _REBOOT),
    Parameter("log_output", "FILE", _REBOOT),  # only files are exported to CloudWatch
    Parameter("long_query_time", "1", _IMMEDIATE),  # seconds
    Parameter("require_secure_transport", "1", _IMMEDIATE),
    Parameter("slow_query_log", "1", _IMMEDIATE),
    Parameter("tls_version", "TLSv1.2,TLSv1.3", _REBOOT),
)

# Nobody writes to an instance with this, and it takes effect at once, without a reboot. Without it RDS lets a replica
# be read and the others be written (`{TrueIfReplica}`).
FENCE: Final = Parameter("read_only", "1", _IMMEDIATE)
