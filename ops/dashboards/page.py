"""Puts a cell's dashboards into one HTML page, which loads nothing and runs no script. Pure.

Each widget stands where CloudWatch will put it, on its grid of 24 columns; a narrow screen has them below each other.
There are no data, and none are made up.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ops import page
from ops.dashboards import plot
from ops.dashboards.model import Widget, dashboards
from ops.preview.model import Preview

TEMPLATES: Final = Path(__file__).with_name("templates")


def html(found: Preview) -> str:
    """The page of the dashboards of `found`."""
    template = _environment().get_template("dashboards.html.j2")
    return template.render(
        found=found, boards=dashboards(found), plot=_plot, style=page.style(TEMPLATES / "dashboards.css")
    )


def _plot(widget: Widget, key: str) -> Markup:
    return Markup(plot.draw(widget, key))  # noqa: S704 - an XML writer made it, and escaped what it holds


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
