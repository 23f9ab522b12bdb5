"""What the commands of the drill say at their end: tables and words for people, one JSON object for machines."""

from __future__ import annotations

from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ops.drill import ledger
from ops.drill.journal import Verification
from ops.drill.measures import Recovery
from ops.drill.model import Kind, Plan, Step, Verdict
from ops.drill.report.model import Report
from ops.drill.report.words import plain
from ops.drill.reversing import Reversed
from ops.drill.runs import Run

_COLOURS: Final = {Verdict.PASSED: "bold green", Verdict.FAILED: "bold red", Verdict.INCONCLUSIVE: "bold yellow"}
_STATES: Final = {"met": "green", "missed": "red"}


def plan_json(plan: Plan) -> dict[str, Any]:
    """A plan for machines, with its hash."""
    return {"hash": plan.hash, "simulated": plan.simulated, "plan": plan.model_dump(mode="json")}


def plan(console: Console, found: Plan) -> None:
    """A plan for people: every step with what it does, what it waits for, and how it is undone."""
    console.print(
        Text(f"{found.kind} of cell {found.cell} on {found.site}: {found.home_region}, {found.recovery_region}")
    )
    table = Table(show_lines=False, title_justify="left")
    for name in ("phase", "step", "what is done, and when it is done", "at most", "undone by"):
        table.add_column(name, justify="right" if name == "at most" else "left", overflow="fold")
    for step in found.steps:
        table.add_row(step.phase, step.id, _what(step), _bound(step), _undo(step))
    console.print(table)
    for stop in found.stops:
        console.print(Text(f"  stops if not: {stop.probe}"))
    targets = found.targets
    console.print(
        Text(
            f"  targets: reads back in {targets.reads_seconds} s, writes in {targets.writes_seconds} s, at most "
            f"{targets.data_loss_seconds} s of writing lost"
        )
    )
    if targets.journeys:
        back = ", ".join(f"{name} in {promise.rto_seconds} s" for name, promise in targets.journeys.items())
        console.print(Text(f"  journeys back: {back}"), soft_wrap=True)
    console.print(Text(f"  plan {found.hash}"))


def run_json(run: Run, report: Report) -> dict[str, Any]:
    """What a run has shown, for machines."""
    measures, targets = report.measures, report.targets
    return {
        "run": run.id,
        "kind": report.scope.kind,
        "cell": run.cell,
        "simulated": report.simulated,
        "verdict": report.verdict,
        "reasons": [reason.text for reason in report.reasons],
        "rto": {
            "reads": _recovery(measures.reads, targets.reads_seconds),
            "writes": _recovery(measures.writes, targets.writes_seconds),
        },
        "rpo": {
            "rows": {**measures.rows.model_dump(mode="json"), "target_seconds": targets.data_loss_seconds},
            "objects": measures.objects.model_dump(mode="json"),
        },
        "journeys": _journeys(report),
        "writers_at_most": measures.writers.most,
        "findings": [finding.model_dump(mode="json") for finding in report.findings],
        "files": ledger.paths(run),
        "stack": _stack(run),
    }


def run(console: Console, found: Run, report: Report) -> None:
    """What a run has shown, for people."""
    where = "simulated" if report.simulated else "AWS"
    console.print()
    console.print(
        Text(f"{report.verdict}", style=_COLOURS[report.verdict]), Text(f"{report.title}, {where}: {found.id}")
    )
    if report.scope.kind is not Kind.READINESS:
        table = Table(box=None, padding=(0, 2))
        for name in ("measured", "value", "target", ""):
            table.add_column(name)
        for figure in report.figures:
            style = _STATES.get(figure.state, "")
            table.add_row(figure.name, figure.value, figure.target, Text(figure.state, style=style))
        console.print(table)
    # What did not pass is among the findings already; of a pass the reason says what it rests on.
    if report.verdict is Verdict.PASSED:
        for reason in report.reasons:
            console.print(Text(f"  {reason.text}"), soft_wrap=True)
    for finding in report.findings:
        console.print(Text(f"  {finding.severity}: {finding.title}: {finding.text}. {finding.remedy}"), soft_wrap=True)
    paths = ledger.paths(found)
    console.print(Text(f"  report   {paths['html']}\n  journal  {paths['journal']}"), soft_wrap=True)


