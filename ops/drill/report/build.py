"""Makes a drill's report from its plan and its journal's entries. Pure: the same entries give the same report.

What the journal says of its own verdict is not taken over: measures and verdict are made anew from the entries.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from ops.drill.measure import begin, measure
from ops.drill.measures import Measures, Recovery
from ops.drill.model import Kind, Outcome, Phase, Plan
from ops.drill.promised import awaited
from ops.drill.report.evidence import evidence
from ops.drill.report.findings import deviations, findings
from ops.drill.report.model import Figure, Hashes, PhaseTime, Report, Scope, State, StepRow, StepState
from ops.drill.report.words import count, plain, seconds
from ops.drill.taken import WELL, Taken, only, taken
from ops.drill.verdict import PLANNED, judge

_NAMED: Final = ("by", "name", "approver", "role", "at", "expires")
"""The fields of a participant or approval that a report shows."""


def build(plan: Plan, entries: Iterable[Mapping[str, Any]], run: str) -> Report:
    """The report of the run called `run`."""
    entries = list(entries)
    measures = measure(entries)
    judgement = judge(plan, entries, measures)
    steps = tuple(_steps(plan, entries, measures.origin))
    said = begin(entries)
    return Report(
        run=run,
        title=f"{plan.kind.capitalize()} drill of cell {plan.cell}",
        simulated=plan.simulated,
        verdict=judgement.verdict,
        reasons=tuple(
            reason.model_copy(update={"value": plain(reason.value), "rule": plain(reason.rule)})
            for reason in judgement.reasons
        ),
        scope=_scope(plan, measures),
        participants=(
            *(_person(person) for person in said.get("participants") or ()),
            *(f"{_person(entry['data']['by'])} (decided)" for entry in only(entries, "decided")),
        ),
        approvers=tuple(_person(person) for person in said.get("approvals") or ()),
        hashes=Hashes(
            plan=plan.hash,
            code=plan.code,
            manifest=plan.manifest,
            journal=str(entries[-1]["hash"]) if entries else "",
        ),
        targets=plan.targets,
        figures=tuple(_figures(plan, measures)),
        phases=tuple(_phases(steps, measures)),
        steps=steps,
        measures=measures,
        deviations=tuple(deviations(plan, entries, steps, measures.origin)),
        findings=findings(plan, entries, measures, judgement, steps),
        evidence=tuple(evidence(plan, judgement.verdict)),
    )


def _scope(plan: Plan, measures: Measures) -> Scope:
    def shown(moment: datetime | None) -> str:
        return f"{moment:%Y-%m-%d %H:%M:%S} UTC" if moment else ""

    return Scope(
        kind=plan.kind,
        cell=plan.cell,
        site=plan.site,
        account_id=plan.account_id,
        home_region=plan.home_region,
        recovery_region=plan.recovery_region,
        faults=plan.faults,
        seed=plan.seed,
        began=shown(measures.began),
        ended=shown(measures.ended),
    )


def _person(said: object) -> str:
    if isinstance(said, Mapping):
        return plain(", ".join(str(said[name]) for name in _NAMED if said.get(name)))
    return plain(said)


def _steps(plan: Plan, entries: Sequence[Mapping[str, Any]], origin: datetime | None) -> Iterator[StepRow]:
    found = {step.id: step for step in taken(entries)}

    def offset(moment: datetime | None) -> float | None:
        return round((moment - origin).total_seconds(), 3) if moment and origin else None

    for step in plan.steps:
        went = found.get(step.id)
        counts_from = found.get(step.since) or went
        budget_began = counts_from.began if counts_from else None
        yield StepRow(
            id=step.id,
            phase=step.phase,
            title=plain(step.title),
            state=_state(went, step.timeout_seconds, budget_began),
            outcome=went.outcome or "" if went else "",
            began=offset(went.began) if went else None,
            ended=offset(went.ended) if went else None,
            seconds=went.seconds if went else None,
            budget_began=offset(budget_began),
            budget_seconds=step.timeout_seconds,
            alongside=bool(step.since),
            text=plain(went.text) if went else "",
        )


def _state(went: Taken | None, budget: int, budget_began: datetime | None) -> StepState:
    if went is None or went.outcome is Outcome.SKIPPED:
        return "not taken"
    if went.outcome is Outcome.FAILED:
        return "failed"
    if went.outcome is Outcome.OVERRIDDEN:
        return "overridden"
    if went.outcome not in WELL:
        return "not shown"
    if went.outcome is Outcome.ALREADY:  # it may have held long before the drill came to ask
        return "well"
    late = went.ended and budget_began and (went.ended - budget_began).total_seconds() > budget
    return "over" if late else "well"


def _phases(steps: Sequence[StepRow], measures: Measures) -> Iterator[PhaseTime]:
    """The phases from the time line's zero on. What counts from another step runs alongside, and adds no budget."""
    later = [step for step in steps if step.ended is None or step.ended > 0]
    for phase in Phase:
        if any(step.phase is phase for step in later):
            alone = [step for step in later if step.phase is phase and not step.alongside]
            yield PhaseTime(
                phase=phase,
                reads_seconds=_spent(measures.reads, phase),
                writes_seconds=_spent(measures.writes, phase),
                budget_seconds=sum(step.budget_seconds for step in alone),
            )


