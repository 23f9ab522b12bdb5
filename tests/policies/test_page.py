"""docs/guardrails.md and the command that prints its table."""

from __future__ import annotations

import json

import pytest

import policies
from ops import cli
from ops.engine.project import ROOT
from ops.guardrails import table

Capture = pytest.CaptureFixture[str]


def printed(capsys: Capture, *argv: str) -> str:
    assert 0 == cli.main(["guardrails", *argv])
    return capsys.readouterr().out


def test_the_page_holds_every_rule_as_the_command_prints_them(capsys: Capture) -> None:
    page = (ROOT / "docs" / "guardrails.md").read_text(encoding="utf-8")
    held = page.partition("<!-- rules -->\n")[2].partition("<!-- /rules -->")[0]
    assert printed(capsys) == held
    assert len(policies.RULES) == held.count("\n| `no-")


def test_the_worst_stand_first_and_no_cell_breaks_the_table() -> None:
    rows = table.markdown().splitlines()[2:]
    order = ["critical", "high", "medium", "low"]
    severities = [row.split(" | ")[1] for row in rows]
    assert sorted(severities, key=order.index) == severities
    assert {6} == {row.count("|") for row in rows}


def test_machines_get_the_types_and_the_frameworks_as_well(capsys: Capture) -> None:
    found = {item["name"]: item for item in json.loads(printed(capsys, "--json"))}
    assert {rule.name for rule in policies.RULES} == set(found)
    assert {"framework": "AWS FSBP", "id": "RDS.2"} in found["no-public-database"]["controls"]
    assert "aws:rds/instance:Instance" in found["no-public-database"]["types"]
