"""What several commands take on the command line."""

from __future__ import annotations

from pathlib import Path

import typer


def named(text: str) -> Path:
    """The path that an option names.

    Raises:
        typer.BadParameter: it names none; an empty path would silently mean the current folder.
    """
    if not text:
        raise typer.BadParameter("'' names no file or folder; give a path")
    return Path(text)
