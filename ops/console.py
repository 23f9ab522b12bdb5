"""How tables and trees are shown: wrapped and coloured in a terminal, whole and plain anywhere else."""

from __future__ import annotations

from typing import Final, TextIO

from rich.console import Console

_WIDE: Final = 1000  # columns where nobody's terminal says: a file or a pipe wraps nothing


def console(out: TextIO) -> Console:
    """A console on `out`, which wraps and colours only in a terminal."""
    if out.isatty():
        return Console(file=out, highlight=False)
    return Console(file=out, highlight=False, width=_WIDE, color_system=None, force_terminal=False)
