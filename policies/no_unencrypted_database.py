"""Databases are encrypted at rest."""

from __future__ import annotations

from typing import Final

from policies.model import Rule, Severity, cis, fsbp, hipaa
from policies.names import DATABASE
from policies.simple import Demand, demand
from policies.values import off

_DEMANDS: Final = (
    Demand(DATABASE, "storageEncrypted", off, "the storage is not encrypted"),
    Demand("aws:rds/cluster:Cluster", "storageEncrypted", off, "the storage is not encrypted"),
)

RULE: Final = Rule(
    name="no-unencrypted-database",
    title="Databases are encrypted at rest",
    severity=Severity.CRITICAL,
    controls=(*hipaa("312(a)(2)(iv)"), *cis("2.3.1"), *fsbp("RDS.3")),
    types=(DATABASE, "aws:rds/cluster:Cluster"),
    way_out="set storageEncrypted, and kmsKeyId to the side's key",
    check=demand(*_DEMANDS),
)
