"""The state folder: which cells stand, who serves each, and who may change that at the moment.

Per cell it holds `<cell>.json` (while the cell stands), `<cell>.log` (what its process wrote), `<cell>.count` (how many
resources it had last, for the progress bar) and `<cell>.lock`. Files are replaced in one step, so a reader never sees
half of one. Does not start or end processes.
"""

from __future__ import annotations

import errno
import fcntl
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from ops.engine.project import ROOT
from ops.sandbox.cells import process

VARIABLE: Final = "MEDICAL_SANDBOX_DIR"
DEFAULT: Final = ROOT / ".sandbox"
# Keys that open nothing: the local AWS takes any.
_KEY: Final = "sandbox"
# What a shell may hold that would win over the keys and the address of a cell.
UNSET: Final = ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "AWS_DEFAULT_PROFILE")


class StateError(Exception):
    """The state folder cannot be used; the message says why and what to do."""


class BusyError(Exception):
    """Another command is at work on a cell."""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A cell that stands: where its AWS is reached, and the process that serves it."""

    cell: str
    instance: str
    pid: int
    endpoint_url: str
    account: str
    home_region: str
    resources: int
    since: str
    until: str

    @property
    def alive(self) -> bool:
        """Whether its process still serves."""
        return process.serves(self.pid, self.instance)

    def environment(self) -> dict[str, str]:
        """What makes any AWS SDK or command line talk to this cell."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_ACCESS_KEY_ID": _KEY,
            "AWS_SECRET_ACCESS_KEY": _KEY,
            "AWS_REGION": self.home_region,
            "AWS_DEFAULT_REGION": self.home_region,
        }


_STANDING: Final = TypeAdapter(Standing)


class StateFolder:
    """The state folder, made when it is first needed."""

    def __init__(self, path: Path | None = None) -> None:
        """The folder at `path`, else where the environment says (from the project on), else the project's `.sandbox`.

        Raises:
            StateError: it cannot be made or read.
        """
        self.path = path or ROOT / (os.environ.get(VARIABLE) or DEFAULT)
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            next(self.path.iterdir(), None)
        except OSError as error:
            raise _unusable(self.path, error) from None

    def log(self, cell: str) -> Path:
        """Where the process of `cell` writes what it has to say."""
        return self.path / f"{cell}.log"

    def file(self, cell: str) -> Path:
        """Where it is noted that `cell` stands."""
        return self.path / f"{cell}.json"

    def cells(self) -> list[str]:
        """The cells that stand or that a command was ever at work on, in alphabetical order."""
        return sorted({*self.noted(), *(path.stem for path in self.path.glob("*.lock"))})

    def standing(self) -> dict[str, Standing]:
        """The cells whose process serves, by name."""
        return {cell: found for cell, found in self.noted().items() if found.alive}

    def noted(self) -> dict[str, Standing]:
        """The cells that were noted as standing, by name; the process of some may have ended since."""
        found = (_read(path) for path in sorted(self.path.glob("*.json")))
        return {item.cell: item for item in found if item}

    def note(self, standing: Standing) -> None:
        """Keep that a cell stands."""
        self._write(f"{standing.cell}.json", _STANDING.dump_json(standing, indent=2))
        self._write(f"{standing.cell}.count", str(standing.resources).encode())

    def forget(self, standing: Standing) -> None:
        """Take the note away, unless it is about another instance by now."""
        path = self.file(standing.cell)
        found = _read(path)
        if found is not None and found.instance == standing.instance:
            path.unlink(missing_ok=True)

    def expected(self, cell: str) -> int | None:
        """How many resources `cell` had when it last stood."""
        try:
            return int((self.path / f"{cell}.count").read_text(encoding="ascii"))
        except (OSError, ValueError):
            return None

    @contextmanager
    def locked(self, cells: Iterable[str]) -> Iterator[None]:
        """Keep every other command away from `cells` until the block ends.

        Raises:
            BusyError: another command is at work on one of them.
            StateError: the folder cannot be written.
        """
        if not os.access(self.path, os.W_OK | os.X_OK):
            raise _unusable(self.path, OSError(errno.EACCES, os.strerror(errno.EACCES)))
        with ExitStack() as stack:
            for cell in sorted(set(cells)):
                file = self._opened(f"{cell}.lock")
                stack.callback(os.close, file)
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    raise BusyError(
                        f"another 'sandbox' command is at work on cell {cell!r}; let it finish or end it first"
                    ) from None
            yield

    def _opened(self, name: str) -> int:
        try:
            return os.open(self.path / name, os.O_WRONLY | os.O_CREAT | os.O_NONBLOCK | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise _unusable(self.path / name, error) from None

    def _write(self, name: str, content: bytes) -> None:
        handle, path = tempfile.mkstemp(dir=self.path, prefix=f".{name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            Path(path).replace(self.path / name)
        except BaseException:
            Path(path).unlink(missing_ok=True)
            raise


def _unusable(path: Path, error: OSError) -> StateError:
    reason = error.strerror or type(error).__name__
    return StateError(
        f"{str(path)!r}: the sandbox keeps its state there and must be able to read and write it ({reason}); "
        f"set {VARIABLE} to a folder you may write"
    )


def _read(path: Path) -> Standing | None:
    """What `path` notes; nothing if it is no note of ours."""
    try:
        found = _STANDING.validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None
    return found if found.cell == path.stem else None
