"""How a build is watched: a spinner on a terminal, plain lines elsewhere, silence in CI. Always on standard error."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def watching() -> Iterator[Callable[[str], None]]:
    """What hears of each step, as suits where standard error goes."""
    if os.environ.get("CI", "").lower() in {"1", "true"}:
        yield _silent
    elif not sys.stderr.isatty():
        yield _line
    else:
        from rich.console import Console  # noqa: PLC0415 - most runs show no spinner
        from rich.markup import escape  # noqa: PLC0415 - as above

        with Console(stderr=True).status("reading what is pinned") as status:
            yield lambda text: status.update(escape(text))


def _silent(_text: str) -> None:
    """Nobody watches."""


def _line(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201 - a command line speaks to people
