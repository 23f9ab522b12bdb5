"""The journal: what is written is on disk, one process writes it, and every change made to it is told."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.drill import journal
from ops.drill.journal import Journal, JournalError
from ops.drill.model import canonical, digest

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
KINDS = ("begin", "step-begin", "act", "acted", "step-end", "end")


def now() -> datetime:
    return NOW


def written(path: Path, kinds: Iterable[str] = KINDS) -> list[str]:
    with Journal(path, now) as opened:
        for number, kind in enumerate(kinds):
            opened.append(kind, {"number": number, "text": "grün"})
    return path.read_text().splitlines(keepends=True)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.jsonl"


def broken(path: Path, lines: Iterable[str]) -> list[tuple[int, str]]:
    path.write_text("".join(lines))
    return [(problem.line, problem.rule) for problem in journal.verify(path).problems]


def test_a_journal_that_nobody_has_touched_verifies_and_is_complete(path: Path) -> None:
    lines = written(path)
    found = journal.verify(path)
    assert ((), True, len(KINDS)) == (found.problems, found.complete, len(found.entries))
    assert json.loads(lines[-1])["hash"] == found.seal
    assert (NOW.isoformat(timespec="milliseconds"), 1) == (found.entries[0]["at"], found.entries[0]["seq"])
    assert 0o600 == path.stat().st_mode & 0o777


def test_one_that_has_not_ended_is_sound_and_not_complete(path: Path) -> None:
    written(path, KINDS[:-1])
    assert (True, False) == (journal.verify(path).sound, journal.verify(path).complete)


def test_an_aborted_one_is_complete(path: Path) -> None:
    written(path, (*KINDS[:-1], "abort"))
    assert journal.verify(path).complete


def test_an_edited_entry_is_told_by_its_line(path: Path) -> None:
    lines = written(path)
    lines[2] = lines[2].replace('"number":2', '"number":7')
    assert [(3, "hash")] == broken(path, lines)


def test_an_edited_entry_with_a_hash_made_anew_breaks_the_link_after_it(path: Path) -> None:
    lines = written(path)
    entry = json.loads(lines[2])
    entry["data"]["number"] = 7
    entry["hash"] = digest({key: value for key, value in entry.items() if key != "hash"})
    lines[2] = f"{canonical(entry)}\n"
    assert [(4, "link")] == broken(path, lines)


def test_a_removed_entry_is_told(path: Path) -> None:
    lines = written(path)
    assert {(3, "sequence"), (3, "link")} <= set(broken(path, lines[:2] + lines[3:]))


def test_a_removed_beginning_is_told(path: Path) -> None:
    assert {(1, "sequence"), (1, "link"), (1, "begin")} <= set(broken(path, written(path)[1:]))


def test_an_inserted_entry_is_told(path: Path) -> None:
    lines = written(path)
    assert (4, "sequence") in broken(path, [*lines[:3], lines[2], *lines[3:]])


def test_entries_that_changed_places_are_told(path: Path) -> None:
    lines = written(path)
    lines[2], lines[3] = lines[3], lines[2]
    assert {3, 4} <= {line for line, _rule in broken(path, lines)}


def test_entries_cut_off_at_the_end_leave_it_incomplete_and_break_a_seal_that_was_kept(path: Path) -> None:
    lines = written(path)
    seal = journal.verify(path).seal
    assert journal.verify(path, seal).sound
    assert [] == broken(path, lines[:-1])
    assert not journal.verify(path).complete
    assert ["seal"] == [problem.rule for problem in journal.verify(path, seal).problems]


@pytest.mark.parametrize("text", ["\n", "{}\n", "[]\n", "not json\n", '{"seq":1,"seq":1}\n', "\x00\n"])
def test_a_line_that_is_no_entry_is_told(path: Path, text: str) -> None:
    lines = written(path)
    assert (4, "form") in broken(path, [*lines[:3], text, *lines[3:]])


def test_the_same_entry_written_otherwise_is_told(path: Path) -> None:
    lines = written(path)
    lines[1] = json.dumps(json.loads(lines[1]), indent=None) + "\n"
    assert (2, "form") in broken(path, lines)


def test_a_half_written_last_line_is_taken_away_when_the_run_goes_on_and_that_is_noted(path: Path) -> None:
    lines = written(path, KINDS[:3])
    half = lines[2][:40]
    path.write_text("".join(lines[:2]) + half)
    assert (True, 40, False) == (journal.verify(path).sound, journal.verify(path).half, journal.verify(path).complete)
    with Journal(path, now) as opened:
        opened.append("resume", {})
    found = journal.verify(path)
    assert ["begin", "step-begin", "recovered", "resume"] == [entry["kind"] for entry in found.entries]
    assert ({"bytes": 40}, True) == (found.entries[2]["data"], found.sound)


def test_a_first_line_that_was_cut_leaves_a_journal_that_can_be_begun(path: Path) -> None:
    path.write_text('{"at":')
    written(path, KINDS)
    assert journal.verify(path).complete


def test_a_journal_that_was_changed_is_not_gone_on_with(path: Path) -> None:
    lines = written(path, KINDS[:3])
    path.write_text("".join(lines).replace('"number":1', '"number":8'))
    with pytest.raises(JournalError, match=r"line 2 breaks the rule 'hash'.*begin a new drill"):
        Journal(path, now)


def test_a_second_writer_is_refused_while_the_first_one_writes(path: Path) -> None:
    with Journal(path, now), pytest.raises(JournalError, match="written by another process"):
        Journal(path, now)
    with Journal(path, now) as opened:
        opened.append("begin", {})


def test_what_is_appended_is_seen_by_whoever_holds_the_entries(path: Path) -> None:
    with Journal(path, now) as opened:
        entries = opened.entries
        opened.append("begin", {"text": "x"})
        assert ("begin", "x") == (entries[0]["kind"], entries[0]["data"]["text"])


def test_a_value_that_json_does_not_have_is_refused(path: Path) -> None:
    with Journal(path, now) as opened, pytest.raises(ValueError, match="not JSON compliant"):
        opened.append("sample", {"lag_seconds": float("nan")})
    assert 0 == len(journal.verify(path).entries)


def test_a_folder_that_is_not_there_is_refused_with_what_follows(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="not run without its journal"):
        Journal(tmp_path / "none" / "journal.jsonl", now)


DATA = st.dictionaries(st.text(max_size=5), st.one_of(st.none(), st.integers(), st.text(max_size=9)), max_size=3)


@given(data=st.lists(DATA, min_size=1, max_size=6), change=st.data())
def test_no_byte_can_be_changed_unseen(data: list[dict[str, object]], change: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "journal.jsonl"
        with Journal(path, now) as opened:
            opened.append("begin", {})
            for one in data:
                opened.append("observe", one)
        whole = path.read_bytes()
        assert journal.verify(path).sound, "untouched"
        place = change.draw(st.integers(0, len(whole) - 1))
        byte = change.draw(st.integers(0, 255).filter(lambda value: value != whole[place]))
        path.write_bytes(whole[:place] + bytes([byte]) + whole[place + 1 :])
        found = journal.verify(path)
        assert not found.sound or found.half, "a changed byte is told, or has left the last line without its end"


@given(kept=st.integers(0, 2000))
def test_wherever_a_kill_cuts_the_file_it_can_be_gone_on_with(kept: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "journal.jsonl"
        whole = "".join(written(path)).encode()
        path.write_bytes(whole[:kept])
        with Journal(path, now) as opened:
            opened.append("begin" if not opened.entries or opened.entries[-1]["kind"] == "recovered" else "resume", {})
        assert journal.verify(path).sound
        assert whole[:kept].count(b"\n") <= len(journal.verify(path).entries)
