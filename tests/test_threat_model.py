"""The threat model names code and tests that are there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

from ops.engine.project import ROOT

PAGE: Final = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")
SUBJECTS: Final = (
    "The operator",
    "CI",
    "The state (Pulumi's backend)",
    "The drill tool",
    "The evidence store",
    "A lost laptop",
    "A malicious upload",
    "The supply chain",
    "The insider",
)
_NAMED: Final = re.compile(r"`((?:[a-z_]+/)+[\w.]+\.py)(?:::(\w+))?`")


def missing(page: str, root: Path = ROOT) -> list[str]:
    """The files and tests that `page` names and that are not there."""
    found = []
    for path, test in _NAMED.findall(page):
        place = root / path
        if not place.is_file() or (test and f"def {test}(" not in place.read_text(encoding="utf-8")):
            found.append(f"{path}::{test}" if test else path)
    return found


def test_whatever_the_threat_model_names_is_there() -> None:
    assert len(_NAMED.findall(PAGE)) > 50
    assert [] == missing(PAGE)


def test_what_is_not_there_is_found() -> None:
    wrong = "`components/gone.py` `tests/test_cells.py::test_gone` `tests/test_cells.py`"
    assert ["components/gone.py", "tests/test_cells.py::test_gone"] == missing(wrong)


@pytest.mark.parametrize("subject", SUBJECTS)
def test_each_subject_says_what_could_happen_what_stops_it_and_what_is_left(subject: str) -> None:
    part = PAGE.partition(f"\n## {subject}\n")[2].partition("\n## ")[0]
    rows = [line.split(" | ") for line in part.splitlines() if line.startswith("| ")][2:]
    assert len(rows) >= 3
    assert all(3 == len(row) and all(row) for row in rows)
    assert all("tests/" in row[2] for row in rows), "each is proven by a test"
    assert "\nLeft: " in part
