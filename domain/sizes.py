"""What a class of RDS holds: memory, and connections. Pure.

Source of the memory: "Hardware specifications for DB instance classes" in the RDS user guide, by family and vCPUs; of
the connections: "Maximum number of database connections" there. Read November 2026.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from domain import quotas

_GIB_PER_VCPU: Final[Mapping[str, int]] = {"t": 4, "m": 4, "r": 8, "x": 16}
_GIB_OF_T4G_MEDIUM: Final = 4
_MEDIUM: Final = "t4g.medium"
_GIB: Final = 1024**3
_BYTES_A_CONNECTION: Final = 12_582_880  # RDS's default for MySQL: max_connections = DBInstanceClassMemory / this
# What RDS itself uses is not in DBInstanceClassMemory, and how much that is it does not tell: an assumption.
_FOR_MYSQL_PERCENT: Final = 90


def database_memory_gib(instance_class: str) -> int:
    """The memory of a class such as `db.t4g.medium`, in GiB.

    Raises:
        ValueError: its family or its size is not in the tables.
    """
    plain = instance_class.removeprefix("db.")
    if plain == _MEDIUM:
        return _GIB_OF_T4G_MEDIUM
    if plain[:1] not in _GIB_PER_VCPU:
        raise ValueError(f"{instance_class!r}: the memory of its family is not known; add it to domain/sizes.py")
    return _GIB_PER_VCPU[plain[0]] * quotas.vcpus(plain)


def database_connections(instance_class: str) -> int:
    """How many connections MySQL takes on a class, about."""
    return database_memory_gib(instance_class) * _GIB * _FOR_MYSQL_PERCENT // 100 // _BYTES_A_CONNECTION
