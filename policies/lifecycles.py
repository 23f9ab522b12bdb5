"""Until when engines and runtimes are supported. Pure.

The sources are the vendors' release calendars. These dates were written down on the day below from what was known of
them, and are to be compared with the calendars before one decides anything. None stands where no end is known. What is
not here is not known to be supported: look it up, and add it with its date.
"""

from __future__ import annotations

from datetime import date
from types import MappingProxyType
from typing import Final

AS_OF: Final = date(2026, 11, 22)

# Source: "Amazon RDS for MySQL release calendar", end of standard support.
MYSQL: Final = MappingProxyType({"8.0": date(2026, 7, 31), "8.4": date(2029, 7, 31)})
# Source: "Supported engines and versions" of ElastiCache. Redis OSS is followed by Valkey.
VALKEY: Final = MappingProxyType[str, date | None]({"7.2": None, "8.0": None, "8.1": None})
ENGINES: Final = MappingProxyType[str, MappingProxyType[str, date | None]](
    {"mysql": MappingProxyType({**MYSQL}), "valkey": VALKEY},
)
# Source: "Lambda runtimes", deprecation date.
RUNTIMES: Final = MappingProxyType[str, date | None](
    {
        "python3.10": date(2026, 10, 31),
        "python3.11": date(2027, 6, 30),
        "python3.12": date(2028, 10, 31),
        "python3.13": date(2029, 6, 30),
        "nodejs20.x": date(2026, 4, 30),
        "nodejs22.x": date(2027, 4, 30),
        "provided.al2023": date(2029, 6, 30),
    },
)
