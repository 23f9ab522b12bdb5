"""No function runs on a runtime that AWS no longer mends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policies.lifecycles import AS_OF, RUNTIMES
from policies.model import Breach, Rule, Severity, View, fsbp, hipaa
from policies.names import FUNCTION


def _check(view: View) -> Iterator[Breach]:
    for item in view.of(FUNCTION):
        runtime = item.at("runtime")
        if not isinstance(runtime, str):
            continue  # an image brings its own
        end = RUNTIMES.get(runtime)
        if runtime not in RUNTIMES:
            yield Breach(item.urn, f"{runtime} is not known to be supported as of {AS_OF.isoformat()}")
        elif end is not None and view.today > end:
            yield Breach(item.urn, f"support of {runtime} ended on {end.isoformat()}")


RULE: Final = Rule(
    name="no-deprecated-runtime",
    title="No runtime is out of support",
    severity=Severity.HIGH,
    controls=(*hipaa("308(a)(5)(ii)(B)"), *fsbp("Lambda.2")),
    types=(FUNCTION,),
    way_out="move to a supported runtime; if it is one, add it with its date to policies/lifecycles.py",
    check=_check,
)
