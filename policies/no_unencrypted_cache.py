"""Caches are encrypted at rest."""

from __future__ import annotations

from typing import Final

from policies.model import Rule, Severity, fsbp, hipaa
from policies.names import CACHE
from policies.simple import Demand, demand
from policies.values import off

_DEMANDS: Final = (Demand(CACHE, "atRestEncryptionEnabled", off, "what the cache writes to disk is not encrypted"),)

RULE: Final = Rule(
    name="no-unencrypted-cache",
    title="Caches are encrypted at rest",
    severity=Severity.HIGH,
    controls=(*hipaa("312(a)(2)(iv)"), *fsbp("ElastiCache.4")),
    types=(CACHE,),
    way_out="set atRestEncryptionEnabled, and kmsKeyId to the side's key",
    check=demand(*_DEMANDS),
)