def reversed_json(run_: Run, found: Reversed) -> dict[str, Any]:
    """What an abort has taken back, for machines."""
    return {"run": run_.id, "taken_back": list(found.done), "left": list(found.left)}


def reversed_(console: Console, run_: Run, found: Reversed) -> None:
    """The same for people."""
    console.print(Text(f"{run_.id} is aborted; {found.text}"), soft_wrap=True)


def verification_json(path: str, found: Verification) -> dict[str, Any]:
    """What a journal shows, for machines."""
    return {
        "journal": path,
        "sound": found.sound,
        "complete": found.complete,
        "entries": len(found.entries),
        "seal": found.seal,
        "problems": [{"line": item.line, "rule": item.rule, "text": item.text} for item in found.problems],
    }


def verification(console: Console, path: str, found: Verification) -> None:
    """The same for people."""
    state = "is as it was written" if found.sound else "WAS CHANGED"
    end = "to its end" if found.complete else "and has no end: the run was broken off, or lines were cut off"
    console.print(Text(f"{path} {state}, {len(found.entries)} entries {end}"), soft_wrap=True)
    for item in found.problems:
        console.print(Text(f"  line {item.line}: {item.rule}: {item.text}"), soft_wrap=True)
    console.print(Text(f"  seal {found.seal}"))


def states(console: Console, found: list[dict[str, Any]]) -> None:
    """How far runs are, for people."""
    if not found:
        console.print("no drill was run here; 'python -m ops drill plan failover --cell us' shows one", soft_wrap=True)
        return
    table = Table(box=None, padding=(0, 2))
    for name in ("run", "state", "verdict", "step", "last entry"):
        table.add_column(name)
    for item in found:
        table.add_row(item["run"], item["state"], item["verdict"], item["step"], item["last_entry"])
    console.print(table)
    for item in found:
        if item["state"] == ledger.BROKEN_OFF:
            console.print(
                Text(f"  go on with 'python -m ops drill resume {item['run']} --execute {item['cell']}'"),
                soft_wrap=True,
            )


def _what(step: Step) -> str:
    parts = [step.title]
    if step.override:
        parts.append(f"if it cannot be reached: goes on, and records: {step.override}")
    if step.no_return:
        parts.append("POINT OF NO RETURN")
    if step.calls:
        parts.append("calls " + ", ".join(step.calls))
    return plain("\n".join(parts))


def _bound(step: Step) -> str:
    return f"{step.timeout_seconds} s" + (f" from {step.since}" if step.since else "")


def _undo(step: Step) -> str:
    return step.reversal.name if step.reversal else step.undo


def _recovery(found: Recovery, target: int) -> dict[str, Any]:
    return {
        "seconds": found.seconds,
        "target_seconds": target,
        "met": None if found.seconds is None else found.seconds <= target,
        "by_phase": {phase.value: round(value, 3) for phase, value in found.by_phase.items()},
        "waited_seconds": found.waited_seconds,
        "how": found.how,
    }


def _journeys(report: Report) -> dict[str, Any]:
    """Each journey that was promised: when its canary walked it again, and how long that took it."""
    walks = report.measures.journeys.walks
    return {
        name: {
            "seconds": walks[name].seconds if name in walks else None,
            "target_seconds": promise.rto_seconds,
            "met": walks[name].seconds <= promise.rto_seconds if name in walks else None,
            "walk_milliseconds": walks[name].milliseconds if name in walks else None,
        }
        for name, promise in report.targets.journeys.items()
    }


def _stack(run_: Run) -> str:
    path = run_.folder / "stacks" / f"Pulumi.{run_.cell}.yaml"
    return str(path) if path.is_file() else ""
