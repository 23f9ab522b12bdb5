"""What a side's database is made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi

from domain.naming import Names

PORT: Final = 3306
SCHEMA: Final = "medical"
"""The database inside the instance, which the application connects to."""


@dataclass(frozen=True, kw_only=True)
class Primary:
    """An instance of its own, with the master user that it is made with."""

    username: str
    password: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True)
class Replica:
    """A read replica of the instance that has the ARN `of_arn`, in another region: users and data come from there."""

    of_arn: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True)
class DatabaseArgs:
    """What a side's database is made from.

    `multi_az` is for the side that writes: a replica is itself the second copy, and its standby would double its price.
    `generation` is in the identifier: raise it to have a new instance made beside the old one.

    Raises:
        ValueError: values that RDS refuses, or that would make the stack impossible to destroy.
    """

    names: Names
    account_id: str
    region: str
    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    key_arn: pulumi.Input[str]
    source: Primary | Replica
    instance_class: str
    storage_gib: int
    max_storage_gib: int
    multi_az: bool
    backup_days: int
    log_days: int
    deletion_protection: bool
    throw_away: bool
    generation: int = 1

    def __post_init__(self) -> None:
        """Refuse what would fail only after minutes, at AWS."""
        if self.generation < 1:
            raise ValueError(f"generation {self.generation}: instances are counted from 1; give 1 or more")
        if self.backup_days < 1:
            raise ValueError(f"backup_days {self.backup_days}: a database without backups has no replica; give 1 to 35")
        if self.throw_away and self.deletion_protection:
            raise ValueError("throw_away and deletion_protection contradict each other; set one of them to false")
