"""Puts a preview into one HTML page, which is well-formed XML too. Pure.

The page holds its style and its pictures, runs no script and loads nothing: it can be mailed, attached, printed and
kept. Secrets are out of a preview before it gets here. The same preview gives the same bytes.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ops import page
from ops.cost import render as cost_render
from ops.diagram import draw, picture
from ops.preview.diff import Difference
from ops.preview.model import Preview
from ops.preview.page import content, gantt
from ops.preview.telling import shown
from ops.preview.timeline_table import clock
from ops.residency import table
from ops.svg import NARROW, WIDE, Frame

TEMPLATES: Final = Path(__file__).with_name("templates")
VALUE: Final = 400  # characters of a value on the page
_NOT_XML: Final = re.compile(r"[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]")


def html(found: Preview, difference: Difference | None = None) -> str:
    """The page of `found`, with what lies between it and another one where that was asked for."""
    drawn = {"diagram": _diagram(found)} if found.home.region else {}
    if found.timeline:
        drawn["timeline"] = _timeline(found)
    template = _environment().get_template("preview.html.j2")
    return template.render(
        found=found,
        content=content,
        difference=difference,
        cost_changes=_cost_changes(difference),
        residency=list(table.rows(found.residency)) if found.residency else [],
        drawn=drawn,
        style=page.style(TEMPLATES / "preview.css"),
        branches=content.tree(found),
    )


def _diagram(found: Preview) -> Markup:
    """The picture for wide screens, and its overview for narrow ones; the style sheet shows one of them."""
    shown = picture.of(found)
    both = f'<div class="wide">{draw.element(shown)}</div><div class="narrow">{draw.small_element(shown)}</div>'
    return Markup(both)  # noqa: S704 - an XML writer made it, and escaped what it holds


def _timeline(found: Preview) -> Markup:
    """The chart twice, for wide and for narrow screens; the style sheet shows one of them."""
    frames = {"wide": Frame(width=WIDE, key="timeline-wide"), "narrow": Frame(width=NARROW, key="timeline-narrow")}
    both = "".join(f'<div class="{look}">{gantt.draw(found.timeline, frame)}</div>' for look, frame in frames.items())
    return Markup(both)  # noqa: S704 - an XML writer made it, and escaped what it holds


def _cost_changes(difference: Difference | None) -> list[tuple[str, float, float]]:
    if difference is None or not difference.before.cost or not difference.after.cost:
        return []
    return cost_render.changed(difference.before.cost, difference.after.cost)


@cache
def _environment() -> Environment:
    found = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_writable,
    )
    found.filters.update({"clock": clock, "usd": _usd, "shown": _shown})
    return found


def _writable(value: Any) -> Any:  # noqa: ANN401 - whatever a template prints
    """`value` without the characters that XML has no way to write."""
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", value) if type(value) is str else value


def _usd(value: float | None) -> str:
    return "-" if value is None else f"{value:,.2f}"


def _shown(value: Any) -> str:  # noqa: ANN401 - a property tree is any JSON
    return shown(value, VALUE)
