"""`python -m bench.uncached`: the service as it is, but that keeps no answer ready: each request asks the database.

Not what a lost cache makes of the service, which still asks once for all who ask at the same moment.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from service.__main__ import main
from service.cache import Cache


class Through:
    """Keeps nothing, and lets nobody wait for another."""

    def __init__(self, _: Cache) -> None:
        """Leave the cache alone."""

    def get(self, clinic: str, question: str, load: Callable[[], bytes]) -> bytes:
        """Ask the database."""
        del clinic, question
        return load()

    def forget(self, clinic: str) -> None:
        """Have nothing to forget."""
        del clinic


if __name__ == "__main__":
    sys.exit(main(Through))
