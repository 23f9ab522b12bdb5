"""What a drill has shown: passed, failed or inconclusive, and why. Pure.

A drill passes only if it has shown everything that it was to show: every step ended well, every measure that its kind
needs has data, targets are met, a planned move lost nothing, and there was never more than one writer. What was seen to
be wrong fails it, whatever else is missing. What was not seen at all makes it inconclusive, and that is not passed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from ops.drill import promised
from ops.drill.measure import GAINING, LOSS
from ops.drill.measures import Measures, Recovery
from ops.drill.model import Kind, Outcome, Part, Plan, Step, Verdict
from ops.drill.reason import Reason
from ops.drill.taken import WELL, only, taken

Entries: TypeAlias = Sequence[Mapping[str, Any]]
PLANNED: Final = frozenset({Kind.SWITCHOVER, Kind.FAILBACK})
"""Kinds in which nothing that was acknowledged may be lost."""

_CHECK: Final = "parity"
_UNTOUCHED: Final = frozenset({None, Outcome.SKIPPED})


class Judgement(Part):
    """The verdict, with a reason for each rule that was not kept; if it is PASSED, with one that says so."""

    verdict: Verdict
    reasons: tuple[Reason, ...]


def judge(plan: Plan, entries: Iterable[Mapping[str, Any]], measures: Measures) -> Judgement:
    """The verdict on the run of `plan` that has `entries` and `measures`."""
    entries = list(entries)
    wrong = (*_steps(plan, entries), *_stops(entries), *_kept(plan, measures))
    unseen = (*_happened(plan, entries, measures), *_data(plan, measures))
    reasons = (*wrong, *unseen)
    return Judgement(verdict=_worst(reasons, unseen), reasons=reasons or (_passed(plan, entries),))


def _worst(reasons: Iterable[Reason], unseen: Iterable[Reason]) -> Verdict:
    found = {reason.verdict for reason in reasons}
    # Without the fault nothing that went wrong is about the fault; but two writers are wrong at any time.
    absent = any(reason.about == "fault" for reason in unseen)
    if Verdict.FAILED in found and absent:
        split = any(reason.about == "writers" and reason.verdict is Verdict.FAILED for reason in reasons)
        return Verdict.FAILED if split else Verdict.INCONCLUSIVE
    return next((one for one in (Verdict.FAILED, Verdict.INCONCLUSIVE) if one in found), Verdict.PASSED)


def _passed(plan: Plan, entries: Entries) -> Reason:
    noted = [step.id for step in taken(entries) if step.outcome not in WELL]
    ended = f"{len(plan.steps) - len(noted)} of {len(plan.steps)} steps ended well, and every measure has data"
    return Reason(
        verdict=Verdict.PASSED,
        about="all",
        value=ended + (f"; noted and not judged: {', '.join(noted)}" if noted else ""),
        rule="targets met, nothing lost beyond them, never more than one writer",
        remedy="Repeat it as often as your policy asks, at least yearly",
    )


def _judged(step: Step, outcome: Outcome | None) -> bool:
    """Whether how `step` ended counts. Of a check that is noted only the lack of data is not judged."""
    lacking = step.postcondition.probe != _CHECK or outcome is Outcome.INCONCLUSIVE
    return not (step.on_timeout == "note" and lacking)


def _steps(plan: Plan, entries: Entries) -> Iterator[Reason]:
    found = {step.id: step for step in taken(entries)}
    for step in plan.steps:
        went = found.get(step.id)
        if went and went.outcome not in {*_UNTOUCHED, *WELL} and _judged(step, went.outcome):
            yield Reason(
                verdict=Verdict.INCONCLUSIVE if went.outcome is Outcome.INCONCLUSIVE else Verdict.FAILED,
                about=f"step {step.id}",
                value=f'"{step.title}" {went.outcome}' + (f": {went.text}" if went.text else ""),
                rule=_bound(step),
                remedy="Mend what the step names, then rehearse again",
            )
    untouched = [step.id for step in plan.steps if step.id not in found or found[step.id].outcome in _UNTOUCHED]
    if untouched:
        yield Reason(
            verdict=Verdict.INCONCLUSIVE,
            about="steps not taken",
            value=f"{len(untouched)} of {len(plan.steps)} did not end: {', '.join(untouched)}",
            rule="every step of the plan ends",
            remedy="Resume the run, or mend what stopped it and begin a new one",
        )


def _bound(step: Step) -> str:
    within = f" within {step.timeout_seconds} s" if step.timeout_seconds else ""
    return f"the step ends{within} with what it is to bring about"


def _stops(entries: Entries) -> Iterator[Reason]:
    """What stopped the run for good. What it was resumed after is a deviation, which the report tells."""
    resumed = max((place for place, entry in enumerate(entries) if entry["kind"] == "resume"), default=0)
    for entry in only(entries[resumed:], "stop"):
        data = entry["data"]
        yield Reason(
            verdict=Verdict.FAILED,
            about="stop condition",
            value=f"{data['probe']} no longer held: {data['text']}",
            rule="what is watched throughout a drill holds until its end",
            remedy="See that exactly one side takes writes before anything else, then look for the cause",
        )
    for entry in only(entries, "abort"):
        yield Reason(
            verdict=Verdict.INCONCLUSIVE,
            about="abort",
            value=f"a person ended the drill: {entry['data']['text']}",
            rule="an aborted drill has shown nothing",
            remedy="Put the cell back into a state that the program knows, and begin anew",
        )


def _happened(plan: Plan, entries: Entries, measures: Measures) -> Iterator[Reason]:
    """Whether the faults of the plan came about and, in a failover, whether a client noticed."""
    injected = {entry["data"]["fault"] for entry in only(entries, "fault") if entry["data"]["on"]}
    missing = [name for name in plan.faults if name not in injected]
    if missing and plan.simulated:
        yield _absent(f"{', '.join(missing)} was never injected")
    if plan.kind is Kind.FAILOVER and LOSS not in missing:
        if measures.reads.began is None:
            yield _absent("home was never seen to be lost")
        elif not measures.reads.failed:
            yield _absent("no visit of the client failed after the loss")


def _absent(value: str) -> Reason:
    return Reason(
        verdict=Verdict.INCONCLUSIVE,
        about="fault",
        value=value,
        rule="a drill shows something only if the fault happened and was felt",
        remedy="See why the fault did not take effect, and begin a new run",
    )


def _kept(plan: Plan, measures: Measures) -> Iterator[Reason]:
    """The rules that figures are held against. A figure that is not there breaks none of them."""
    yield from _in_time("reads", measures.reads, plan.targets.reads_seconds)
    yield from _in_time("writes", measures.writes, plan.targets.writes_seconds)
    yield from promised.kept(plan, measures)
    yield from _nothing_lost(plan, measures) if plan.kind in PLANNED else _little_lost(plan, measures)
    if measures.writers.most is not None and measures.writers.most > 1:
        yield Reason(
            verdict=Verdict.FAILED,
            about="writers",
            value=f"{measures.writers.most} databases took writes at once",
            rule="never more than one",
            remedy="Fence the one that was given up, then compare the rows of both sides from the first overlap on",
        )
    if measures.stores_agree is False:
        yield Reason(
            verdict=Verdict.FAILED,
            about="stores",
            value="rows or objects of the two sides differ",
            rule="they agree by count and checksum",
            remedy="Wait for what is still being copied, then compare by key; do not rebuild a side before they agree",
        )


def _in_time(name: str, recovery: Recovery, target: int) -> Iterator[Reason]:
    took = recovery.seconds if recovery.seconds is not None else recovery.waited_seconds
    if took is None or took <= target:
        return
    longest = max(recovery.by_phase, key=lambda phase: recovery.by_phase[phase], default=None)
    value = f"back after {took:g} s" if recovery.seconds is not None else f"not back {took:g} s after they went"
    yield Reason(
        verdict=Verdict.FAILED,
        about=f"RTO of {name}",
        value=value + (f", of which {longest} took {recovery.by_phase[longest]:g} s" if longest else ""),
        rule=f"at most {target} s",
        remedy=f"Shorten {longest or 'what did not end'}, or change the target and tell those whom it was promised to",
    )


def _timed(recovery: Recovery, target: int) -> bool:
    """Whether there is a time to judge: that of the return or, without one, a wait that is too long already."""
    return recovery.seconds is not None or (recovery.waited_seconds or 0) > target


def _little_lost(plan: Plan, measures: Measures) -> Iterator[Reason]:
    lost, most = measures.rows.seconds, plan.targets.data_loss_seconds
    if lost is not None and lost > most:
        yield Reason(
            verdict=Verdict.FAILED,
            about="RPO of rows",
            value=f"{measures.rows.lost} rows, {lost:g} s of writing",
            rule=f"at most {most} s",
            remedy="See why the replica was behind when home was lost, and whether its alarm was raised and answered",
        )


def _nothing_lost(plan: Plan, measures: Measures) -> Iterator[Reason]:
    for name, lost in (("rows", measures.rows.lost), ("objects", measures.objects.lost)):
        if lost:
            yield Reason(
                verdict=Verdict.FAILED,
                about=f"{name} lost",
                value=f"{lost} that were acknowledged are not at {GAINING[plan.kind]}",
                rule=f"a {plan.kind} loses nothing",
                remedy="Keep the side that was given up until they are found there and brought over",
            )


def _data(plan: Plan, measures: Measures) -> Iterator[Reason]:
    """The measures that the kind needs and that have no data. Waiting for something that never came is data."""
    if plan.kind is Kind.READINESS:
        return
    moved = plan.kind in GAINING
    has = {
        "RTO of reads": _timed(measures.reads, plan.targets.reads_seconds),
        "RTO of writes": _timed(measures.writes, plan.targets.writes_seconds),
        "RPO of rows": not moved or (measures.rows.lost is not None and measures.rows.seconds is not None),
        "loss of objects": not moved or measures.objects.lost is not None,
        "writers": not moved or measures.writers.most is not None,
        **{f"journey {name}": name in measures.journeys.walks for name in promised.awaited(plan)},
        "agreement of stores": plan.kind is not Kind.FAILBACK or measures.stores_agree is not None,
    }
    missing = [name for name, there in has.items() if not there]
    if missing:
        yield Reason(
            verdict=Verdict.INCONCLUSIVE,
            about="measures",
            value=f"no data for {', '.join(missing)}",
            rule="what a drill is to show was measured; no data is not zero",
            remedy="Resume the run if it was cut short; else see why nothing was there to measure, and begin anew",
        )
