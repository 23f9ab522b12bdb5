"""Logs are kept for a year."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from domain.retention import LOG_DAYS
from policies.model import Breach, Rule, Severity, View, fsbp, hipaa
from policies.names import LOG_GROUP
from policies.values import below


def _check(view: View) -> Iterator[Breach]:
    for group in view.of(LOG_GROUP):
        days = group.at("retentionInDays")
        if days and below(days, LOG_DAYS):  # none, or 0, keeps them for ever
            yield Breach(group.urn, f"logs are deleted after {days} days, not {LOG_DAYS}")


RULE: Final = Rule(
    name="no-short-log-retention",
    title="Logs are kept for a year",
    severity=Severity.MEDIUM,
    controls=(*hipaa("312(b)"), *fsbp("CloudWatch.16")),
    types=(LOG_GROUP,),
    way_out="set retentionInDays to 365 or more",
    check=_check,
)
