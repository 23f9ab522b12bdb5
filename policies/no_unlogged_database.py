"""Databases export their logs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policies.model import Breach, Rule, Severity, View, fsbp, hipaa
from policies.names import DATABASE
from policies.values import UNKNOWN, each, is_unknown

_EXPORTS: Final = {"error", "slowquery"}


def _check(view: View) -> Iterator[Breach]:
    for item in view.of(DATABASE):
        exports = item.at("enabledCloudwatchLogsExports")
        if is_unknown(exports) or (isinstance(exports, list) and UNKNOWN in exports):
            continue
        lacking = sorted(_EXPORTS - set(each(exports)))
        if lacking:
            yield Breach(item.urn, f"the log {', '.join(lacking)} is not exported")


RULE: Final = Rule(
    name="no-unlogged-database",
    title="Databases export their logs",
    severity=Severity.MEDIUM,
    controls=(*hipaa("312(b)"), *fsbp("RDS.9")),
    types=(DATABASE,),
    way_out="name error and slowquery in enabledCloudwatchLogsExports",
    check=_check,
)
