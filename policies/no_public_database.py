"""No database has an address that the internet can reach."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policies.model import Breach, Rule, Severity, View, cis, fsbp, hipaa
from policies.values import on

_TYPES: Final = (
    "aws:rds/instance:Instance",
    "aws:rds/clusterInstance:ClusterInstance",
)


def _check(view: View) -> Iterator[Breach]:
    for item in view.of(*_TYPES):
        if on(item.at("publiclyAccessible")):
            yield Breach(item.urn, "the database is given a public address")


RULE: Final = Rule(
    name="no-public-database",
    title="No database is reachable from the internet",
    severity=Severity.CRITICAL,
    controls=(*hipaa("312(a)(1)", "312(e)(1)"), *cis("2.3.3"), *fsbp("RDS.2")),
    types=_TYPES,
    way_out="set publiclyAccessible to false; applications reach the database from the VPC",
    check=_check,
)
