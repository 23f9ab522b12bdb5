"""The dashboards: as CloudWatch takes them, nothing overlaps, and whatever has an alarm is on one."""

from __future__ import annotations

import itertools
import json
import re
from typing import Any, Final

import pytest

from components.dashboards import content, layout, titles
from components.dashboards.layout import DashboardError, Graph, Line, Note, Section
from components.observability.model import Metric, Unit
from ops.engine.record import Program, Registration
from tests.support import whole

DASHBOARD: Final = "aws:cloudwatch/dashboard:Dashboard"
ALARM: Final = "aws:cloudwatch/metricAlarm:MetricAlarm"
ALONE: Final = {"posture": "backup-only", "recoveryRegion": "none", "recoveryCidr": "none"}
WATCHING: Final = ("medical:observability:", "medical:dns:")


@pytest.fixture(scope="module", params=["us", "alone"])
def program(request: pytest.FixtureRequest) -> Program:
    return whole("us") if request.param == "us" else whole("us", **ALONE)


def bodies(program: Program) -> dict[str, list[dict[str, Any]]]:
    return {
        item.inputs["dashboardName"]: json.loads(item.inputs["dashboardBody"])["widgets"]
        for item in program.of_type(DASHBOARD)
    }


def metrics(widgets: list[dict[str, Any]]) -> set[tuple[str, ...]]:
    """What is shown: region, namespace, name and dimensions."""
    rows = [
        (widget["properties"]["region"], *row)
        for widget in widgets
        if widget["type"] == "metric"
        for row in widget["properties"]["metrics"]
    ]
    # An expression has its options alone; the order of dimensions says nothing.
    return {
        (*row[:3], *itertools.chain.from_iterable(sorted(zip(row[3:-1:2], row[4:-1:2], strict=True))))
        for row in rows
        if len(row) > 2
    }


def watched(program: Program, alarm: Registration) -> set[tuple[str, ...]]:
    """What an alarm looks at, in the same form."""
    region = str(program.region_of(alarm))
    queries = [item["metric"] for item in alarm.inputs.get("metricQueries", []) if item.get("metric")]
    return {
        (
            region,
            one["namespace"],
            one["metricName"],
            *itertools.chain.from_iterable(sorted(one.get("dimensions", {}).items())),
        )
        for one in queries or [alarm.inputs]
    }


def test_a_cell_has_one_dashboard_a_side_and_one_of_its_own(program: Program) -> None:
    sides = {item.name for item in program.of_type("pulumi:providers:aws")}
    places = {"home": "use2", "recovery": "usw2"}
    assert {"medical-us-global-dashboard", *(f"medical-us-{places[side]}-dashboard" for side in sides)} == set(
        bodies(program)
    )


def test_no_two_panels_overlap_and_none_leaves_the_grid(program: Program) -> None:
    for name, widgets in bodies(program).items():
        taken: set[tuple[int, int]] = set()
        for widget in widgets:
            cells = {
                (widget["x"] + across, widget["y"] + down)
                for across in range(widget["width"])
                for down in range(widget["height"])
            }
            assert not taken & cells, f"{name}: {widget} lies on another"
            assert widget["x"] + widget["width"] <= layout.COLUMNS
            taken |= cells


def test_a_body_is_as_cloudwatch_takes_it(program: Program) -> None:
    for widgets in bodies(program).values():
        assert sum(len(item["properties"].get("metrics", [])) for item in widgets) <= layout.MOST_METRICS
        for widget in widgets:
            assert widget["type"] in ("metric", "text", "alarm")
            rows = widget["properties"].get("metrics", [])
            ids = [row[-1]["id"] for row in rows if "id" in row[-1]]
            assert len(ids) == len(set(ids)), "ids are unique in a widget"
            assert all(re.fullmatch(r"[a-z]\w{0,254}", id_) for id_ in ids)
            for row in rows:
                assert len(row) == 1 or len(row) % 2, "namespace, name, pairs of dimensions, options"
                formula = row[-1].get("expression", "") if len(row) == 1 else ""
                assert set(re.findall(r"\b[a-z]\w*", formula)) <= set(ids), "a formula speaks of what is there"


