"""The command line of the drill: what it refuses before anything is built, and what it answers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ops import cli
from ops.drill.runs import VARIABLE
from ops.sandbox.cells import state
from tests.drill.journals import failover
from tests.drill.runs import kept


@pytest.fixture(autouse=True)
def drills(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "drills"))
    monkeypatch.setenv(state.VARIABLE, str(tmp_path / "sandbox"))
    return tmp_path / "drills"


RUN_US = ("run", "failover", "--cell", "us")


def test_a_folder_that_cannot_keep_a_run_is_refused_before_a_cell_is_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("MEDICAL_DRILLS_DIR", str(tmp_path / "file" / "drills"))
    assert 2 == cli.main(["drill", *RUN_US, "--execute", "us", "--json"])
    out, err = capsys.readouterr()
    assert "name a folder that can be written in MEDICAL_DRILLS_DIR" in json.loads(out)["error"]
    assert "building" not in err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("plan", "explode", "--cell", "us"), "explode"),
        (("plan", "failover", "--cell", "nosuch"), "no cell 'nosuch'"),
        (("plan", "failover", "--cell", "us", "--on", "mars"), "mars"),
        (("plan", "failover", "--cell", "us", "--profile", "x"), "--profile is for AWS"),
        (("plan", "failover", "--cell", "us", "--on", "aws", "--fault", "key-missing"), "in the local cloud"),
        (("plan", "failover", "--cell", "us", "--stacks", "/nowhere"), "/nowhere"),
        ((*RUN_US, "--execute", "uk"), "'uk' is not it"),
        ((*RUN_US, "--execute", "us", "--standing", "--on", "aws"), "--standing is for the local cloud"),
        ((*RUN_US, "--execute", "us", "--fault", "nonsense"), "is no fault"),
        ((*RUN_US, "--execute", "us", "--fault", "replica-behind:x=1"), "no parameter 'x'"),
        ((*RUN_US, "--execute", "us", "--fault", "replica-behind:seconds=a"), "which is no number"),
        ((*RUN_US, "--execute", "us", "--fault", "key-missing", "--fault", "key-missing"), "given twice"),
        ((*RUN_US, "--execute", "us", "--fault", "region-dark"), "loses home of itself"),
        ((*RUN_US, "--execute", "us", "--then", "switchover"), "does not follow"),
        (("run", "readiness", "--cell", "us", "--execute", "us", "--then", "failback"), "does not follow"),
        (("run", "readiness", "--cell", "us", "--execute", "us", "--fault", "key-missing"), "takes no fault"),
        (
            ("run", "gameday", "--cell", "us", "--execute", "us"),
            "not 0: give --fault once, with one of",
        ),
        (("run", "failback", "--cell", "us", "--execute", "us"), "no drill has left"),
        ((*RUN_US, "--execute", "us", "--standing"), "does not stand"),
        (("resume", "nonsense", "--execute", "us"), "'drill history' lists them"),
        (("abort", "us-failover-999", "--execute", "us"), "there is no run"),
        (("status", "--cell", "../.."), "is no cell's name"),
        (("verify", "/nowhere"), "is no file"),
    ],
)
def test_a_mistake_is_refused_as_one_object_and_starts_nothing(
    words: tuple[str, ...], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert 2 == cli.main(["drill", *words, "--json"])
    out, err = capsys.readouterr()
    assert told in json.loads(out)["error"]
    assert not err
    assert [] == [path for path in tmp_path.rglob("*") if path.suffix in {".log", ".jsonl"}], "something was begun"


def test_what_is_over_or_not_typed_out_is_not_gone_on_with(drills: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept(drills, failover(), "PASSED")
    for word in ("resume", "abort"):
        assert 2 == cli.main(["drill", word, "us-failover-001", "--execute", "us"])
        assert "has ended PASSED" in capsys.readouterr().err
        assert 2 == cli.main(["drill", word, "us-failover-001"])
        assert "add --execute us" in capsys.readouterr().err


@pytest.mark.parametrize(("verdict", "status"), [("PASSED", 0), ("", 4)])
def test_verify_tells_a_whole_journal_from_one_without_an_end(drills: Path, verdict: str, status: int) -> None:
    run = kept(drills, failover(), verdict)
    assert status == cli.main(["drill", "verify", run.id])
    run.journal.write_bytes(run.journal.read_bytes().replace(b"Ada", b"Eve", 1))
    assert 1 == cli.main(["drill", "verify", run.id])


def test_status_and_history_answer_with_one_object(drills: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = kept(drills, failover(), "PASSED")
    for word in ("status", "history"):
        assert 0 == cli.main(["drill", word, "--json"])
        assert [run.id] == [item["run"] for item in json.loads(capsys.readouterr().out)["runs"]]
        assert 0 == cli.main(["drill", word])
        assert run.id in capsys.readouterr().out
