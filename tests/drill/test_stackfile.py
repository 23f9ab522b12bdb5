"""The stack's file after a drill."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.continuity import FIRST
from ops.drill import stackfile
from ops.drill.stackfile import Foresight, StackFileError
from ops.engine.project import ROOT

FAILED_OVER = FIRST.next


def test_the_file_names_the_new_writer_and_keeps_every_other_line(tmp_path: Path) -> None:
    stackfile.copy("us", ROOT, tmp_path)
    before = (ROOT / "Pulumi.us.yaml").read_text(encoding="utf-8").splitlines()
    path = stackfile.write("us", tmp_path, stackfile.keys(FAILED_OVER))
    after = path.read_text(encoding="utf-8").splitlines()
    added = [
        "  medical-platform:writer: recovery",
        "  medical-platform:homeGeneration: 1",
        "  medical-platform:recoveryGeneration: 1",
    ]
    assert [*before, *added] == after, "comments, order and quotes are the user's"
    assert FAILED_OVER == stackfile.state("us", tmp_path)
    assert FIRST == stackfile.state("us", ROOT), "the project's own file is not touched"


def test_a_key_without_the_projects_name_is_changed_where_it_stands(tmp_path: Path) -> None:
    stackfile.copy("us", ROOT, tmp_path)
    path = tmp_path / "Pulumi.us.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "  writer: home # the usual\n", encoding="utf-8")
    stackfile.write("us", tmp_path, {"writer": "recovery"})
    assert path.read_text(encoding="utf-8").count("writer") == 1
    assert "writer: recovery # the usual" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("content", ["", "config: [1, 2", "other: 1", "config: 7"])
def test_what_is_no_stack_file_is_refused_and_left_as_it_is(tmp_path: Path, content: str) -> None:
    path = tmp_path / "Pulumi.us.yaml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(StackFileError, match="no stack file"):
        stackfile.write("us", tmp_path, {"writer": "recovery"})
    assert content == path.read_text(encoding="utf-8")


def test_a_cell_without_a_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StackFileError, match=r"Pulumi\.mars\.yaml"):
        stackfile.copy("mars", ROOT, tmp_path)
    with pytest.raises(StackFileError, match="mars"):
        stackfile.state("mars", tmp_path)


@pytest.mark.slow("runs the program's preview in processes of its own")
def test_the_update_after_a_failover_is_foreseen_to_lose_no_database() -> None:
    with Foresight("us", ROOT, FIRST, FAILED_OVER) as foresight:
        safe, verdict = foresight.result()
    assert safe, verdict
    assert "No database is replaced or deleted" in verdict


def test_a_move_that_the_machine_does_not_have_is_refused() -> None:
    with Foresight("us", ROOT, FIRST, FAILED_OVER.next) as foresight, pytest.raises(StackFileError, match="no move"):
        foresight.result()


def test_a_preview_that_nobody_waits_for_ends_with_the_block() -> None:
    with Foresight("us", ROOT, FIRST, FAILED_OVER) as foresight:
        process = foresight._process
    assert process.poll() is not None
