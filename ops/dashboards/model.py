"""A cell's dashboards as values, read off the bodies that its program registers. Pure.

Source of a body's form: "Dashboard body structure and syntax" in the CloudWatch API reference, read November 2026.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ops.preview.model import Preview

COMPOSITE_TYPE: Final = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
TYPE: Final = "aws:cloudwatch/dashboard:Dashboard"
_HEADING: Final = re.compile(r"^#+ (.*)$")
_LINK: Final = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_MARKS: Final = re.compile(r"[*`]")


@dataclass(frozen=True, kw_only=True)
class Line:
    """What a graph draws: its label, and the metric or formula with statistic and period that it is of."""

    label: str
    what: str


@dataclass(frozen=True, kw_only=True)
class Widget:
    """A rectangle of the grid, in its units, from 0.

    It is a graph of `lines` if it has a `region`, else a text, or the states of the alarms that its title names.

    `limits` are the horizontal lines across it by label; `axis` is what the left axis is called.
    """

    x: int
    y: int
    width: int
    height: int
    title: str
    region: str = ""
    axis: str = ""
    lines: tuple[Line, ...] = ()
    limits: tuple[tuple[str, float], ...] = ()
    heading: bool = False


@dataclass(frozen=True, kw_only=True)
class Dashboard:
    """A dashboard, in the region where its console page is, with how many metrics it asks for."""

    name: str
    region: str
    metrics: int
    widgets: tuple[Widget, ...]

    @property
    def graphs(self) -> int:
        """How many of its widgets draw something."""
        return sum(bool(item.region) for item in self.widgets)

    @property
    def sections(self) -> list[tuple[str, list[Widget]]]:
        """The widgets below each heading, in the order in which they are read."""
        found: list[tuple[str, list[Widget]]] = []
        for item in self.widgets:
            if item.heading:
                found.append((item.title, []))
            elif found:
                found[-1][1].append(item)
            else:
                found.append(("", [item]))
        return found


def dashboards(found: Preview) -> list[Dashboard]:
    """The dashboards of a cell: the cell's own first, then each side's."""
    names = {item.name: str(item.inputs["alarmName"]) for item in found.resources if item.type == COMPOSITE_TYPE}
    made = [_dashboard(item.region, item.inputs, names) for item in found.resources if item.type == TYPE]
    return sorted(made, key=lambda item: ("-global-" not in item.name, item.name))


def _dashboard(region: str, inputs: Mapping[str, Any], names: Mapping[str, str]) -> Dashboard:
    widgets = json.loads(str(inputs["dashboardBody"]))["widgets"]
    return Dashboard(
        name=str(inputs["dashboardName"]),
        region=region,
        metrics=sum(len(item["properties"].get("metrics", [])) for item in widgets),
        widgets=tuple(_widget(item, names) for item in sorted(widgets, key=lambda item: (item["y"], item["x"]))),
    )


def _widget(given: Mapping[str, Any], names: Mapping[str, str]) -> Widget:
    properties = given["properties"]
    heading = _HEADING.match(properties.get("markdown", ""))
    # An ARN that nobody has given yet ends in the resource's name in the program.
    known = (str(arn).rpartition(":")[2].rpartition("/")[2] for arn in properties.get("alarms", ()))
    alarms = ", ".join(names.get(name, name) for name in known)
    limits = properties.get("annotations", {}).get("horizontal", ())
    return Widget(
        x=int(given["x"]),
        y=int(given["y"]),
        width=int(given["width"]),
        height=int(given["height"]),
        title=_titled(properties, alarms) or (heading[1] if heading else _plain(properties["markdown"])),
        region=properties.get("region", ""),
        axis=properties.get("yAxis", {}).get("left", {}).get("label", ""),
        lines=tuple(_lines(properties.get("metrics", ()))),
        limits=tuple((item["label"], float(item["value"])) for item in limits),
        heading=bool(heading),
    )


def _titled(properties: Mapping[str, Any], alarms: str) -> str:
    title = str(properties.get("title", ""))
    return f"{title}: {alarms}" if alarms else title


def _lines(rows: Sequence[Sequence[Any]]) -> Iterator[Line]:
    """The rows that are drawn; those that a formula alone uses are told by what the formula calls them."""
    named = {row[-1]["id"]: _metric(row) for row in rows if "id" in row[-1] and "expression" not in row[-1]}
    for row in rows:
        options = row[-1]
        if "expression" in options:
            used = (f"{id_}: {what}" for id_, what in named.items() if re.search(rf"\b{id_}\b", options["expression"]))
            yield Line(label=options["label"], what=f"{options['expression']}, where {'; '.join(used)}")
        elif options.get("visible", True):
            yield Line(label=options["label"], what=_metric(row))


def _metric(row: Sequence[Any]) -> str:
    """A metric as a person says it; its dimensions are told by the label."""
    namespace, name, *_, options = row
    return f"{namespace} {name}, {options['stat']} of {_period(int(options['period']))}"


def _period(seconds: int) -> str:
    for unit, size in (("day", 86_400), ("hour", 3600), ("minute", 60)):
        if seconds % size == 0:
            count = seconds // size
            return f"{count} {unit}{'s' if count > 1 else ''}"
    return f"{seconds} seconds"


def _plain(markdown: str) -> str:
    """Markdown without its marks."""
    return _MARKS.sub("", _LINK.sub(r"\1", markdown))
