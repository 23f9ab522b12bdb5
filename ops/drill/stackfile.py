"""The stack's file after a drill: it names the writer that the drill has left, and the next update loses no database.

In the local cloud a copy in the run's folder is written, for the stack on AWS has not failed over. On AWS it is the
stack's own file, as `pulumi config set` would write it: comments and order stay.
"""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from ruamel.yaml import YAML, YAMLError

import settings
from domain.continuity import State
from ops import files
from ops.engine import project
from ops.engine.project import PROJECT_FILE, ROOT

_WIDE: Final = 4096  # columns; a long value stays on its line


class StackFileError(Exception):
    """The stack's file cannot be read or written, or what it declares is refused; the message says what to do."""


def keys(state: State) -> dict[str, str | int]:
    """The settings that say `state`."""
    return {
        "writer": state.writer,
        "homeGeneration": state.home_generation,
        "recoveryGeneration": state.recovery_generation,
    }


def copy(cell: str, source: Path, target: Path) -> None:
    """Copy the project's file and the stack's from `source` into `target`, which is made.

    Raises:
        StackFileError: there is no such file, or the folder cannot be written.
    """
    try:
        target.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in (PROJECT_FILE, _name(cell)):
            shutil.copyfile((ROOT if name == PROJECT_FILE else source) / name, target / name)
    except OSError as error:
        raise StackFileError(f"{error.filename}: {error.strerror}; name a folder with {_name(cell)} in it") from None


def state(cell: str, folder: Path) -> State:
    """The state that the stack's file in `folder` declares.

    Raises:
        StackFileError: there is no such file, or its configuration is refused.
    """
    try:
        return settings.load(cell, project.load(cell, folder=folder).stated).state
    except (project.ProjectError, settings.SettingsError) as error:
        raise StackFileError(str(error)) from None


def write(cell: str, folder: Path, values: Mapping[str, str | int]) -> Path:
    """Set `values` in the stack's file in `folder`, and give its path.

    Raises:
        StackFileError: it cannot be read or written.
    """
    path = folder / _name(cell)
    try:
        yaml = YAML(typ="rt")
        yaml.preserve_quotes = True
        yaml.width = _WIDE
        yaml.indent(mapping=2, sequence=4, offset=2)
        document = yaml.load(files.read(path).decode())
        config = document["config"]
        for key, value in values.items():
            config[key if key in config else f"{settings.PROJECT}:{key}"] = value
        text = io.StringIO()
        yaml.dump(document, text)
        files.write(path, text.getvalue())
    except (YAMLError, KeyError, TypeError, ValueError) as error:
        raise StackFileError(f"{path}: is no stack file with a 'config:' map ({type(error).__name__})") from None
    except OSError as error:
        raise StackFileError(f"{path}: {error.strerror}; the drill writes the new writer there") from None
    return path


class Foresight:
    """What the next update would do to the databases, found out beside the drill, for it takes seconds.

    Use as a context: leaving it ends what still runs.
    """

    def __init__(self, cell: str, folder: Path, before: State, after: State) -> None:
        """Begin to preview the move from `before` to `after` of the stack whose file lies in `folder`.

        Raises:
            StackFileError: the stack's file cannot be used.
        """
        self._place: Final = tempfile.TemporaryDirectory(prefix="drill-preview-")
        copied = Path(self._place.name)
        copy(cell, folder, copied)
        write(cell, copied, keys(before))
        words = [sys.executable, "-m", "ops", "preview", cell, "--json", "--stacks", str(copied)]
        for key, value in keys(after).items():
            words += ["--set", f"{key}={value}"]
        self._process: Final = subprocess.Popen(  # noqa: S603 - our own command
            words, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        self._found: tuple[bool, str] | None = None

    def __enter__(self) -> Self:
        """Nothing more."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """End the preview if it still runs."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.communicate()
        self._place.cleanup()

    def result(self) -> tuple[bool, str]:
        """Whether no database would be replaced, made empty or deleted, and the preview's verdict in words.

        Raises:
            StackFileError: the preview was refused.
        """
        if self._found is None:
            self._found = self._wait()
        return self._found

    def _wait(self) -> tuple[bool, str]:
        answer, said = self._process.communicate()
        try:
            found: dict[str, Any] = json.loads(answer)
        except ValueError:
            found = {"error": said.decode(errors="replace").strip()}
        if "safe" not in found:
            raise StackFileError(f"the next update cannot be previewed: {found['error']}")
        return bool(found["safe"]), str(found["verdict"])


def _name(cell: str) -> str:
    return f"Pulumi.{cell}.yaml"
