"""Databases keep automated backups for a week at least."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from domain.retention import BACKUP_DAYS
from policies.model import Breach, Rule, Severity, View, fsbp, hipaa
from policies.names import DATABASE
from policies.values import below


def _check(view: View) -> Iterator[Breach]:
    for item in view.of(DATABASE):
        days = item.at("backupRetentionPeriod")
        if below(days, BACKUP_DAYS):
            yield Breach(item.urn, f"automated backups are kept for {days or 0} days, not {BACKUP_DAYS}")


RULE: Final = Rule(
    name="no-database-without-backups",
    title="Databases keep a week of backups",
    severity=Severity.HIGH,
    controls=(*hipaa("308(a)(7)(ii)(A)"), *fsbp("RDS.11")),
    types=(DATABASE,),
    way_out="set backupRetentionPeriod to 7 or more",
    check=_check,
)
