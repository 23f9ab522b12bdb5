"""What a side's database is made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
from pulumi_aws import rds

from domain.continuity import Instance, Role
from domain.naming import Names
from domain.residency import Copy, Dataset, Mechanism

PORT: Final = 3306
SCHEMA: Final = "medical"
"""The database inside the instance, which the application connects to."""


@dataclass(frozen=True, kw_only=True)
class Master:
    """The master user that the cell's original instance is made with; every other has it from its source."""

    username: str
    password: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True)
class DatabaseArgs:
    """What a side's database is made from.

    `instances` are the side's, oldest first, as `domain.continuity` says; the last is the one that the side uses.
    `writer` is the other side's instance that writes, None if this side has it, and `copy` admits a replica of it here,
    None in a cell that has no other side. Alarms go to `operations_topic`.

    Raises:
        ValueError: values that RDS refuses, or that would make the stack impossible to destroy.
        ResidencyError: `copy` was admitted for something else.
    """

    names: Names
    account_id: str
    boundary_arn: pulumi.Input[str]
    region: str
    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    key_arn: pulumi.Input[str]
    operations_topic: pulumi.Input[str]
    instances: tuple[Instance, ...]
    master: Master
    writer: rds.Instance | None
    copy: Copy[pulumi.Input[str]] | None
    instance_class: str
    storage_gib: int
    max_storage_gib: int
    backup_days: int
    log_days: int
    deletion_protection: bool
    throw_away: bool

    def __post_init__(self) -> None:
        """Refuse what would fail only after minutes, at AWS."""
        generations = [item.generation for item in self.instances]
        if not generations or generations != sorted(set(generations)) or generations[0] < 1:
            raise ValueError(f"generations {generations}: give the side's instances, oldest first, counted from 1")
        writing = [item.name for item in self.instances if item.writes]
        if len(writing) + (self.writer is not None) != 1:
            raise ValueError(f"{writing or 'no instance'} of this side writes: give the other side's writer, or be it")
        if self.writer is None and any(item.role is Role.REPLICA for item in self.instances):
            raise ValueError("a replica follows the other side's writer; give it as writer")
        if self.copy:
            self.copy.require(
                Dataset.PATIENT_RECORDS, mechanism=Mechanism.DATABASE_REPLICA, destination_region=self.region
            )
        elif self.writer is not None:
            raise ValueError("the other side writes, and no copy of it was admitted here; give one as copy")
        if self.backup_days < 1:
            raise ValueError(f"backup_days {self.backup_days}: a database without backups has no replica; give 1 to 35")
        if self.throw_away and self.deletion_protection:
            raise ValueError("throw_away and deletion_protection contradict each other; set one of them to false")
