"""Where a dashboard's panels stand, and its body as CloudWatch takes it. Pure, but for outputs.

CloudWatch's grid is 24 columns wide. Panels of a section stand in rows of three, below the section's heading; nothing
overlaps, whatever there is. Source of the form: "Dashboard body structure and syntax" in the CloudWatch API reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pulumi

from components import texts
from components.observability.model import Metric

COLUMNS: Final = 24
MOST_METRICS: Final = 500  # of all graphs of a dashboard; source: "CloudWatch service quotas", read November 2026
_WORD: Final = re.compile(r"[a-z]\w*")  # ids begin with a small letter, functions with a capital
_WIDTH, _HEIGHT, _HEADING = 8, 6, 1


class DashboardError(ValueError):
    """A dashboard that CloudWatch would refuse."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """A metric by what it is of. With a `formula`, that over several `metrics` by id."""

    label: str
    metrics: Mapping[str, Metric]
    formula: str = ""


@dataclass(frozen=True, kw_only=True)
class Graph:
    """Lines in one region, and the values that they are held against.

    `axis` is what the left axis counts; it begins at zero unless `from_zero` is false.
    """

    title: str
    region: str
    axis: str = ""
    from_zero: bool = True
    lines: Sequence[Line]
    limits: Sequence[tuple[str, float]] = ()


@dataclass(frozen=True, kw_only=True)
class Note:
    """A text in Markdown."""

    markdown: str


@dataclass(frozen=True, kw_only=True)
class States:
    """Alarms of one region by their ARNs, each shown as raised or not."""

    title: str
    alarms: Sequence[pulumi.Input[str]]


@dataclass(frozen=True, kw_only=True)
class Section:
    """Panels under a heading."""

    title: str
    panels: Sequence[Graph | Note | States]


def body(sections: Sequence[Section]) -> pulumi.Output[str]:
    """The body of a dashboard.

    Raises:
        DashboardError: it has more metrics than CloudWatch takes.
    """
    graphs = [panel for section in sections for panel in section.panels if isinstance(panel, Graph)]
    count = sum(len(line.metrics) + bool(line.formula) for graph in graphs for line in graph.lines)
    if count > MOST_METRICS:
        raise DashboardError(f"a dashboard of {count} metrics: CloudWatch takes {MOST_METRICS}; put fewer on one")
    return texts.dumps({"widgets": list(widgets(sections))})


def widgets(sections: Sequence[Section]) -> Iterator[Mapping[str, Any]]:
    """Each panel with the rectangle that it stands in, section by section, from the top."""
    top = 0
    across = COLUMNS // _WIDTH
    for section in sections:
        if not section.panels:
            continue
        heading = {"markdown": f"## {section.title}"}
        yield {"type": "text", "x": 0, "y": top, "width": COLUMNS, "height": _HEADING, "properties": heading}
        top += _HEADING
        for place, panel in enumerate(section.panels):
            where = {
                "x": _WIDTH * (place % across),
                "y": top + _HEIGHT * (place // across),
                "width": _WIDTH,
                "height": _HEIGHT,
            }
            yield {**where, **_drawn(panel)}
        top += _HEIGHT * -(-len(section.panels) // across)


def _drawn(panel: Graph | Note | States) -> Mapping[str, Any]:
    if isinstance(panel, Note):
        return {"type": "text", "properties": {"markdown": panel.markdown}}
    if isinstance(panel, States):
        return {"type": "alarm", "properties": {"title": panel.title, "alarms": list(panel.alarms)}}
    properties: dict[str, Any] = {
        "title": panel.title,
        "region": panel.region,
        "view": "timeSeries",
        "stacked": False,
        "metrics": [row for place, line in enumerate(panel.lines) for row in _rows(place, line)],
    }
    if panel.axis:
        least = {"min": 0} if panel.from_zero else {}
        properties["yAxis"] = {"left": {"label": panel.axis, "showUnits": False, **least}}
    if panel.limits:
        properties["annotations"] = {"horizontal": [{"label": text, "value": value} for text, value in panel.limits]}
    return {"type": "metric", "properties": properties}


def _rows(place: int, line: Line) -> Iterator[list[Any]]:
    """The rows of a line. Ids are made unique in the graph, where several lines may have a formula of the same ids."""
    if not line.formula:
        (metric,) = line.metrics.values()
        yield _row(metric, {"label": line.label})
        return
    own = {id_: f"{id_}{place}" for id_ in line.metrics}
    yield [{"expression": _renamed(line.formula, own), "id": f"result{place}", "label": line.label}]
    for id_, metric in line.metrics.items():
        yield _row(metric, {"id": own[id_], "visible": False})


def _row(metric: Metric, options: Mapping[str, Any]) -> list[Any]:
    dimensions = [part for pair in metric.dimensions.items() for part in pair]
    period = int(metric.period.total_seconds())
    return [metric.namespace, metric.name, *dimensions, {"stat": metric.statistic, "period": period, **options}]


def _renamed(formula: str, names: Mapping[str, str]) -> str:
    return _WORD.sub(lambda found: names.get(found[0], found[0]), formula)
