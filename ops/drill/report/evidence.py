"""What in a drill's report serves which rule, and how far. Pure.

The clauses are those that name testing, availability and restoration. It is a map for auditors and no legal advice: a
drill shows that something was done once, on the day that it was done.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from ops.drill.model import Kind, Verdict
from ops.drill.report.model import Evidence

_SIMULATED = "Carried out in the local cloud: shows order, rules and software, not AWS's own times"
_REAL = "Shows this cell on this day"


class Conducted(Protocol):
    """What of a plan decides how far its run is evidence; a `Plan` is one."""

    @property
    def kind(self) -> Kind:
        """What was drilled."""

    @property
    def simulated(self) -> bool:
        """Whether it was carried out in the local cloud."""


def evidence(plan: Conducted, verdict: Verdict) -> Iterator[Evidence]:
    """The map for the run of `plan` that ended in `verdict`."""
    how_far = f"{_SIMULATED if plan.simulated else _REAL}. Verdict: {verdict}"
    tested = "Verdict and reasons; time to recover by phase against targets; findings with owner and due date"
    yield Evidence(
        framework="HIPAA",
        clause="45 CFR 164.308(a)(7)(ii)(D)",
        asks="Contingency plans are tested periodically, and revised",
        here=f"{tested}; deviations from the plan",
        limit=how_far,
    )
    yield Evidence(
        framework="HIPAA",
        clause="45 CFR 164.308(a)(7)(ii)(B)",
        asks="Lost data can be restored by an established procedure",
        here="Rows and objects acknowledged, found and lost, with checksums; steps with their outcomes",
        limit=how_far if plan.kind in _MOVES else "No data were moved in a drill of this kind",
    )
    yield Evidence(
        framework="HIPAA",
        clause="45 CFR 164.312(b) and 164.316(b)(2)(i)",
        asks="Activity is recorded and examined; documentation is kept six years",
        here="Hash of the journal's head, over every entry; hashes of plan, code and manifest",
        limit="Keeping this file and its journal for six years is up to whoever holds them",
    )
    yield Evidence(
        framework="ISO/IEC 27001:2022",
        clause="A.5.30",
        asks="ICT readiness for business continuity is planned, maintained and tested against its objectives",
        here="Targets against results; phases against their budgets; participants and approvers",
        limit=how_far,
    )
    yield Evidence(
        framework="ISO/IEC 27001:2022",
        clause="A.8.13",
        asks="Backup copies are maintained and regularly tested",
        here="Copies of rows and objects looked for by number and checksum",
        limit="Replication, not backups: these have restore tests of their own, every week",
    )
    yield Evidence(
        framework="ISO/IEC 27001:2022",
        clause="A.8.14",
        asks="Processing facilities have redundancy enough for their availability",
        here="Who answered the client over time; capacity in service; time to recover reads and writes",
        limit=how_far,
    )
    yield Evidence(
        framework="GDPR",
        clause="Art. 32(1)(c)",
        asks="Availability of and access to personal data are restored in a timely manner",
        here="Time to recover reads and writes as a client saw it; loss of rows and objects",
        limit=how_far,
    )
    yield Evidence(
        framework="GDPR",
        clause="Art. 32(1)(d)",
        asks="The effectiveness of measures is regularly tested, assessed and evaluated",
        here=tested,
        limit="One drill is no regularity: the history of runs shows it",
    )
    yield Evidence(
        framework="SOC 2",
        clause="A1.3",
        asks="Recovery plan procedures are tested, at least yearly",
        here="Actual time to recover and actual loss of data; scope, participants, integrity checks",
        limit=how_far,
    )


_MOVES = frozenset({Kind.FAILOVER, Kind.SWITCHOVER, Kind.FAILBACK})