def _spent(recovery: Recovery, phase: Phase) -> float | None:
    return None if recovery.seconds is None else recovery.by_phase.get(phase, 0)


def _figures(plan: Plan, measures: Measures) -> Iterator[Figure]:
    if plan.kind is Kind.READINESS:
        return
    yield _time("Reads back (RTO)", measures.reads, plan.targets.reads_seconds)
    yield _time("Writes back (RTO)", measures.writes, plan.targets.writes_seconds)
    if plan.kind is Kind.GAMEDAY:
        return
    yield from _journeys(plan, measures)
    yield _rows(plan, measures)
    objects = measures.objects
    state: State = "no data" if objects.lost is None else "noted"
    if plan.kind in PLANNED and objects.lost is not None:
        state = "missed" if objects.lost else "met"
    yield Figure(
        name="Objects lost",
        value="no data" if objects.lost is None else f"{objects.lost}",
        target="0" if plan.kind in PLANNED else "no target",
        state=state,
        note=f"of {objects.acknowledged} acknowledged; {objects.late or 0} came late",
    )
    most = measures.writers.most
    yield Figure(
        name="Writers at once",
        value="no data" if most is None else f"{most}",
        target="at most 1",
        state="no data" if most is None else "met" if most <= 1 else "missed",
        note=f"{count(measures.writers.checks, 'look')} in both regions",
    )


def _time(name: str, recovery: Recovery, target: int) -> Figure:
    took = recovery.seconds if recovery.seconds is not None else recovery.waited_seconds
    if took is None:
        state: State = "no data"
    elif took > target:
        state = "missed"
    else:
        state = "met" if recovery.seconds is not None else "no data"
    note = f"{count(recovery.tries, 'visit')}, {recovery.failed} without"
    if recovery.seconds is None and took is not None:
        note = f"not back when last tried; {note}"
    share = took / target if took is not None and target else None
    return Figure(
        name=name, value=seconds(took), target=f"at most {seconds(target)}", state=state, note=note, share=share
    )


def _journeys(plan: Plan, measures: Measures) -> Iterator[Figure]:
    """The journey that came back last as a part of what it promised, and when each did."""
    names, walks = awaited(plan), measures.journeys.walks
    if not names:
        return
    promised = {name: plan.targets.journeys[name].rto_seconds for name in names}
    seen = [name for name in names if name in walks]
    worst = max(seen, key=lambda name: walks[name].seconds / promised[name], default=names[0])
    late = any(walks[name].seconds > promised[name] for name in seen)
    state: State = "missed" if late else "met" if len(seen) == len(names) else "no data"
    took = walks[worst].seconds if seen else None
    yield Figure(
        name="Journeys back (RTO)",
        value=seconds(took),
        target=f"at most {seconds(promised[worst])}",
        state=state,
        note=", ".join(f"{name} {seconds(walks[name].seconds if name in walks else None)}" for name in names),
        share=took / promised[worst] if took is not None and promised[worst] else None,
    )


def _rows(plan: Plan, measures: Measures) -> Figure:
    rows, most = measures.rows, 0 if plan.kind in PLANNED else plan.targets.data_loss_seconds
    bad = bool(rows.lost) if plan.kind in PLANNED else (rows.seconds or 0) > most
    known = rows.lost is not None and rows.seconds is not None
    lost = "no data" if rows.lost is None else f"{rows.lost} lost"
    return Figure(
        name="Rows lost (RPO)",
        value=seconds(rows.seconds),
        target=f"at most {seconds(most)}",
        state="no data" if not known else "missed" if bad else "met",
        note=f"{lost} of {rows.acknowledged} acknowledged",
        share=(rows.seconds or 0) / most if known and most else None,
    )
