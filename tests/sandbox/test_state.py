"""The state folder, and what is told apart by it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ops.engine.project import ROOT
from ops.sandbox import commands
from ops.sandbox.cells.state import VARIABLE, BusyError, StateError, StateFolder
from tests.sandbox.notes import noted


def test_a_note_is_read_as_it_was_written(folder: StateFolder) -> None:
    folder.note(noted("us", resources=7))
    assert {"us": noted("us", resources=7)} == folder.noted()
    assert 7 == folder.expected("us")
    assert folder.expected("eu") is None


@pytest.mark.parametrize("content", ["", "{", "[]", '{"cell": "us"}', "\x00"])
def test_a_file_that_is_no_note_is_no_cell(folder: StateFolder, content: str) -> None:
    (folder.path / "us.json").write_text(content, encoding="utf-8")
    assert {} == folder.noted()


def test_a_note_under_another_name_is_no_cell(folder: StateFolder) -> None:
    folder.note(noted("us"))
    (folder.path / "us.json").rename(folder.path / "eu.json")
    assert {} == folder.noted()


def test_a_note_of_a_later_instance_is_kept(folder: StateFolder) -> None:
    folder.note(noted("us", instance="later"))
    folder.forget(noted("us", instance="earlier"))
    assert ["us"] == list(folder.noted())
    folder.forget(noted("us", instance="later"))
    assert {} == folder.noted()


def test_nothing_else_is_left_in_the_folder_by_a_note(folder: StateFolder) -> None:
    folder.note(noted("us"))
    assert {"us.json", "us.count"} == {path.name for path in folder.path.iterdir()}


def test_a_cell_that_another_command_is_at_work_on_is_refused(folder: StateFolder) -> None:
    with folder.locked(["us", "eu"]):
        with pytest.raises(BusyError, match="'eu'"), folder.locked(["eu"]):
            pass
        with folder.locked(["apac"]):
            pass
    with folder.locked(["eu"]):
        pass


def test_a_folder_that_cannot_be_made_is_refused_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(StateError, match="MEDICAL_SANDBOX_DIR"):
        StateFolder(tmp_path / "file" / "state")


@pytest.mark.parametrize("name", ["us.lock", "."])
def test_what_cannot_be_used_is_refused_with_value_rule_and_way_out(
    folder: StateFolder, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    if name == ".":
        folder.path.rmdir()
        folder.path.write_text("", encoding="utf-8")
    else:
        (folder.path / name).mkdir()
    assert 2 == commands.down(["us"])
    said = capsys.readouterr().err
    for words in (str(folder.path), "must be able to read and write", "set MEDICAL_SANDBOX_DIR to a folder you may"):
        assert words in said
    assert 1 == said.count("\n")
    if name == ".":
        folder.path.unlink()


def test_nobody_else_may_look_into_the_folder(folder: StateFolder) -> None:
    assert 0o700 == folder.path.stat().st_mode & 0o777


def test_a_relative_folder_is_the_projects_wherever_the_command_runs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(VARIABLE, os.path.relpath(tmp_path / "state", ROOT))
    assert (tmp_path / "state").samefile(StateFolder().path)


def test_a_note_with_the_process_number_of_somebody_else_ends_nobody(
    folder: StateFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as stranger:
        folder.note(noted("us", pid=stranger.pid))
        assert 0 == commands.down([])
        assert "nothing stood" in capsys.readouterr().out
        assert stranger.poll() is None, "a stranger was ended"
        assert {} == folder.noted()
