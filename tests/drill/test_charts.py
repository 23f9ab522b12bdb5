"""The charts of a report: within their frames, without overlaps, told in words too, and honest about gaps."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from ops.drill.model import Kind
from ops.drill.report import charts, curves, render
from ops.drill.report.axis import TimeLine, time_line
from ops.drill.report.build import build
from ops.drill.report.model import Report
from ops.svg import NARROW, WIDE, Frame, lanes, wide
from tests.drill.journals import RUN, STORIES, Story, failover, found, plan

CHARTS = {"gantt": charts.gantt, "strip": charts.strip, "lag": curves.lag, "backlog": curves.backlog}
FRAMES = (Frame(width=WIDE, key="w"), Frame(width=NARROW, key="n"))


def report(story: Story) -> Report:
    return build(story.plan, story.entries, RUN)


@pytest.fixture(params=STORIES, scope="module")
def any_report(request: pytest.FixtureRequest) -> Report:
    return report(STORIES[request.param]())


@pytest.mark.parametrize("frame", FRAMES, ids=["wide", "narrow"])
@pytest.mark.parametrize("chart", CHARTS)
def test_each_chart_has_a_title_and_a_description_and_stays_within_its_frame(
    any_report: Report, chart: str, frame: Frame
) -> None:
    root = ET.fromstring(CHARTS[chart](any_report, frame))  # noqa: S314 - our own text
    assert "img" == root.get("role")
    titled = [element.get("id") for element in root if element.tag in {"title", "desc"} and element.text]
    assert (root.get("aria-labelledby") or "").split() == titled
    _, _, width, height = (float(number) for number in (root.get("viewBox") or "").split())
    for element in root.iter("rect"):
        x, y = float(element.get("x", 0)), float(element.get("y", 0))
        assert 0 <= x <= x + float(element.get("width", 0)) <= width + 1
        assert 0 <= y <= y + float(element.get("height", 0)) <= height


@pytest.mark.parametrize("frame", FRAMES, ids=["wide", "narrow"])
@pytest.mark.parametrize("chart", CHARTS)
def test_no_two_labels_of_a_chart_overlap(any_report: Report, chart: str, frame: Frame) -> None:
    root = ET.fromstring(CHARTS[chart](any_report, frame))  # noqa: S314 - our own text
    boxes = [box(element) for element in root.iter("text") if element.text]
    for place, (left, right, line, text) in enumerate(boxes):
        assert left >= -1, text
        assert right <= frame.width + 1, text
        for other in boxes[:place]:
            apart = right <= other[0] or other[1] <= left or abs(line - other[2]) >= 9
            assert apart, f"{text!r} over {other[3]!r}"


def box(element: ET.Element) -> tuple[float, float, float, str]:
    """About where a text is: left, right, its base line, and its words."""
    text = element.text or ""
    room = wide(text) * 0.92  # `wide` is rather too much, and ticks are smaller
    x = float(element.get("x", 0))
    left = {"middle": x - room / 2, "end": x - room}.get(element.get("text-anchor", ""), x)
    return left, left + room, float(element.get("y", 0)), text


def test_a_curve_is_broken_and_hatched_where_there_is_no_figure() -> None:
    root = ET.fromstring(curves.lag(report(failover()), FRAMES[0]))  # noqa: S314 - our own text
    looks = [element.get("class", "") for element in root.iter()]
    assert 1 == looks.count("curve")
    assert "hatched blind" in looks
    assert "hatched stopped" in looks
    pending = ET.fromstring(curves.backlog(report(failover()), FRAMES[0]))  # noqa: S314 - our own text
    assert not any("hatched" in element.get("class", "") for element in pending.iter())


def test_a_curve_is_broken_where_samples_could_not_be_taken() -> None:
    story = failover()
    looked = {"without": story.entries, "with": []}
    samples = [entry for entry in story.entries if entry["kind"] == "sample"]
    looked["with"] = [entry for entry in story.entries if entry not in samples[4:9]]
    drawn = {name: curves.backlog(build(story.plan, entries, RUN), FRAMES[0]) for name, entries in looked.items()}
    assert (1, 2) == (drawn["without"].count("polyline"), drawn["with"].count("polyline"))
    assert "hatched blind" in drawn["with"]


def test_labels_that_would_overlap_go_into_lanes() -> None:
    assert [0, 1, 0] == lanes([(0, 50), (40, 90), (60, 99)])
    assert [0, 0] == lanes([(0, 50), (58, 90)])


def test_a_long_rebuild_is_drawn_shorter_so_that_the_rest_can_be_seen() -> None:
    line = TimeLine(began=0, ended=10_000, left=0, right=1000, short=((1000, 9000),))
    assert 70 == pytest.approx(line.at(9000) - line.at(1000))
    assert 465 == pytest.approx(line.at(1000))
    assert (0, 1000) == (line.at(-5), pytest.approx(line.at(10_000)))
    assert not [tick for tick in line.ticks() if 1000 < tick < 9000]
    places = [line.at(offset) for offset in range(0, 10_001, 100)]
    assert sorted(places) == places


def test_a_failback_shortens_its_rebuilding_and_a_failover_nothing() -> None:
    rows = (
        ("baseline", "detect", "markers reach recovery", "users", 60),
        ("rebuild-home", "rebuild", "home gets a new replica", "home", 7200),
        ("promote-home", "promote", "home is promoted", "home", 300),
    )
    story = Story(plan(Kind.FAILBACK, rows), leads="recovery", answers={"home": "read-only", "recovery": "ready"})
    for name, length in (("baseline", 30), ("rebuild-home", 3600), ("promote-home", 120)):
        story.step(name, length)
    story.sees("promote-home", "markers-found", found())
    assert 1 == len(time_line(report(story), 0, 1000).short)
    assert "drawn shorter" in render.html(report(story))
    assert "drawn shorter" not in render.html(report(failover()))
    assert () == time_line(report(failover()), 0, 1000).short
