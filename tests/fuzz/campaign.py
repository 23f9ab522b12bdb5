"""One process's part of a campaign: so many configurations from a seed, judged one after the other."""

from __future__ import annotations

import contextlib
import importlib
import os
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import hypothesis

from tests.fuzz.given import Given, configurations
from tests.fuzz.judge import Outcome, judge
from tests.fuzz.tally import Tally, case_of


def run(count: int, seed: int, programs: int, told: Callable[[Tally], None] = lambda _tally: None) -> Tally:
    """Judge `count` configurations drawn from `seed`, up to `programs` of them as whole programs.

    A finding stops nothing: it is counted, and what follows is judged as well. `told` is called after each one.
    """
    tally, chooser = Tally(), Chooser(programs)

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(configurations())
    def each(given: Given) -> None:
        outcome = judge(given, whole=False)
        if chooser.takes(outcome):
            with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stderr(nowhere):  # Pulumi's own warnings
                outcome = judge(given, whole=True)
        tally.add(given, outcome)
        told(tally)

    each()
    return tally


def prepare() -> None:
    """Load what a program loads, quietly: some of the provider's modules warn about themselves."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        importlib.import_module("components.cell.cell")


class Chooser:
    """Chooses what is run as a whole program: first what there was none of, then what there was least of."""

    def __init__(self, programs: int) -> None:
        """Choose up to `programs`."""
        self._left = programs
        self._seen: Counter[tuple[str, ...]] = Counter()

    def takes(self, outcome: Outcome) -> bool:
        """Whether to run this one."""
        if outcome.accepted is None or outcome.faults or self._left == 0:
            return False
        case = case_of(outcome.accepted)
        self._seen[case] += 1
        # The first, the second, the fourth, the eighth ... of a case: what is frequent is run seldom.
        if self._seen[case] & (self._seen[case] - 1):
            return False
        self._left -= 1
        return True


def smallest(given: Given, fault: str, *, whole: bool) -> Given:
    """`given` without what its fault does not need: each setting, or each line, is left out in turn."""

    def shows(candidate: Given) -> bool:
        return fault in judge(candidate, whole=whole).faults

    if given.file is None:
        for key in sorted(given.stated):
            candidate = replace(given, stated={other: value for other, value in given.stated.items() if other != key})
            given = candidate if shows(candidate) else given
        return given
    lines = given.file.splitlines(keepends=True)
    for place in reversed(range(len(lines))):
        candidate = replace(given, file=b"".join(lines[:place] + lines[place + 1 :]))
        if shows(candidate):
            given, lines = candidate, lines[:place] + lines[place + 1 :]
    return given
