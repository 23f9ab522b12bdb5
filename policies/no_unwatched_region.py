"""In the regions that a stack owns, detectors are on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from policies import owners
from policies.model import Breach, Rule, Severity, View, cis, fsbp, hipaa
from policies.values import denied

_DETECTOR: Final = "aws:guardduty/detector:Detector"
_RECORDING: Final = "aws:cfg/recorderStatus:RecorderStatus"
# The input by which each is switched off, if it has one.
_DETECTORS: Final[Mapping[str, str]] = {
    _DETECTOR: "enable",
    _RECORDING: "isEnabled",
    "aws:securityhub/account:Account": "",
    "aws:accessanalyzer/analyzer:Analyzer": "",
    "aws:inspector2/enabler:Enabler": "",
}


def _check(view: View) -> Iterator[Breach]:
    for region, claim in owners.regions(view):
        for type_, switch in _DETECTORS.items():
            found = owners.standing(view, type_, region)
            if not found:
                yield Breach(claim.urn, f"{region} is the stack's own and has no {type_.rpartition(':')[2]}")
            elif switch and all(denied(item.at(switch)) for item in found):
                yield Breach(found[0].urn, f"it is switched off, and {region} is the stack's own")


RULE: Final = Rule(
    name="no-unwatched-region",
    title="A region that a stack owns is watched",
    severity=Severity.HIGH,
    controls=(
        *hipaa("308(a)(1)(ii)(D)", "308(a)(5)(ii)(B)"),
        *cis("1.20", "3.3", "4.16"),
        *fsbp("Config.1", "GuardDuty.1", "IAM.28", "Inspector.1"),
    ),
    types=tuple(_DETECTORS),
    way_out="make GuardDuty, Security Hub, AWS Config, IAM Access Analyzer and Inspector there; or let another stack "
    "own the region",
    check=_check,
)
