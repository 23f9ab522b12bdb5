"""What went otherwise than planned, and the gaps that somebody must close. Pure.

Findings come from three places: those that the drill noted itself, the reasons of a verdict that is not PASSED, and
what the measures show although every target was met.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from ops.drill.measures import Measures
from ops.drill.model import Kind, Outcome, Plan, Verdict
from ops.drill.report.model import Deviation, Finding, Severity, StepRow
from ops.drill.report.words import count, plain, seconds
from ops.drill.taken import at
from ops.drill.verdict import Judgement

NARROW: Final = 0.8
"""The share of its time-out above which a step that ended well had little room left."""

_WAITS: Final = frozenset({"passed", "decided"})
_SEVERITIES: Final[Mapping[str, Severity]] = {"high": "high", "medium": "medium", "low": "low"}


def deviations(
    plan: Plan, entries: Sequence[Mapping[str, Any]], steps: Sequence[StepRow], origin: datetime | None
) -> Iterator[Deviation]:
    """Overrides, steps that were not simply done, and whatever interrupted the run; in order of time."""
    found = [*_of_entries(entries, origin), *_of_steps(plan, steps)]
    yield from sorted(found, key=lambda item: (item.offset is None, item.offset or 0))


def _of_entries(entries: Sequence[Mapping[str, Any]], origin: datetime | None) -> Iterator[Deviation]:
    words = {
        "resume": "the run was cut short, and resumed",
        "recovered": "the journal's end was torn, and cut off",
        "stop": "a stop condition ended the run",
        "abort": "a person ended the run",
    }
    for entry in entries:
        kind, data = entry["kind"], entry["data"]
        if kind in words:
            said = f"{data['bytes']} bytes" if kind == "recovered" else data.get("text", "")
            offset = (at(entry) - origin).total_seconds() if origin else None
            yield Deviation(offset=offset, what=words[kind], text=plain(said))


def _of_steps(plan: Plan, steps: Sequence[StepRow]) -> Iterator[Deviation]:
    overrides = {step.id: step.override for step in plan.steps}
    for step in steps:
        if step.state == "overridden":
            text = f"override: {overrides.get(step.id, '')}; {step.text}"
        elif step.state in {"well", "not taken"} and step.outcome != Outcome.SKIPPED:
            continue
        elif step.state == "over":
            text = f"took {seconds(step.seconds)} of {step.budget_seconds} s, and ended well"
        else:
            text = f"{step.outcome or 'did not end'}: {step.text}"
        yield Deviation(offset=step.ended, what=f"step {step.id}", text=plain(text))


def findings(
    plan: Plan,
    entries: Sequence[Mapping[str, Any]],
    measures: Measures,
    judgement: Judgement,
    steps: Sequence[StepRow],
) -> tuple[Finding, ...]:
    """All of them, the gravest first, numbered."""
    order = list(_SEVERITIES)
    found = [*_of_verdict(judgement), *_noted(entries), *_of_overrides(steps), *_of_measures(plan, measures, steps)]
    ordered = sorted(found, key=lambda item: order.index(item.severity))
    return tuple(item.model_copy(update={"number": place}) for place, item in enumerate(ordered, 1))


def _finding(severity: Severity, title: str, text: str, remedy: str) -> Finding:
    return Finding(number=0, severity=severity, title=plain(title), text=plain(text), remedy=plain(remedy))


def _of_verdict(judgement: Judgement) -> Iterator[Finding]:
    for reason in judgement.reasons:
        if reason.verdict is not Verdict.PASSED:
            severity: Severity = "high" if reason.verdict is Verdict.FAILED else "medium"
            yield _finding(severity, reason.about, f"{reason.value}; the rule is: {reason.rule}", reason.remedy)


def _noted(entries: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    """What was noted under way. What was concluded at an end (behind `measure`) is concluded here anew."""
    concluding = False
    for entry in entries:
        if entry["kind"] in {"measure", "resume"}:
            concluding = entry["kind"] == "measure"
        elif entry["kind"] == "finding" and not concluding:
            data = entry["data"]
            severity = _SEVERITIES.get(data["severity"], "medium")
            yield _finding(severity, data["title"], data["text"], data["remedy"])


def _of_overrides(steps: Sequence[StepRow]) -> Iterator[Finding]:
    for step in steps:
        if step.state == "overridden":
            yield _finding(
                "medium",
                f"{step.id} was overridden",
                f'"{step.title}": {step.text}',
                "Do it before anything else once the region answers again",
            )


def _of_measures(plan: Plan, measures: Measures, steps: Sequence[StepRow]) -> Iterator[Finding]:
    for name, recovery in (("Reads", measures.reads), ("Writes", measures.writes)):
        if recovery.again_seconds:
            yield _finding(
                "low",
                f"{name} were interrupted again",
                f"{seconds(recovery.again_seconds)} in all besides the {seconds(recovery.seconds)} that count",
                "See which step it fell into; a promotion restarts the database, during which nothing is answered",
            )
    if measures.rows.lost and plan.kind is Kind.FAILOVER:
        yield _finding(
            "medium",
            "Acknowledged rows are in home alone",
            f"{count(measures.rows.lost, 'row')}, {seconds(measures.rows.seconds)} of writing",
            "Keep home's old database aside, and bring over what it alone has",
        )
    if measures.objects.lost and plan.kind is Kind.FAILOVER:
        yield _finding(
            "medium",
            "Acknowledged objects had not arrived",
            count(measures.objects.lost, "object"),
            "Look for them again when home is back: replication goes on from there",
        )
    # Some steps only wait, and a look has no time of its own.
    bounded = {step.id for step in plan.steps if step.timeout_seconds and step.postcondition.probe not in _WAITS}
    for step in steps:
        if step.id in bounded and step.state == "well" and (step.seconds or 0) > NARROW * step.budget_seconds:
            yield _finding(
                "low",
                f"{step.id} had little room left",
                f"{seconds(step.seconds)} of {step.budget_seconds} s",
                "Shorten it, or give it more of the target",
            )