def test_what_has_an_alarm_by_the_walk_is_on_its_sides_dashboard(program: Program) -> None:
    by_urn = program.by_urn()
    shown = set().union(*(metrics(widgets) for name, widgets in bodies(program).items() if "global" not in name))
    alarms = [item for item in program.of_type(ALARM) if by_urn[item.parent].type.startswith(WATCHING)]
    assert program.of_type(ALARM) == alarms, "every alarm is shown"
    for alarm in alarms:
        missing = watched(program, alarm) - shown
        assert not missing, f"{alarm.name}: {missing} is on no dashboard"


def test_every_graph_says_what_it_shows_and_what_its_axis_counts(program: Program) -> None:
    known = {*titles.TITLES.values(), *titles.TOGETHER.values(), "Requests a minute", "Response time"}
    units = {f", {unit}" for unit in Unit if unit}
    for name, widgets in bodies(program).items():
        for widget in (item for item in widgets if item["type"] == "metric"):
            title, axis = widget["properties"]["title"], widget["properties"]["yAxis"]["left"]
            unit = next((unit for unit in units if title.endswith(unit)), "")
            assert title.removesuffix(unit) in known, f"{name}: {title} is an alarm's key; give it a title"
            assert titles.AXES[Unit(unit.removeprefix(", "))] == axis["label"]
            assert (title != "Runs that succeeded, %") == (axis.get("min") == 0)


def test_limits_of_one_graph_are_near_enough_to_be_seen(program: Program) -> None:
    several = 0
    for widgets in bodies(program).values():
        for widget in widgets:
            limits = [item["value"] for item in widget["properties"].get("annotations", {}).get("horizontal", ())]
            assert not limits or max(limits) <= content.APART * min(limits), widget["properties"]["title"]
            several += len(limits) > 1
    assert several, "some graph has two limits"


def test_each_page_begins_with_the_composites_each_in_its_own_region(program: Program) -> None:
    standing = {
        item.outputs["arn"]: program.region_of(item)
        for item in program.of_type("aws:cloudwatch/compositeAlarm:CompositeAlarm")
    }
    for name, widgets in bodies(program).items():
        shown = [widget["properties"]["alarms"] for widget in widgets if widget["type"] == "alarm"]
        assert "alarm" == widgets[1]["type"], f"{name}: below the first heading"
        assert all(len({standing[arn] for arn in arns}) == 1 for arns in shown)
        if "global" in name:
            assert sorted(standing) == sorted(arn for arns in shown for arn in arns)


def test_the_cells_page_shows_both_sides_journeys_and_what_it_may_cost() -> None:
    widgets = bodies(whole("us"))["medical-us-global-dashboard"]
    canaries = {row[4] for row in metrics(widgets) if row[1] == "CloudWatchSynthetics"}
    assert {
        f"medical-us-{place}-{name}" for place in ("use2", "usw2") for name in ("book", "consult", "prescribe", "pay")
    } == canaries
    texts = [widget["properties"]["markdown"] for widget in widgets if widget["type"] == "text"]
    assert any("1000 USD" in text for text in texts)
    assert any("usw2" in str(widget) and widget["properties"].get("region") == "us-west-2" for widget in widgets)


METRIC: Final = Metric(namespace="AWS/SQS", name="Age", dimensions={"QueueName": "q"}, statistic="Maximum")


def test_too_many_metrics_are_refused() -> None:
    lines = [Line(label=str(number), metrics={"m": METRIC}) for number in range(layout.MOST_METRICS + 1)]
    with pytest.raises(DashboardError, match="501 metrics: CloudWatch takes 500"):
        layout.body([Section(title="Many", panels=[Graph(title="All", region="us-east-2", lines=lines)])])


def test_an_empty_section_takes_no_room_and_a_fourth_panel_begins_a_row() -> None:
    sections = [
        Section(title="None", panels=[]),
        Section(title="Four", panels=[Note(markdown=str(n)) for n in range(4)]),
    ]
    placed = list(layout.widgets(sections))
    assert [(0, 0), (0, 1), (8, 1), (16, 1), (0, 7)] == [(widget["x"], widget["y"]) for widget in placed]
