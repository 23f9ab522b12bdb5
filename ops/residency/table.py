"""The map of a cell's data as a table for people, from the form that machines get."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final

from rich.table import Table
from rich.text import Text

_SHOWN: Final = 2  # names in a row, before they are counted only


def table(found: Mapping[str, Any]) -> Table:
    """The map that `DataMap.as_json` gave: what is alike in place, key and copies stands in one row."""
    rows: dict[tuple[str, ...], list[Mapping[str, Any]]] = defaultdict(list)
    for place in found["places"]:
        rows[place["dataset"], place["data_class"], place["region"], place["key"], _copies(place)].append(place)
    shown = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("dataset", "class", "region", "encrypted by", "copied to", "what"):
        shown.add_column(title)
    for (*cells, copies), places in rows.items():
        style = "red" if any(place["violations"] for place in places) else ""
        shown.add_row(*(Text(cell) for cell in (*cells, copies, _names(places))), style=style)
    return shown


def verdict(found: Mapping[str, Any]) -> str:
    """What the map comes to, in a line."""
    violations = len(found["violations"])
    return f"{violations} violations" if violations else "no copy leaves the jurisdiction"


def _copies(place: Mapping[str, Any]) -> str:
    flows = (f"{flow['region']} by {flow['mechanism']}, under {flow['key']}" for flow in place["copies"])
    return "\n".join(dict.fromkeys(flows)) or "-"


def _names(places: list[Mapping[str, Any]]) -> str:
    names = [place["resource"] for place in places]
    rest = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {rest} more" if rest > 0 else "")
