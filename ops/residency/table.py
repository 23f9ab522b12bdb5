"""The map of a cell's data as a table for people, from the form that machines get."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, Final

from rich.table import Table
from rich.text import Text

_SHOWN: Final = 2  # names in a row, before they are counted only


def table(found: Mapping[str, Any]) -> Table:
    """The map that `DataMap.as_json` gave: what is alike in place, key and copies stands in one row."""
    shown = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("dataset", "class", "region", "encrypted by", "copied to", "what"):
        shown.add_column(title)
    for cells, broken in rows(found):
        shown.add_row(*(Text(cell) for cell in cells), style="red" if broken else "")
    return shown


def rows(found: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], bool]]:
    """The map's rows: dataset, class, region, key, copies, names; and whether one of them breaks the contract."""
    alike: dict[tuple[str, ...], list[Mapping[str, Any]]] = defaultdict(list)
    for place in found["places"]:
        alike[place["dataset"], place["data_class"], place["region"], place["key"], _copies(place)].append(place)
    for cells, places in alike.items():
        yield (*cells, _names(places)), any(place["violations"] for place in places)


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
