"""What a slow test must say of itself. Pure.

A test is slow if it takes seconds that nothing cheaper would prove: a real server, a whole drill, processes of their
own, thousands of examples. `make test` leaves it out, `make test-slow` and CI run it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import pytest

NAME: Final = "slow"
WAY_OUT: Final = "give the reason in words, as in @pytest.mark.slow('starts three processes')"
_WORDS: Final = 3  # of a reason, at least: fewer only repeat that it is slow


def check(test: str, marks: Iterable[pytest.Mark]) -> None:
    """Refuse a `test` that one of its marks calls slow without saying why.

    Raises:
        pytest.UsageError: it does not say why; no test runs.
    """
    if not all(explained(mark) for mark in marks):
        raise pytest.UsageError(f"{test} is slow and does not say why: {WAY_OUT}")


def explained(mark: pytest.Mark) -> bool:
    """Whether a `slow` mark gives one reason, in words."""
    if mark.kwargs or 1 != len(mark.args):
        return False
    (why,) = mark.args
    return isinstance(why, str) and len(why.split()) >= _WORDS
