"""The audit trail covers every region and proves that its files are unchanged."""

from __future__ import annotations

from typing import Final

from policies.model import Rule, Severity, cis, fsbp, hipaa
from policies.names import TRAIL
from policies.simple import Demand, demand
from policies.values import denied, off

_DEMANDS: Final = (
    Demand(TRAIL, "enableLogFileValidation", off, "nothing proves that its files are unchanged"),
    Demand(TRAIL, "isMultiRegionTrail", off, "it covers one region only"),
    Demand(TRAIL, "enableLogging", denied, "it is switched off"),
    Demand(TRAIL, "includeGlobalServiceEvents", denied, "it leaves IAM and STS out"),
)

RULE: Final = Rule(
    name="no-unvalidated-trail",
    title="The audit trail is whole and provably unchanged",
    severity=Severity.HIGH,
    controls=(*hipaa("312(b)", "312(c)(1)"), *cis("3.1", "3.2"), *fsbp("CloudTrail.1", "CloudTrail.4")),
    types=(TRAIL,),
    way_out="set enableLogFileValidation and isMultiRegionTrail, and do not switch logging off",
    check=demand(*_DEMANDS),
)
