"""A state folder of its own for every test, and nothing left standing after it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.sandbox.cells import process
from ops.sandbox.cells.state import VARIABLE, StateFolder


def end_all(folder: StateFolder) -> None:
    for item in folder.noted().values():
        process.end(item.pid, item.instance)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StateFolder]:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "state"))
    made = StateFolder()
    yield made
    end_all(made)


@pytest.fixture(autouse=True)
def no_own_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests say what they need of the environment."""
    for name in [*os.environ]:
        if name.startswith("AWS_") or name == "CI":
            monkeypatch.delenv(name)
