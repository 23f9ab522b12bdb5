"""A generated configuration: as settings, or as the text of a stack's file. About four in ten should be accepted."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from hypothesis import strategies as st
from pydantic.alias_generators import to_camel

from ops.engine import project
from settings import Settings
from tests.fuzz import hostile, sound, written
from tests.fuzz.sound import Draw

KEYS: Final = tuple(to_camel(name) for name in Settings.model_fields if name != "cell")
SETTINGS, FILE = "settings", "file"


@dataclass(frozen=True, kw_only=True)
class Given:
    """What is handed over: `stated` as settings, or `file` as the bytes of a stack's file. `how` names the way."""

    cell: str
    stated: Mapping[str, str]
    file: bytes | None = None
    how: str = ""

    @property
    def kind(self) -> str:
        """Which of the two it is."""
        return SETTINGS if self.file is None else FILE


@cache
def defaults() -> dict[str, str]:
    """What the project's file says where a stack's says nothing."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "Pulumi.us.yaml").write_text("config: {}\n", encoding="utf-8")
        return project.load("us", folder=Path(folder)).stated


@st.composite
def configurations(draw: Draw) -> Given:
    """A configuration of either kind; every second one is hostile, but for those whose hostility does no harm."""
    cell, stated = draw(sound.configurations())
    hostility = draw(st.sampled_from(("none", "none", "values", "cell", "values", "none", "values")))
    if hostility == "values":
        for key, value in draw(hostile.changes(KEYS)).items():
            stated.pop(key, None)
            stated |= {} if value is None else {key: value}
    if hostility == "cell":
        cell = draw(hostile.CELLS)
    if draw(st.booleans()):
        return Given(cell=cell, stated=defaults() | stated, how=hostility)
    return draw(_file("us" if hostility == "cell" else cell, stated))


@st.composite
def _file(draw: Draw, cell: str, stated: Mapping[str, str]) -> Given:
    text = draw(written.files(stated, draw(st.permutations(sorted(stated)))))
    table = draw(st.sampled_from((written.STYLES, written.STYLES, written.FAULTS)))
    how = draw(st.sampled_from(tuple(table)))
    content = table[how](text)
    return Given(cell=cell, stated=stated, file=content if isinstance(content, bytes) else content.encode(), how=how)
