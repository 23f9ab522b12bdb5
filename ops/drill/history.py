"""The runs of a cell over time: one row a run, and how time to recover and loss went up or down. Pure.

What counts as one run's result is measured anew from its journal's entries; only the verdict is taken from its end,
because a run that has no end has none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from rich.table import Table
from rich.text import Text

from ops.drill.measure import begin, measure
from ops.drill.model import Kind, Part, Targets, Verdict
from ops.drill.report.words import plain, seconds
from ops.drill.taken import only

BARS: Final = "▁▂▃▄▅▆▇█"
NO_DATA: Final = "·"
OVER: Final = "!"
UNFINISHED: Final = "unfinished"
_COLOURS: Final[Mapping[str, str]] = {Verdict.PASSED: "green", Verdict.FAILED: "red"}


class Run(Part):
    """A run in one row. Times in seconds, None without data; `verdict` is `unfinished` until the run has ended."""

    run: str
    began: str
    kind: str
    cell: str
    simulated: bool
    verdict: str
    targets: Targets
    reads_seconds: float | None
    writes_seconds: float | None
    rows_lost_seconds: float | None
    rows_lost: int | None


def summary(run: str, entries: Iterable[Mapping[str, Any]]) -> Run | None:
    """The row of the run called `run`; None if its journal does not even have a beginning."""
    entries = list(entries)
    said = begin(entries)
    if not said:
        return None
    measures = measure(entries)
    ends = only(entries, "end")
    return Run(
        run=run,
        began=f"{measures.began:%Y-%m-%d %H:%M}" if measures.began else "",
        kind=Kind(said["kind"]),
        cell=said["cell"],
        simulated=said["simulated"],
        verdict=Verdict(ends[-1]["data"]["verdict"]) if ends else UNFINISHED,
        targets=Targets.model_validate(said["targets"]),
        reads_seconds=measures.reads.seconds,
        writes_seconds=measures.writes.seconds,
        rows_lost_seconds=measures.rows.seconds,
        rows_lost=measures.rows.lost,
    )


def table(runs: Sequence[Run]) -> Table:
    """The runs, in the order given, with the targets that each was held against, and their trends below."""
    found = Table(title="Drills", title_justify="left", show_footer=bool(runs), footer_style="dim")
    found.add_column("run", footer="trend")
    found.add_column("began")
    found.add_column("kind")
    found.add_column("where")
    found.add_column("verdict")
    for name, trend in zip(("reads back", "writes back", "rows lost"), trends(runs).values(), strict=True):
        found.add_column(name, justify="right", footer=trend)
    for run in runs:
        found.add_row(
            Text(plain(run.run)),
            run.began,
            run.kind,
            "simulated" if run.simulated else "AWS",
            Text(run.verdict, style=_COLOURS.get(run.verdict, "yellow")),
            _against(run.reads_seconds, run.targets.reads_seconds),
            _against(run.writes_seconds, run.targets.writes_seconds),
            _against(run.rows_lost_seconds, run.targets.data_loss_seconds),
        )
    return found


def as_json(runs: Sequence[Run]) -> dict[str, Any]:
    """The same for machines."""
    return {"runs": [run.model_dump(mode="json") for run in runs], "trends": trends(runs)}


def trends(runs: Sequence[Run]) -> dict[str, str]:
    """A bar for each run, as high as the value is a part of its target: full is the target, `!` is above it."""
    measures: dict[str, Callable[[Run], tuple[float | None, int]]] = {
        "reads": lambda run: (run.reads_seconds, run.targets.reads_seconds),
        "writes": lambda run: (run.writes_seconds, run.targets.writes_seconds),
        "rows": lambda run: (run.rows_lost_seconds, run.targets.data_loss_seconds),
    }
    return {name: "".join(_bar(*of(run)) for run in runs) for name, of in measures.items()}


def _bar(value: float | None, target: int) -> str:
    if value is None:
        return NO_DATA
    if value > target:
        return OVER
    return BARS[min(int(value / target * len(BARS)), len(BARS) - 1)] if target else BARS[0]


def _against(value: float | None, target: int) -> Text:
    """The value and its target, in words too, for whoever sees no colours."""
    over = value is not None and value > target
    words = f"{seconds(value)} of {target} s{' (missed)' if over else ''}"
    return Text(words, style="red" if over else "dim" if value is None else "")
