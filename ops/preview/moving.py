"""What a command line asks of a cell's continuity: checked against the machine before any program runs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import settings
from domain import continuity
from domain.continuity import State
from ops.engine import project
from ops.preview import moves
from ops.preview.diff import Difference
from ops.refusal import RefusalError

KEYS: Final = ("writer", "homeGeneration", "recoveryGeneration", "released")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A legal move, or a release, from what the stack's file says.

    `base` are the settings that were laid over the file beside the move, `overrides` those with the move.
    """

    name: str
    before: State
    after: State
    released: tuple[str, ...]
    base: Mapping[str, str]
    overrides: Mapping[str, str]

    def plan(self, difference: Difference) -> moves.Plan:
        """The plan of the move, whose programs differ by `difference`."""
        return moves.plan(self.name, self.before, self.after, self.released, difference)


def asked(cell: str, folder: Path, overrides: Mapping[str, str], release: tuple[str, ...]) -> Asked | None:
    """What `overrides` and `release` ask of the continuity of `cell`; None if they ask nothing.

    Raises:
        RefusalError: there is no such cell, its configuration is refused, or the machine has no such move.
    """
    if not release and not set(KEYS) & set(overrides):
        return None
    base = {key: value for key, value in overrides.items() if key not in KEYS}
    before = _settings(cell, folder, base)
    wanted = dict(overrides)
    if release:
        wanted["released"] = _released(before, overrides, release)
    after = _settings(cell, folder, wanted)
    back = sorted(set(before.released) - set(after.released))
    if back:
        raise RefusalError(f"{', '.join(back)}: released is released, the instance is gone; leave it in the list")
    try:
        name = continuity.move(before.state, after.state)
    except continuity.ContinuityError as error:
        raise RefusalError(str(error)) from None
    return Asked(
        name=name,
        before=before.state,
        after=after.state,
        released=tuple(item for item in after.released if item not in before.released),
        base=base,
        overrides=wanted,
    )


def _released(before: settings.Settings, overrides: Mapping[str, str], release: tuple[str, ...]) -> str:
    """The list of released instances with those of `release`, as configuration holds it."""
    if "released" in overrides:
        raise RefusalError("--release and --set released give the same list; use one of them")
    again = sorted({name for name in release if name in before.released or release.count(name) > 1})
    if again:
        raise RefusalError(f"--release {again[0]}: it is released already; name each once")
    return json.dumps([*before.released, *release])


def _settings(cell: str, folder: Path, overrides: Mapping[str, str]) -> settings.Settings:
    try:
        return settings.load(cell, project.load(cell, folder=folder, overrides=overrides).stated)
    except settings.SettingsError as error:
        raise RefusalError(str(error), [vars(problem) for problem in error.problems]) from None
    except project.ProjectError as error:
        raise RefusalError(str(error)) from None
