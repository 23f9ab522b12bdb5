"""Caches take TLS only, and a token."""

from __future__ import annotations

from typing import Final

from policies.model import Rule, Severity, fsbp, hipaa
from policies.names import CACHE
from policies.simple import Demand, demand
from policies.values import differs, off

_DEMANDS: Final = (
    Demand(CACHE, "transitEncryptionEnabled", off, "the cache is spoken to in clear"),
    Demand(
        CACHE,
        "transitEncryptionMode",
        lambda value: differs(value, "required", None),
        "the cache may be spoken to in clear",
    ),
    Demand(CACHE, "authToken", lambda value: value is None, "the cache asks for no token"),
)

RULE: Final = Rule(
    name="no-plaintext-cache",
    title="Caches take TLS and a token only",
    severity=Severity.HIGH,
    controls=(*hipaa("312(e)(1)", "312(d)"), *fsbp("ElastiCache.5", "ElastiCache.6")),
    types=(CACHE,),
    way_out="set transitEncryptionEnabled, transitEncryptionMode required and an authToken",
    check=demand(*_DEMANDS),
)
