"""The history of a cell's runs: one row each, against the target of its time, and the trend."""

from __future__ import annotations

import io
import json

from rich.console import Console

from ops.drill import history
from ops.drill.history import Run
from ops.drill.model import Targets
from tests.drill.journals import TARGETS, Story, failover, never_lost


def ended(story: Story, verdict: str) -> Story:
    story.tell("end", verdict=verdict, reasons=[])
    return story


def run(name: str, story: Story) -> Run:
    found = history.summary(name, story.entries)
    assert found
    return found


def runs() -> list[Run]:
    return [
        run("us-failover-1", ended(failover(), "PASSED")),
        run("us-failover-2", ended(failover(behind=900), "FAILED")),
        run("us-failover-3", ended(never_lost(), "INCONCLUSIVE")),
        run("us-failover-4", failover(until="baseline")),
    ]


def shown(found: list[Run]) -> str:
    out = io.StringIO()
    Console(file=out, width=160, color_system=None).print(history.table(found))
    return out.getvalue()


def test_a_run_is_summed_up_by_its_verdict_and_measures() -> None:
    first = runs()[0]
    assert ("us-failover-1", "2026-01-05 09:00", "failover", "us", True, "PASSED") == (
        first.run,
        first.began,
        first.kind,
        first.cell,
        first.simulated,
        first.verdict,
    )
    assert (105, 405, 0, 0) == (first.reads_seconds, first.writes_seconds, first.rows_lost_seconds, first.rows_lost)
    assert TARGETS == first.targets


def test_a_run_without_an_end_has_no_verdict_and_one_without_a_beginning_is_none() -> None:
    assert "unfinished" == run("us-failover-4", failover(until="baseline")).verdict
    assert history.summary("us-failover-5", []) is None


def test_the_table_shows_each_run_against_its_target() -> None:
    text = shown(runs())
    for words in ("105 s of 150 s", "15 min of 300 s (missed)", "no data of 150 s", "INCONCLUSIVE", "unfinished"):
        assert words in text
    assert "simulated" in text
    assert "AWS" not in text


def test_a_bar_is_as_high_as_the_value_is_near_its_target() -> None:
    assert {"reads": "▆▆··", "writes": "▄▄··", "rows": "▁!··"} == history.trends(runs())
    exact = runs()[0].model_copy(
        update={"targets": Targets(reads_seconds=105, writes_seconds=405, data_loss_seconds=0)}
    )
    assert {"reads": "█", "writes": "█", "rows": "▁"} == history.trends([exact])


def test_the_same_is_there_for_machines() -> None:
    found = json.loads(json.dumps(history.as_json(runs())))
    assert 4 == len(found["runs"])
    assert found["runs"][3]["reads_seconds"] is None, "no data is not zero"
    assert "▆▆··" == found["trends"]["reads"]


def test_a_cell_without_runs_has_an_empty_table() -> None:
    assert {"runs": [], "trends": {"reads": "", "writes": "", "rows": ""}} == history.as_json([])
    assert "trend" not in shown([])


def test_a_hostile_name_of_a_run_is_shown_and_not_obeyed() -> None:
    text = shown([run("[red]us[/red]\x1b[31m", failover())])
    assert "[red]us[/red]" in text
    assert "\x1b" not in text
