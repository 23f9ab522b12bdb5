"""The folders in which runs are kept: `.drills/<cell>/<run>/` with the plan, the journal and what is of this machine.

`plan.json` is what was approved; `journal.jsonl` is what happened; `run.json` has the facts of real time, which are
kept out of the journal so that the same seed gives the same journal. One command at a time is at work on a cell.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import re
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from ops.drill.model import Kind, Plan
from ops.engine.project import ROOT
from ops.refusal import RefusalError

VARIABLE: Final = "MEDICAL_DRILLS_DIR"
DEFAULT: Final = ".drills"
_MODE: Final = 0o700
_FILE_MODE: Final = 0o600
_RUN: Final = re.compile(rf"(?P<cell>[a-z][a-z0-9-]*)-(?P<kind>{'|'.join(Kind)})-(?P<number>[0-9]{{3,}})")


@dataclass(frozen=True, kw_only=True)
class Run:
    """A run's name, such as `us-failover-003`, and its folder."""

    id: str
    cell: str
    folder: Path

    @property
    def journal(self) -> Path:
        """What happened."""
        return self.folder / "journal.jsonl"

    def plan(self) -> Plan:
        """The plan that is carried out.

        Raises:
            RefusalError: it cannot be read, or is not what a drill writes.
        """
        path = self.folder / "plan.json"
        try:
            return Plan.model_validate_json(path.read_bytes())
        except OSError as error:
            raise RefusalError(
                f"{path}: {error.strerror}; without its plan run {self.id} cannot be gone on with"
            ) from None
        except ValidationError:
            raise RefusalError(f"{path} is no plan that this code has written; begin a new drill") from None

    def facts(self) -> dict[str, Any]:
        """The facts of real time; none if there are none yet."""
        try:
            return dict(json.loads((self.folder / "run.json").read_bytes()))
        except (OSError, ValueError, TypeError):
            return {}

    def note(self, **facts: Any) -> None:  # noqa: ANN401 - any JSON
        """Keep `facts` of real time beside those that are kept."""
        write(self.folder / "run.json", {**self.facts(), **facts})


class Runs:
    """All runs, in one folder."""

    def __init__(self, folder: Path | None = None) -> None:
        """Those in `folder`, else where the environment says (from the project on), else in the project's `.drills`."""
        self.folder: Final = folder or ROOT / (os.environ.get(VARIABLE) or DEFAULT)

    def create(self, plan: Plan) -> Run:
        """A new run of `plan`, with the cell's next number.

        Raises:
            RefusalError: the folder cannot be written.
        """
        cell = self._cell(plan.cell)
        numbers = [int(found["number"]) for run in self.of(plan.cell) if (found := _RUN.fullmatch(run.id))]
        try:
            run = self._made(cell, plan, max(numbers, default=0) + 1)
            write(run.folder / "plan.json", plan.model_dump(mode="json"))
        except OSError as error:
            raise _unusable(cell, error) from None
        return run

    def keep(self, cell: str) -> None:
        """See that runs of `cell` can be kept, before anything is built for one.

        Raises:
            RefusalError: the folder cannot be written.
        """
        folder = self._cell(cell)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise _unusable(folder, PermissionError(errno.EACCES, os.strerror(errno.EACCES)))

    def find(self, run: str) -> Run:
        """The run called `run`.

        Raises:
            RefusalError: there is none.
        """
        named = _RUN.fullmatch(run)
        if not named:
            raise RefusalError(
                f"{run!a} is no run; runs are called like us-failover-003, and 'drill history' lists them"
            )
        folder = self.folder / named["cell"] / run
        if not folder.is_dir():
            known = ", ".join(found.id for found in self.of(named["cell"])) or "none"
            raise RefusalError(f"there is no run {run} in {self.folder}; cell {named['cell']} has {known}")
        return Run(id=run, cell=named["cell"], folder=folder)

    def of(self, cell: str) -> list[Run]:
        """The runs of `cell`, in the order in which they were begun."""
        folders = [path for path in (self.folder / cell).glob("*") if _RUN.fullmatch(path.name) and path.is_dir()]
        folders.sort(key=lambda path: int(path.name.rpartition("-")[2]))
        return [Run(id=path.name, cell=cell, folder=path) for path in folders]

    def cells(self) -> list[str]:
        """The cells that have runs, in alphabetical order."""
        return sorted(path.name for path in self.folder.glob("*") if self.of(path.name))

    @contextmanager
    def locked(self, cell: str) -> Generator[None]:
        """Keep every other command of this machine away from the drills of `cell` until the block ends.

        Raises:
            RefusalError: another command is at work there, or the folder cannot be used.
        """
        folder = self._cell(cell)
        opened = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(opened)
            raise RefusalError(
                f"another command of this machine is at work on the drills of cell {cell}; wait until it has ended, or "
                f"see it with 'python -m ops drill status'"
            ) from None
        try:
            yield
        finally:
            os.close(opened)

    def busy(self, cell: str) -> bool:
        """Whether a command of this machine is at work on the drills of `cell`."""
        try:
            with self.locked(cell):
                return False
        except RefusalError:
            return True

    def _cell(self, cell: str) -> Path:
        folder = self.folder / cell
        try:
            folder.mkdir(mode=_MODE, parents=True, exist_ok=True)
        except OSError as error:
            raise _unusable(folder, error) from None
        return folder

    def _made(self, cell: Path, plan: Plan, number: int) -> Run:
        name = f"{plan.cell}-{plan.kind}-{number:03}"
        (cell / name).mkdir(mode=_MODE)
        return Run(id=name, cell=plan.cell, folder=cell / name)


def write(path: Path, content: Mapping[str, Any]) -> None:
    """Put `content` into `path` as JSON, whole or not at all, for its owner only.

    Raises:
        OSError: it cannot be written.
    """
    part = path.with_name(f".{path.name}.part")
    opened = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, _FILE_MODE)
    with os.fdopen(opened, "w", encoding="utf-8") as file:
        json.dump(content, file, indent=2, sort_keys=True)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def _unusable(path: Path, error: OSError) -> RefusalError:
    return RefusalError(f"{path}: {error.strerror}; name a folder that can be written in {VARIABLE}")
