"""What a cell needs of the account's service quotas in each of its two regions. Pure.

Either side must be able to carry the other's load, so the needs are the same for both. They are what this cell alone
uses at its largest: add what else runs in the account.

Source: Service Quotas, quota codes and AWS defaults; Amazon EC2 instance types, vCPUs by size. Read November 2026.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from domain import documents, rotation

AS_OF: Final = "2026-11"

# Instances double while a new release replaces them: successors start beside predecessors.
_REFRESH: Final = 2
# Of a region at once: the instance in service or being rebuilt, the one kept aside, and the one of a restore test.
_DATABASES: Final = 3
_ZONES: Final = 3
# Lambda keeps 100 for functions that reserve none, and beside the one that converts stand two more
# and the one that rotates.
_RESERVED: Final = 100 + 2 * documents.OTHERS_CONCURRENCY + rotation.CONCURRENCY
_GIB_IN_TIB: Final = 1024

_STANDARD: Final = ("L-1216C47A", "Running On-Demand Standard instances, vCPUs")
# Families of Graviton whose vCPUs are counted apart from the standard ones.
_APART: Final = {
    "g": ("L-DB2E81BA", "Running On-Demand G and VT instances, vCPUs"),
    "hpc": ("L-F7808C92", "Running On-Demand HPC instances, vCPUs"),
    "x": ("L-7295265B", "Running On-Demand X instances, vCPUs"),
}
# Sizes below xlarge. From there on Graviton has four vCPUs to each "x".
_SMALL: Final = {"nano": 2, "micro": 2, "small": 2, "medium": 1, "large": 2}
_BURSTABLE: Final = "t"  # whose medium has two
_XLARGE: Final = 4


class Sizes(Protocol):
    """The settings that the needs depend on."""

    @property
    def web_instance_type(self) -> str:
        """Instance type of the web tier."""

    @property
    def web_max(self) -> int:
        """Instances that either side may grow to."""

    @property
    def web_volume_gib(self) -> int:
        """Root volume of an instance."""

    @property
    def nat_per_az(self) -> bool:
        """Whether each zone has a NAT gateway."""

    @property
    def interface_endpoints(self) -> Sequence[str]:
        """Services with an interface endpoint."""

    @property
    def database_max_storage_gib(self) -> int:
        """Storage that the database may grow to."""

    @property
    def cache_replicas(self) -> int:
        """Replicas beside the cache's primary."""

    @property
    def documents_concurrency(self) -> int:
        """Uploads that are converted at a time."""


@dataclass(frozen=True, kw_only=True)
class Quota:
    """A quota by its codes, what AWS gives a new account, and how much of it a region of the cell needs."""

    service: str
    code: str
    name: str
    default: int
    needed: int

    @property
    def key(self) -> str:
        """The quota in one word, such as `ec2/L-1216C47A`."""
        return f"{self.service}/{self.code}"

    @property
    def exceeds_default(self) -> bool:
        """Whether it has to be raised in a new account, in both regions, before it is needed."""
        return self.needed > self.default


def needed(settings: Sizes) -> tuple[Quota, ...]:
    """What a cell of these settings needs in each of its regions."""
    instances = _REFRESH * settings.web_max
    family = settings.web_instance_type.partition(".")[0]
    code, name = next((found for start, found in _APART.items() if _is_of(family, start)), _STANDARD)
    default = 5 if code == _STANDARD[0] else 0
    tib = -(-instances * settings.web_volume_gib // _GIB_IN_TIB)
    gib = _DATABASES * settings.database_max_storage_gib
    rows = (
        ("ec2", code, name, default, instances * vcpus(settings.web_instance_type)),
        ("ec2", "L-0263D0A3", "Elastic IP addresses", 5, _ZONES if settings.nat_per_az else 1),
        ("ebs", "L-7A658B76", "Storage of gp3 volumes, in TiB", 50, tib),
        ("elasticache", "L-DFE45DF3", "Nodes", 300, 1 + settings.cache_replicas),
        ("elasticloadbalancing", "L-53DA6B97", "Application Load Balancers", 50, 1),
        ("lambda", "L-B99A9384", "Concurrent executions", 1000, _RESERVED + settings.documents_concurrency),
        ("rds", "L-7B6409FD", "DB instances", 40, _DATABASES),
        ("rds", "L-7ADDB58A", "Total storage of DB instances, in GiB", 100_000, gib),
        ("vpc", "L-29B6F2EB", "Interface endpoints of a VPC", 50, len(settings.interface_endpoints)),
        ("vpc", "L-F678F1CE", "VPCs", 5, 1),
    )
    return tuple(
        Quota(service=service, code=code, name=name, default=default, needed=value)
        for service, code, name, default, value in rows
    )


def vcpus(instance_type: str) -> int:
    """The vCPUs of a Graviton instance type, such as 2 of `t4g.small`.

    Raises:
        ValueError: its size is not in the table.
    """
    family, _, size = instance_type.partition(".")
    if size in _SMALL:
        return 2 if size == "medium" and _is_of(family, _BURSTABLE) else _SMALL[size]
    times = size.removesuffix("xlarge")
    if size.endswith("xlarge") and (times.isdecimal() or not times):
        return _XLARGE * int(times or 1)
    raise ValueError(f"{instance_type!r}: the vCPUs of its size are not known; add it to domain/quotas.py")


def _is_of(family: str, letters: str) -> bool:
    """Whether `family`, such as `x2gd`, begins with exactly these letters."""
    return family.startswith(letters) and family[len(letters) : len(letters) + 1].isdecimal()
