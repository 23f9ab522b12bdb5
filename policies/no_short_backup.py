"""Backups and their copies are kept for a week at least."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from domain.retention import BACKUP_DAYS
from policies.model import Breach, Rule, Severity, View, hipaa
from policies.names import PLAN
from policies.values import below, every

_KEPT: Final = ("rules.lifecycle.deleteAfter", "rules.copyActions.lifecycle.deleteAfter")


def _check(view: View) -> Iterator[Breach]:
    for plan in view.of(PLAN):
        days = [value for path in _KEPT for value in every(plan.inputs, path) if value is not None]
        short = [value for value in days if below(value, BACKUP_DAYS)]
        if short:
            yield Breach(plan.urn, f"backups are deleted after {short[0]} days, before {BACKUP_DAYS} have passed")


RULE: Final = Rule(
    name="no-short-backup",
    title="Backups are kept for a week at least",
    severity=Severity.HIGH,
    controls=hipaa("308(a)(7)(ii)(A)"),
    types=(PLAN,),
    way_out="set deleteAfter to 7 or more",
    check=_check,
)
