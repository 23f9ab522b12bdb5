"""Carries the command out: runs the program offline, and prints the dashboards' outline or writes their page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from ops import arguments, files
from ops.dashboards import page
from ops.dashboards.model import Dashboard, dashboards
from ops.engine import project
from ops.preview import work


def run(cell: str, *, html: Path | None, settings: tuple[str, ...], stacks: Path | None, out: TextIO) -> None:
    """Print the outline of the dashboards of `cell` on `out`, or write their page to `html`.

    Raises:
        RefusalError: the cell's configuration or the file cannot be used.
    """
    overrides = arguments.laid_over(settings)
    if html:
        arguments.saving("--html", html, files.writable)
    found = work.preview(cell, folder=stacks or project.ROOT, overrides=overrides)
    if html:
        content = page.html(found)
        arguments.saving("--html", html, lambda path: files.write(path, content))
        return
    for board in dashboards(found):
        out.writelines(f"{line}\n" for line in _outline(board))


def _outline(board: Dashboard) -> Iterator[str]:
    yield f"{board.name}  {board.region}, {board.graphs} graphs of {board.metrics} metrics"
    for title, widgets in board.sections:
        yield f"  {title}"
        for widget in widgets:
            limits = f"  ({', '.join(label for label, _ in widget.limits)})" if widget.limits else ""
            yield f"    {widget.title}{limits}"
