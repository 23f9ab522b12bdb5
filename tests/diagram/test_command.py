"""`python -m ops diagram`, as people call it, and the pictures that the pages show."""

from __future__ import annotations

from pathlib import Path

import pytest

from ops import cli
from ops.diagram import work
from ops.engine import project

LONE = ("--set", "posture=backup-only", "--set", "recoveryRegion=none", "--set", "recoveryCidr=none")
Capture = pytest.CaptureFixture[str]


def test_the_pictures_of_the_pages_are_those_that_would_be_drawn_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "PICTURES", tmp_path)
    assert 0 == cli.main(["diagram", "us", "--write"])
    shown = {path.name: path.read_text(encoding="utf-8") for path in (project.ROOT / "docs" / "pictures").iterdir()}
    fresh = {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()}
    assert {"us.svg", "us-overview.svg", "us.mmd"} == set(fresh)
    assert fresh.keys() == shown.keys()
    assert all(fresh[name] == shown[name] for name in fresh), "docs/pictures is stale: run 'make pictures'"


def test_a_picture_is_printed_or_written_in_the_form_that_was_asked_for(capsys: Capture, tmp_path: Path) -> None:
    assert 0 == cli.main(["diagram", "us", "--format", "mermaid"])
    assert "flowchart TB" in capsys.readouterr().out
    file = tmp_path / "us.svg"
    assert 0 == cli.main(["diagram", "us", "--out", str(file), "--set", "webMax=7"])
    assert "" == capsys.readouterr().out
    assert "2 to 7 of them" in file.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("us", "--format", "png"), "give svg, overview, mermaid"),
        (("us", "--side", "left"), "give home, recovery or both"),
        (("us", "--write", "--side", "home"), "without --out, --set, --side and --stacks"),
        (("us", "--out", "FOLDER/none/x.svg"), "cannot be written"),
        (("nowhere",), "nowhere"),
        (("us", "--side", "recovery", *LONE), "has no such side; give home"),
    ],
)
def test_what_cannot_be_drawn_is_refused(capsys: Capture, tmp_path: Path, argv: tuple[str, ...], said: str) -> None:
    assert 2 == cli.main(["diagram", *(word.replace("FOLDER", str(tmp_path)) for word in argv)])
    printed = capsys.readouterr()
    assert said in printed.err
    assert "Traceback" not in printed.err
    assert "" == printed.out
