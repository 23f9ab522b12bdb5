"""What a run writes at its end: measures, verdict and findings, from its entries alone. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ops.drill.model import Plan
from ops.drill.ports import Judgement
from ops.drill.report.build import build

_IN_JOURNAL: Final = {"samples", "answers", "visits"}
"""Measures that only repeat what the journal's entries say one by one."""


def conclude(plan: Plan, entries: Sequence[Mapping[str, Any]]) -> Judgement:
    """The end of the run of `plan` that has `entries`."""
    found = build(plan, entries, run="")
    return Judgement(
        verdict=found.verdict,
        reasons=tuple(reason.text for reason in found.reasons),
        measures=found.measures.model_dump(mode="json", exclude=_IN_JOURNAL),
        findings=[
            finding.model_dump(mode="json", include={"severity", "title", "text", "remedy"})
            for finding in found.findings
        ],
    )
