"""Puts a report into words and pictures: Markdown for a change request, one HTML file for everybody. Pure.

The HTML holds its style and its pictures, runs no script and loads nothing: it can be mailed, printed and kept.
Whatever came from elsewhere is escaped, by jinja2 in HTML and by `_escaped` in Markdown.
"""

from __future__ import annotations

import re
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from ops import page
from ops.drill.report import charts, curves, shared
from ops.drill.report.model import Report
from ops.drill.report.words import clock, seconds
from ops.svg import NARROW, WIDE, Frame

TEMPLATES: Final = Path(__file__).with_name("templates")
_CHARTS: Final = {"steps": charts.gantt, "client": charts.strip, "lag": curves.lag, "backlog": curves.backlog}
_MARKDOWN: Final = re.compile(r"([\\`*_\[\]<>|~&])")


def html(report: Report) -> str:
    """The report as one HTML file, which is well-formed XML too."""
    drawn = {name: _drawn(report, name) for name in _CHARTS}
    style = page.style(TEMPLATES / "report.css")
    shortened = bool(shared.line_of(report, Frame(width=WIDE, key="")).short)
    template = _environment().get_template("report.html.j2")
    return template.render(**_shared(report), charts=drawn, style=style, shortened=shortened)


def markdown(report: Report) -> str:
    """The report as Markdown (GitHub's tables)."""
    return _environment().get_template("report.md.j2").render(**_shared(report))


def _drawn(report: Report, name: str) -> Markup:
    """A chart twice, for wide and for narrow screens; the style sheet shows one of them."""
    frames = {"wide": Frame(width=WIDE, key=f"{name}-wide"), "narrow": Frame(width=NARROW, key=f"{name}-narrow")}
    both = "".join(f'<div class="{look}">{_CHARTS[name](report, frame)}</div>' for look, frame in frames.items())
    return Markup(both)  # noqa: S704 - an XML writer made it, and escaped what it holds


def _shared(report: Report) -> dict[str, Any]:
    origin = report.measures.origin

    def offset(moment: datetime | None) -> str:
        return clock((moment - origin).total_seconds()) if moment and origin else ""

    return {"report": report, "measures": report.measures, "offset": offset}


@cache
def _environment() -> Environment:
    found = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(enabled_extensions=("html.j2",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    found.filters.update({"seconds": seconds, "clock": _clock, "md": _escaped, "figure": _figure})
    return found


def _clock(offset: float | None) -> str:
    return "" if offset is None else clock(offset)


def _figure(value: float | None) -> str:
    """A metric's value, or that there is none."""
    return "no data" if value is None else f"{value:g}"


def _escaped(text: object) -> str:
    """`text` such that Markdown shows it and does not obey it."""
    return _MARKDOWN.sub(r"\\\1", str(text))
