"""Findings in `python -m ops preview`, as text, as JSON, and as an exit status."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import policies
from ops import cli
from ops.preview import findings, work
from policies.engine import Findings
from tests.policies.breaks import BREAKS
from tests.policies.recipes import passing

Capture = pytest.CaptureFixture[str]


def called(capsys: Capture, *argv: str) -> tuple[int, str, str]:
    status = cli.main(["preview", "us", *argv])
    shown = capsys.readouterr()
    return status, shown.out, shown.err


def broken() -> Findings:
    return policies.evaluate(BREAKS["no-short-log-retention"][0](passing()))


def lines(found: Findings) -> str:
    return "\n".join(str(line) for line in findings.lines(findings.as_json(found)))


def test_a_cell_of_ours_has_no_findings_and_a_saved_preview_says_so(capsys: Capture, tmp_path: Path) -> None:
    saved = tmp_path / "us.json"
    status, out, _ = called(capsys, "--summary", "--fail-on", "low", "--save", str(saved))
    assert 0 == status
    assert f"Findings: none of {len(policies.RULES)} rules" in out
    found = json.loads(saved.read_text(encoding="utf-8"))["findings"]
    assert (len(policies.RULES), [], []) == (found["rules"], found["found"], found["exempted"])


def test_a_finding_ends_the_preview_with_3_if_it_is_as_bad_as_asked(capsys: Capture) -> None:
    """A log that is kept for 30 days is a finding of medium severity."""
    argv = ("--set", "logDays=30", "--summary")
    assert 0 == called(capsys, *argv)[0]
    assert 0 == called(capsys, *argv, "--fail-on", "high")[0]
    status, out, _ = called(capsys, *argv, "--fail-on", "medium")
    assert work.FOUND == 3 == status
    assert "no-short-log-retention" in out
    assert "way out: set retentionInDays to 365 or more" in out


def test_a_severity_that_is_none_is_refused_with_those_that_are(capsys: Capture) -> None:
    status, out, err = called(capsys, "--fail-on", "awful")
    assert (2, "") == (status, out)
    assert "--fail-on 'awful' is no severity; give one of critical, high, medium, low" in err


def test_a_finding_is_told_with_rule_place_controls_and_way_out() -> None:
    told = lines(broken())
    assert f"Findings: 1 of {len(policies.RULES)} rules" in told
    assert "medium  no-short-log-retention  " in told
    assert "HIPAA 164.312(b)" in told
    assert lines(policies.evaluate(passing())) == f"Findings: none of {len(policies.RULES)} rules"
