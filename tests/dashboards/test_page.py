"""`python -m ops dashboards`: every widget that the program registers, where it will stand, and nothing made up."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from ops import cli
from ops.dashboards import page, plot
from ops.dashboards.model import TYPE, Widget, dashboards
from ops.engine import project
from ops.preview import model
from ops.preview.model import Preview
from tests.support import whole

LONE = {"posture": "backup-only", "recoveryRegion": "none", "recoveryCidr": "none"}
_LOADS = re.compile(r"<script|<link|<img|<iframe|@import|url\((?!#)|src=|href=\"(?!#)|https?://[^<]*\"")
Capture = pytest.CaptureFixture[str]


def preview(**overrides: str) -> Preview:
    return model.build(project.load("us", overrides=overrides), whole("us", **overrides))


def parsed(text: str) -> ET.Element:
    return ET.fromstring(text.removeprefix("<!DOCTYPE html>\n"))  # noqa: S314 - our own text


def bodies(found: Preview) -> dict[str, list[dict[str, Any]]]:
    return {
        item.inputs["dashboardName"]: json.loads(item.inputs["dashboardBody"])["widgets"]
        for item in found.resources
        if item.type == TYPE
    }


@pytest.mark.parametrize("overrides", [{}, LONE], ids=["two sides", "one side"])
def test_every_widget_stands_on_the_page_where_cloudwatch_will_put_it(overrides: dict[str, str]) -> None:
    found = preview(**overrides)
    registered = bodies(found)
    assert "medical-us-global-dashboard" == dashboards(found)[0].name
    assert registered.keys() == {board.name for board in dashboards(found)}
    for section in parsed(page.html(found)).iter("section"):
        styles = [element.get("style") for element in section.iter() if element.get("style")]
        places = [
            f"grid-column: {item['x'] + 1} / span {item['width']}; grid-row: {item['y'] + 1} / span {item['height']}"
            for item in registered[section.get("id") or ""]
        ]
        assert sorted(places) == sorted(filter(None, styles))


def test_every_metric_and_every_limit_is_told_and_ids_are_not() -> None:
    found = preview()
    text = page.html(found)
    for widgets in bodies(found).values():
        for item in widgets:
            for limit in item["properties"].get("annotations", {}).get("horizontal", ()):
                assert limit["label"] in text
            for row in item["properties"].get("metrics", ()):
                assert len(row) == 1 or f"{row[0]} {row[1]}, {row[-1]['stat']} of " in text
    lag = next(item for board in dashboards(found) for item in board.widgets if item.title.startswith("Replica lag"))
    assert "where lag0: AWS/RDS ReplicaLag, Maximum of 1 minute" in lag.lines[0].what
    assert [1] == [len(lag.lines)], "what a formula uses is no line of its own"


def test_limits_stand_in_order_and_their_labels_never_overlap() -> None:
    near = (("alarm above 100", 100.0), ("alarm above 90", 90.0), ("alarm above 0", 0.0), ("alarm above 95", 95.0))
    widget = Widget(x=0, y=0, width=8, height=6, title="Near", region="us-east-2", limits=near)
    root = ET.fromstring(plot.draw(widget, "k"))  # noqa: S314 - our own text
    lines = [float(item.get("y1", 0)) for item in root.iter("line") if item.get("class") == "limit"]
    assert sorted(lines, reverse=True) == lines
    labels = [float(item.get("y", 0)) for item in root.iter("text")]
    assert all(lower - upper >= plot.SIZE for lower, upper in pairwise(labels))
    assert all(0 <= y <= plot.HEIGHT for y in (*lines, *labels))


def test_the_page_loads_nothing_and_is_well_formed_and_the_same_each_time() -> None:
    found = preview()
    text = page.html(found)
    ids = [name for element in parsed(text).iter() if (name := element.get("id"))]
    assert len(set(ids)) == len(ids)
    assert None is _LOADS.search(text)
    assert text == page.html(replace(found))
    assert len(text) < 300_000, "it can be mailed"


def test_the_command_prints_an_outline_or_writes_the_page(capsys: Capture, tmp_path: Path) -> None:
    assert 0 == cli.main(["dashboards", "us"])
    printed = capsys.readouterr().out
    assert "medical-us-usw2-dashboard  us-west-2, " in printed
    assert "Replica lag, s  (alarm above 60 s)" in printed
    assert "Composite alarms: medical-us-usw2-side-impaired, medical-us-usw2-cell-impaired" in printed
    file = tmp_path / "us.html"
    assert 0 == cli.main(["dashboards", "us", "--html", str(file), "--set", "budgetUsd=1234"])
    assert "" == capsys.readouterr().out
    assert "Budget: 1234 USD" in file.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("argv", "said"), [(("us", "--html", "FOLDER/none/x.html"), "cannot be written"), (("nowhere",), "nowhere")]
)
def test_what_cannot_be_shown_is_refused(capsys: Capture, tmp_path: Path, argv: tuple[str, ...], said: str) -> None:
    assert 2 == cli.main(["dashboards", *(word.replace("FOLDER", str(tmp_path)) for word in argv)])
    printed = capsys.readouterr()
    assert said in printed.err
    assert "Traceback" not in printed.err
    assert "" == printed.out
