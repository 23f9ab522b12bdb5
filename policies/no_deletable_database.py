"""A database cannot be deleted by a slip, and leaves a final snapshot."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policies.model import Breach, Rule, Severity, View, fsbp, hipaa
from policies.names import DATABASE
from policies.simple import lasting
from policies.values import off, on


def _check(view: View) -> Iterator[Breach]:
    for item in view.of(DATABASE):
        if off(item.at("deletionProtection")):
            yield Breach(item.urn, "AWS would delete it when asked to")
        if item.at("replicateSourceDb") is None and on(item.at("skipFinalSnapshot")):
            yield Breach(item.urn, "it would leave no final snapshot")


RULE: Final = Rule(
    name="no-deletable-database",
    title="Databases are protected from deletion",
    severity=Severity.HIGH,
    controls=(*hipaa("308(a)(7)(ii)(A)", "312(c)(1)"), *fsbp("RDS.8")),
    types=(DATABASE,),
    way_out="set deletionProtection, and a finalSnapshotIdentifier without skipFinalSnapshot",
    check=lasting(_check),
)
