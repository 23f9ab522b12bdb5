"""What several commands take on the command line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import typer

from ops.refusal import RefusalError


def named(text: str) -> Path:
    """The path that an option names.

    Raises:
        typer.BadParameter: it names none; an empty path would silently mean the current folder.
    """
    if not text:
        raise typer.BadParameter("'' names no file or folder; give a path")
    return Path(text)


def laid_over(texts: Sequence[str]) -> dict[str, str]:
    """The settings that `--set KEY=VALUE` lays over a stack's file.

    Raises:
        RefusalError: one has no key or no value, or a key is given twice.
    """
    found: dict[str, str] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not key or not equals:
            raise RefusalError(f"--set {text!r} has no key and value; give KEY=VALUE, such as --set webMax=8")
        if key in found:
            raise RefusalError(f"--set gives {key} twice; give it once")
        found[key] = value
    return found


def saving(what: str, path: Path, write: Callable[[Path], object]) -> None:
    """Have `write` put something into the file at `path`, which the command line named as `what`, such as an option.

    Raises:
        RefusalError: the file cannot be written.
    """
    try:
        write(path)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        named_ = f"{what} {str(path)!r}".lstrip()
        raise RefusalError(
            f"{named_} cannot be written: {reason}; name a file in a folder that you may write"
        ) from None
