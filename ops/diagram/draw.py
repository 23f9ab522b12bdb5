"""Writes a drawing as SVG: colours for light and dark screens, a title and a description, no script. Pure."""

from __future__ import annotations

from typing import Final
from xml.etree import ElementTree as ET

from ops.diagram import overview as summary
from ops.diagram import palette, routes
from ops.diagram.layout import Plan
from ops.diagram.model import Picture
from ops.diagram.shapes import Box, Drawing, Label, Line

CLASS: Final = "cell-picture"
_SVG: Final = "http://www.w3.org/2000/svg"


def svg(picture: Picture) -> str:
    """`picture` as an SVG file, as large as it is drawn."""
    return _file(picture, routes.drawing(Plan(picture)))


def overview(picture: Picture) -> str:
    """What matters first of `picture` as an SVG file that is legible in a README."""
    return _file(picture, summary.drawing(picture))


def element(picture: Picture) -> str:
    """`picture` as an element that can stand in an HTML page."""
    return _element(picture, routes.drawing(Plan(picture)), CLASS)


def small_element(picture: Picture) -> str:
    """The overview of `picture` as an element that can stand in an HTML page, beside the whole."""
    return _element(picture, summary.drawing(picture), f"{CLASS}-overview")


def _file(picture: Picture, drawn: Drawing) -> str:
    size = f'width="{_number(drawn.width)}" height="{_number(drawn.height)}"'
    return _element(picture, drawn, CLASS).replace("<svg ", f'<svg xmlns="{_SVG}" {size} ', 1) + "\n"


def _element(picture: Picture, drawn: Drawing, name: str) -> str:
    """The drawing as an element of the class `name`, which its ids begin with too."""
    root = ET.Element("svg", {"class": name, "role": "img", "aria-labelledby": f"{name}-title {name}-desc"})
    root.set("viewBox", f"0 0 {_number(drawn.width)} {_number(drawn.height)}")
    ET.SubElement(root, "title", {"id": f"{name}-title"}).text = picture.title
    ET.SubElement(root, "desc", {"id": f"{name}-desc"}).text = picture.description
    ET.SubElement(root, "style").text = palette.style(name)
    _heads(ET.SubElement(root, "defs"), name)
    _fill(root, drawn, name)
    return ET.tostring(root, encoding="unicode")


def _fill(root: ET.Element, drawn: Drawing, name: str) -> None:
    page = Box(id="", look="page", x=0, y=0, width=drawn.width, height=drawn.height)
    for box in (page, *drawn.frames):
        _box(root, box, 8 if box.id else 0)
    for line in drawn.lines:
        _line(root, line, name)
    for box in drawn.nodes:
        _box(root, box, 6)
    for label in drawn.labels:
        _text(root, label)


def _heads(defs: ET.Element, name: str) -> None:
    """The arrows' heads, one a look."""
    for look in palette.LINES:
        marker = ET.SubElement(
            defs, "marker", {"id": f"{name}-{look}", "viewBox": "0 0 10 10", "refX": "9", "refY": "5"}
        )
        marker.attrib.update({"markerWidth": "9", "markerHeight": "9", "markerUnits": "userSpaceOnUse"})
        marker.set("orient", "auto-start-reverse")
        ET.SubElement(marker, "path", {"class": f"head-{look}", "d": "M0 0L10 5L0 10z"})


def _box(root: ET.Element, box: Box, round_: int) -> None:
    places = {"x": box.x, "y": box.y, "width": box.width, "height": box.height, "rx": round_}
    ET.SubElement(root, "rect", {"class": box.look, **{key: _number(value) for key, value in places.items()}})


def _line(root: ET.Element, line: Line, name: str) -> None:
    points = " ".join(f"{_number(x)},{_number(y)}" for x, y in line.corners)
    shape = ET.SubElement(root, "polyline", {"class": f"line {line.look}", "points": points})
    shape.set("marker-end", f"url(#{name}-{line.look})")
    if line.both:
        shape.set("marker-start", f"url(#{name}-{line.look})")


def _text(root: ET.Element, label: Label) -> None:
    shape = ET.SubElement(root, "text", {"class": label.look, "x": _number(label.x), "y": _number(label.y)})
    shape.set("font-size", f"{label.size:g}")
    if label.anchor != "start":
        shape.set("text-anchor", label.anchor)
    shape.text = label.words


def _number(place: float) -> str:
    return f"{round(place, 1):g}"
