"""Keys are rotated every year."""

from __future__ import annotations

from typing import Final

from policies.model import Rule, Severity, cis, fsbp, hipaa
from policies.names import KEY
from policies.simple import Demand, demand
from policies.values import off

_DEMANDS: Final = (Demand(KEY, "enableKeyRotation", off, "the key is not rotated"),)

RULE: Final = Rule(
    name="no-key-without-rotation",
    title="Keys are rotated every year",
    severity=Severity.MEDIUM,
    controls=(*hipaa("312(a)(2)(iv)"), *cis("3.6"), *fsbp("KMS.4")),
    types=(KEY,),
    way_out="set enableKeyRotation",
    check=demand(*_DEMANDS),
)
