"""A first deployment's timeline for people's eyes, from what `Timeline.as_json` gives. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

_BAR: Final = 40  # columns of the whole deployment
_LEAST_SHOWN_SECONDS: Final = 30


def lines(timeline: Mapping[str, Any]) -> Iterator[RenderableType]:
    """The whole of it: how long, where the time goes, and what nobody could avoid."""
    yield Text(f"First deployment on AWS: about {clock(timeline['seconds'])}", style="bold")
    yield _table("Critical path", timeline["critical"], timeline["seconds"], "red")
    on_path = {(stage["name"], stage["type"]) for stage in timeline["critical"]}
    beside = [stage for stage in timeline["long"] if (stage["name"], stage["type"]) not in on_path]
    yield _table(
        "Beside it", sorted(beside, key=lambda stage: (stage["begin"], stage["name"])), timeline["seconds"], "cyan"
    )
    least = timeline["unavoidable"][-1]["end"] if timeline["unavoidable"] else 0
    yield Text(
        f"The longest chain that cannot be avoided takes {clock(least)}: "
        f"{' > '.join(stage['name'] for stage in timeline['unavoidable'] if _is_long(stage))}"
    )
    yield Text(f"The critical path is {timeline['ratio']:.2f} times that", style="bold")


def clock(seconds: int) -> str:
    """`seconds` in minutes and seconds, such as 22m24s."""
    minutes, rest = divmod(seconds, 60)
    return f"{minutes}m{rest:02d}s" if minutes else f"{rest}s"


def _is_long(stage: Mapping[str, Any]) -> bool:
    return bool(stage["end"] - stage["begin"] >= _LEAST_SHOWN_SECONDS)


def _table(title: str, stages: list[Any], total: int, style: str) -> Table:
    drawn = Table(box=None, pad_edge=False)
    drawn.add_column(title)
    drawn.add_column("type")
    drawn.add_column("from", justify="right")
    drawn.add_column("takes", justify="right")
    drawn.add_column("", min_width=_BAR, no_wrap=True)
    drawn.add_column("by")
    for stage in stages:
        begin, end = (round(_BAR * stage[key] / total) for key in ("begin", "end"))
        bar = Text(" " * min(begin, _BAR - 1) + "#" * max(end - begin, 1), style=style)
        took = clock(stage["end"] - stage["begin"])
        drawn.add_row(
            stage["name"], stage["type"].rpartition(":")[2], clock(stage["begin"]), took, bar, stage["source"]
        )
    return drawn
