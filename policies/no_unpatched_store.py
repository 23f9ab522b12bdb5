"""Databases and caches take minor versions by themselves."""

from __future__ import annotations

from typing import Final

from policies.model import Rule, Severity, cis, fsbp, hipaa
from policies.names import CACHE, DATABASE
from policies.simple import Demand, demand
from policies.values import denied

_DEMANDS: Final = (
    Demand(
        DATABASE,
        "autoMinorVersionUpgrade",
        denied,
        "it takes no minor versions by itself",
    ),
    Demand(
        CACHE,
        "autoMinorVersionUpgrade",
        denied,
        "it takes no minor versions by itself",
    ),
)

RULE: Final = Rule(
    name="no-unpatched-store",
    title="Stores take minor versions by themselves",
    severity=Severity.MEDIUM,
    controls=(*hipaa("308(a)(5)(ii)(B)"), *cis("2.3.2"), *fsbp("RDS.13", "ElastiCache.2")),
    types=(DATABASE, CACHE),
    way_out="set autoMinorVersionUpgrade",
    check=demand(*_DEMANDS),
)
