"""One run of the program for each configuration: what it declares is a frozen value, and a run takes seconds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from ops.engine import project
from ops.engine.project import ProjectError
from ops.preview import work
from ops.preview.model import Preview


@pytest.fixture(scope="session", autouse=True)
def runs_are_shared() -> Iterator[None]:
    """Answer a preview of a configuration that was run before with what that run gave."""
    kept: dict[tuple[str, frozenset[tuple[str, str]]], Preview] = {}
    run = work.preview

    def preview(cell: str, *, folder: Path, overrides: Mapping[str, str] | None = None) -> Preview:
        try:
            stack = project.load(cell, folder=folder, overrides=overrides)
        except ProjectError:
            return run(cell, folder=folder, overrides=overrides)  # which refuses it in its own words
        key = (cell, frozenset(stack.config.items()))
        if key not in kept:
            kept[key] = run(cell, folder=folder, overrides=overrides)
        return kept[key]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(work, "preview", preview)
        yield
