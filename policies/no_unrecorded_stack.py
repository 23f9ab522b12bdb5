"""Whatever keeps data has an audit trail."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policies.model import Breach, Rule, Severity, View, cis, fsbp, hipaa
from policies.names import BUCKET, DATABASE, TRAIL
from policies.values import complete, every

_OBJECTS: Final = "AWS::S3::Object"


def _check(view: View) -> Iterator[Breach]:
    kept = next(view.of(DATABASE, BUCKET), None)
    if kept is not None and not any(_records(item.at("advancedEventSelectors")) for item in view.of(TRAIL)):
        yield Breach(kept.urn, "no trail of the stack records who reads and changes objects")


def _records(selectors: object) -> bool:
    """Whether reads and writes of objects are recorded, or may be."""
    return not complete(selectors) or _OBJECTS in set(every(selectors, "fieldSelectors.equals"))


RULE: Final = Rule(
    name="no-unrecorded-stack",
    title="Whatever keeps data has an audit trail",
    severity=Severity.HIGH,
    controls=(*hipaa("312(b)", "308(a)(1)(ii)(D)"), *cis("3.1", "3.8", "3.9"), *fsbp("CloudTrail.1")),
    types=(TRAIL,),
    way_out="give the stack a Trail with selectors for its buckets and functions",
    check=_check,
)
