"""The database that is written and the cache survive the loss of a zone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policies.model import Breach, Rule, Severity, View, fsbp, hipaa
from policies.names import CACHE, DATABASE
from policies.values import off


def _check(view: View) -> Iterator[Breach]:
    # After a failover the old writer is kept aside, as nobody's replica, in one zone: it is enough that one has two.
    alone = [item for item in view.of(DATABASE) if item.at("replicateSourceDb") is None]
    if all(off(item.at("multiAz")) for item in alone):
        for item in alone:
            yield Breach(item.urn, "it stands in one zone")
    for item in view.of(CACHE):
        if off(item.at("multiAzEnabled")) or off(item.at("automaticFailoverEnabled")):
            yield Breach(item.urn, "it does not fail over to another zone")


RULE: Final = Rule(
    name="no-single-zone-store",
    title="Stores survive the loss of a zone",
    severity=Severity.MEDIUM,
    controls=(*hipaa("308(a)(7)(i)"), *fsbp("RDS.5", "ElastiCache.3")),
    types=(DATABASE, CACHE),
    way_out="set multiAz; for a cache multiAzEnabled and automaticFailoverEnabled",
    check=_check,
)
