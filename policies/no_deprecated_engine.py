"""No database or cache runs a version that its vendor no longer mends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policies.lifecycles import AS_OF, ENGINES
from policies.model import Breach, Rule, Severity, View, fsbp, hipaa
from policies.names import CACHE, DATABASE

_CLUSTER: Final = "aws:rds/cluster:Cluster"


def _check(view: View) -> Iterator[Breach]:
    for item in view.of(DATABASE, CACHE, _CLUSTER):
        engine, version = item.at("engine"), item.at("engineVersion")
        if not isinstance(engine, str) or not isinstance(version, str):
            continue  # a replica takes both from its source
        ends = ENGINES.get(engine)
        release = next((one for one in ends or () if version == one or version.startswith(f"{one}.")), None)
        end = ends[release] if ends and release else None
        if release is None:
            yield Breach(item.urn, f"{engine} {version} is not known to be supported as of {AS_OF.isoformat()}")
        elif end is not None and view.today > end:
            yield Breach(item.urn, f"support of {engine} {version} ended on {end.isoformat()}")


RULE: Final = Rule(
    name="no-deprecated-engine",
    title="No engine is out of support",
    severity=Severity.HIGH,
    controls=(*hipaa("308(a)(5)(ii)(B)", "308(a)(1)(ii)(B)"), *fsbp("RDS.13")),
    types=(DATABASE, CACHE, _CLUSTER),
    way_out="upgrade to a supported version; if it is one, add it with its date to policies/lifecycles.py",
    check=_check,
)
