"""Carries the command out: runs the program offline, and prints or writes the picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TextIO

from ops import arguments, files
from ops.diagram import draw, mermaid, picture
from ops.diagram.model import Picture
from ops.engine import project
from ops.preview import work
from ops.refusal import RefusalError

PICTURES: Final = project.ROOT / "docs" / "pictures"
FORMS: Final[Mapping[str, tuple[str, Callable[[Picture], str]]]] = {
    "svg": (".svg", draw.svg),
    "overview": ("-overview.svg", draw.overview),
    "mermaid": (".mmd", mermaid.text),
}
"""The forms, each with what its files' names end in and what draws it."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """What was asked for on the command line; `settings` are texts KEY=VALUE."""

    cell: str
    form: str = "svg"
    out: Path | None = None
    write: bool = False
    side: str = picture.BOTH
    settings: tuple[str, ...] = ()
    stacks: Path | None = None


def run(options: Options, out: TextIO) -> None:
    """Draw what `options` ask for, and print it on `out` or write it.

    Raises:
        RefusalError: the options, the cell's configuration or the file cannot be used.
    """
    _check(options)
    overrides = arguments.laid_over(options.settings)
    found = work.preview(options.cell, folder=options.stacks or project.ROOT, overrides=overrides)
    sides = {name for name, place in (("home", found.home), ("recovery", found.recovery)) if place.region}
    if options.side not in {picture.BOTH, *sides}:
        raise RefusalError(
            f"--side {options.side}: cell {options.cell} has no such side; give {' or '.join(sorted(sides))}"
        )
    shown = picture.of(found, options.side)
    if options.write:
        for ending, drawn in FORMS.values():
            _write(PICTURES / f"{options.cell}{ending}", drawn(shown))
        return
    content = FORMS[options.form][1](shown)
    if options.out:
        _write(options.out, content)
    else:
        out.write(content)


def _check(options: Options) -> None:
    """Refuse what cannot be before the program runs, which takes seconds."""
    if options.form not in FORMS:
        raise RefusalError(f"--format {options.form!r} is none of ours; give {', '.join(FORMS)}")
    if options.side not in {picture.BOTH, "home", "recovery"}:
        raise RefusalError(f"--side {options.side!r} is no side; give home, recovery or both")
    asked = options.out or options.settings or options.stacks or options.side != picture.BOTH
    if options.write and asked:
        raise RefusalError(
            "--write draws the cell as it is shipped into docs/pictures; without --out, --set, --side and --stacks"
        )
    if options.out:
        arguments.saving("", options.out, files.writable)


def _write(path: Path, content: str) -> None:
    arguments.saving("", path, lambda target: files.write(target, content))
