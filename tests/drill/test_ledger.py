"""What is left of runs: their state, their history, and what tells that one was changed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ops.drill import ledger
from ops.drill.runs import VARIABLE, Run
from ops.refusal import RefusalError
from tests.drill.journals import failover
from tests.drill.runs import kept


@pytest.fixture
def drills(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    return tmp_path


def _edited(run: Run) -> None:
    text = run.journal.read_text(encoding="ascii")
    run.journal.write_text(text.replace('"by":"Barbara', '"by":"Mallory', 1), encoding="ascii")


def _reordered(run: Run) -> None:
    first, second, *rest = run.journal.read_bytes().splitlines(keepends=True)
    run.journal.write_bytes(b"".join((second, first, *rest)))


def _emptied_of_data(run: Run) -> None:
    run.journal.write_text(
        '{"at":"","data":{},"hash":"","kind":"step-begin","previous":"","seq":1}\n', encoding="ascii"
    )


def _plan_changed(run: Run) -> None:
    path = run.folder / "plan.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"decision_seconds": 120', '"decision_seconds": 1'))


def test_a_run_ends_or_was_broken_off_in_its_step(drills: Path) -> None:
    kept(drills, failover(), "PASSED")
    kept(drills, failover(until="baseline"))
    first, second = ledger.states("us")
    assert ("ended", "PASSED", "") == (first["state"], first["verdict"], first["step"])
    assert (ledger.BROKEN_OFF, "", "baseline") == (second["state"], second["verdict"], second["step"])
    assert ["us-failover-001", "us-failover-002"] == [row.run for row in ledger.history_of(None)]


def test_a_sound_journal_is_gone_on_with_and_verifies_by_name_and_by_file(drills: Path) -> None:
    run = kept(drills, failover(), "PASSED")
    assert "end" == ledger.sound(run)[-1]["kind"]
    for text in (run.id, str(run.journal)):
        path, found = ledger.verify(text, "")
        assert (run.journal, True, True) == (path, found.sound, found.complete)
    assert not ledger.verify(run.id, "a" * 64)[1].sound, "another seal was kept"


@pytest.mark.parametrize(
    ("change", "rule"),
    [(_edited, "hash"), (_reordered, "sequence"), (_emptied_of_data, "link"), (_plan_changed, "plan")],
)
def test_a_run_that_was_changed_is_told_and_not_gone_on_with(
    drills: Path, change: Callable[[Run], None], rule: str
) -> None:
    run = kept(drills, failover())
    change(run)
    with pytest.raises(RefusalError, match=f"breaks the rule '{rule}'"):
        ledger.sound(run)
    assert not ledger.verify(run.id, "")[1].sound
    assert rule in {problem.rule for problem in ledger.verify(run.id, "")[1].problems}


def test_status_and_history_tell_a_changed_journal_and_measure_nothing_by_it(drills: Path) -> None:
    _emptied_of_data(kept(drills, failover(), "PASSED"))
    (state,), (row,) = ledger.states("us"), ledger.history_of("us")
    assert (ledger.CHANGED, "") == (state["state"], state["verdict"])
    assert (ledger.CHANGED, None) == (row.verdict, row.writes_seconds)


@pytest.mark.parametrize("name", ["../..", "", "US", "us/eu"])
def test_what_is_no_cells_name_is_refused(drills: Path, name: str) -> None:
    assert drills.is_dir()
    with pytest.raises(RefusalError, match="is no cell's name"):
        ledger.states(name)


@pytest.mark.parametrize("text", ["/nowhere", "us-failover-007", "x" * 5000, ""])
def test_a_journal_that_is_not_there_is_refused(drills: Path, text: str) -> None:
    assert drills.is_dir()
    with pytest.raises(RefusalError, match="is no file; and as a run"):
        ledger.verify(text, "")
