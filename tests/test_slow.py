"""Slow tests say why they are slow, and nothing that CI must prove is left out by being slow."""

from __future__ import annotations

import pytest

from ops.engine.project import ROOT
from tests import slow


@pytest.mark.parametrize(
    "mark", [pytest.mark.slow("starts three processes"), pytest.mark.slow("ten thousand generated configurations")]
)
def test_a_reason_in_words_is_one(mark: pytest.MarkDecorator) -> None:
    assert slow.explained(mark.mark)


@pytest.mark.parametrize(
    "mark",
    [
        pytest.mark.slow,
        pytest.mark.slow(),
        pytest.mark.slow("slow"),
        pytest.mark.slow("  "),
        pytest.mark.slow(reason="starts three processes"),
        pytest.mark.slow("starts three processes", "and a server"),
        pytest.mark.slow(30),
    ],
)
def test_anything_else_is_none(mark: pytest.MarkDecorator) -> None:
    assert not slow.explained(mark.mark)


def test_an_unexplained_slow_test_is_refused_with_the_way_out() -> None:
    explained, silent = pytest.mark.slow("starts three processes").mark, pytest.mark.slow.mark
    slow.check("tests/test_x.py::test_y", [explained])
    with pytest.raises(
        pytest.UsageError, match=r"^tests/test_x.py::test_y is slow and does not say why: give the reason"
    ):
        slow.check("tests/test_x.py::test_y", [explained, silent])


def test_ci_runs_the_quick_tests_and_the_slow_ones() -> None:
    commands = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert ["make test", "make test-slow"] == [line for line in commands if line.startswith("make ")]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert 1 == makefile.count("pytest -m 'not slow' ")
    assert 1 == makefile.count("pytest -m slow ")
