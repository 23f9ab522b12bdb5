"""Runs of the real program that processes share: one works out what a configuration registers, and the others read it.

Under `build/tests/runs`, keyed by all that a run depends on: the program's sources, its configuration, what it packs
and what is installed. No secret is there: offline, what AWS would keep secret is a readable mark, and configuration
with encrypted values is refused (`ops.engine.project`).
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import pickle
import shutil
import sys
import sysconfig
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeAlias
from unittest import mock

from components.web import release
from ops.engine import runner
from ops.engine.project import PROJECT_FILE, ROOT, Stack
from ops.engine.record import Program
from ops.engine.synthetic import Synthetic, Unknown
from tests import package

FOLDER: Final = ROOT / "build" / "tests" / "runs"
Offline: TypeAlias = Synthetic | Unknown
OFFLINE: Final = (Synthetic, Unknown)
_RUN: Final = runner.run  # itself, however `shared` answers to its name
SOURCES: Final = ("components", "domain", "functions", "ops/engine", "service", "settings", "__main__.py", PROJECT_FILE)
VERSIONS_KEPT: Final = 3  # of the sources: what was run before an edit is of use again when it is taken back


def sources(root: Path = ROOT) -> str:
    """A digest of the program's files under `root`, of Python and of what is installed for it."""
    digest = hashlib.sha256(sys.version.encode())
    installed = Path(sysconfig.get_path("purelib")).glob("*.dist-info")
    digest.update("\n".join(sorted(path.name for path in installed)).encode())
    for source in SOURCES:
        place = root / source
        for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
            if path.is_file() and "__pycache__" not in path.parts:
                content = path.read_bytes()
                digest.update(f"{path.relative_to(root)}\0{len(content)}\0".encode())
                digest.update(content)
    return digest.hexdigest()[:16]


# Before a test imports any more of the program: a run of files that have changed since is not kept under the new ones.
_SOURCES: Final = sources()


def run(stack: Stack, backend: type[Offline] = Synthetic) -> Program:
    """What the real program registers for `stack`: with readable marks for what AWS would answer, or `Unknown`.

    Raises:
        Exception: what `runner.run` raises; a refusal is not kept.
    """
    return _run(stack.name, stack.project, frozenset(stack.config.items()), backend)


@contextmanager
def shared() -> Iterator[None]:
    """Until the block ends, what this process runs of the whole program offline is shared, whoever asks for it."""

    def either(stack: Stack, backend: runner.Backend, **more: Any) -> Program:  # noqa: ANN401 - as `runner.run` takes
        if more or not isinstance(backend, Synthetic | Unknown) or type(backend) not in OFFLINE:
            return _RUN(stack, backend, **more)
        return run(stack, type(backend))

    with mock.patch.object(runner, "run", either):
        yield


@cache
def _run(name: str, project: str, config: frozenset[tuple[str, str]], backend: type[Offline]) -> Program:
    stack = Stack(name=name, project=project, config=dict(config))
    place = FOLDER / _SOURCES / f"{_key(stack, backend)}.pickle"
    return kept(place, lambda: _RUN(stack, backend()), lambda: _SOURCES == sources())


def _key(stack: Stack, backend: type[Offline]) -> str:
    """What besides the sources a run depends on; the files that its assets name are there after this."""
    packages = [ROOT / stack.config[f"{stack.project}:{setting}"] for setting in package.SETTINGS]
    content = [hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "" for path in packages]
    said = (stack.name, stack.project, sorted(stack.config.items()), content, _starter(), backend.__name__)
    return hashlib.sha256(repr(said).encode()).hexdigest()


@cache
def _starter() -> str:
    return release.starter(ROOT).key


def kept(place: Path, make: Callable[[], Program], holds: Callable[[], bool] = lambda: True) -> Program:
    """What stands at `place`; else what `make` gives, which is put there if it `holds` afterwards.

    Processes that ask for the same at the same time wait for the first one.
    """
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _tidy(place.parent.parent)
    with _locked(place.with_suffix(".lock")):
        if place.exists():
            found: Program = pickle.loads(zlib.decompress(place.read_bytes()))  # noqa: S301 - written here, to be read by its owner alone
            return found
        made = make()
        if holds():
            _write(place, zlib.compress(pickle.dumps(made, pickle.HIGHEST_PROTOCOL), level=1))
        return made


@contextmanager
def _locked(place: Path) -> Iterator[None]:
    with place.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # released with the file, however the process ends
        yield


def _write(place: Path, content: bytes) -> None:
    """Put the file there whole or not at all; its owner alone can read it."""
    with tempfile.NamedTemporaryFile(dir=place.parent, delete=False) as file:
        file.write(content)
    os.replace(file.name, place)  # noqa: PTH105 - the same, in the words that say it is atomic


def _tidy(folder: Path) -> None:
    """Drop what was kept of all versions of the sources but the last ones used."""
    with suppress(FileNotFoundError):  # another process tidies as well
        versions = sorted(folder.iterdir(), key=lambda place: place.stat().st_mtime, reverse=True)
        for place in versions[VERSIONS_KEPT:]:
            shutil.rmtree(place, ignore_errors=True)
