"""The release that instances run: the starter, packed here, or the user's own, which they put into the bucket.

Pure but for files: reads the checkout and the installed distributions, and keeps what it packed under `build/`. A
release is a zip whose root has a package `service`; instances start `python3.11 -m service` there, with the path of
their configuration in `SERVICE_CONFIG`.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from components.web import package
from components.web.package import ReleaseError
from domain import naming
from domain.regions import REGIONS

BUILD: Final = "build"
_AUTHORITIES: Final = "certificates/rds"  # in the service: a PEM file for each region
_NAME_LIMIT: Final = 64  # characters of a release's name that the service shows
_FORM: Final = re.compile(r"(?P<key>[A-Za-z0-9][A-Za-z0-9._/-]{0,255})@sha256:(?P<sha256>[0-9a-f]{64})")


@dataclass(frozen=True, kw_only=True)
class Release:
    """A release by its key in the releases bucket and its SHA-256 in hex; `path` is the file to put there, if any."""

    key: str
    sha256: str
    path: Path | None = None

    @property
    def name(self) -> str:
        """What the service says it runs: the key, cut to what it shows."""
        return naming.fit(self.key, _NAME_LIMIT)


def parse(text: str) -> Release:
    """The user's own release, from `<key>@sha256:<64 hex digits>`.

    Raises:
        ReleaseError: it has another form.
    """
    found = _FORM.fullmatch(text)
    if not found:
        raise ReleaseError(f"release = {text[:80]!a}: must be <key in the releases bucket>@sha256:<64 hex digits>")
    return Release(key=found["key"], sha256=found["sha256"])


def starter(root: Path, regions: Collection[str] = ()) -> Release:
    """The starter release of the checkout at `root`, packed again only if what it is made from has changed.

    It is to run in `regions`.

    Raises:
        ReleaseError: it cannot be packed, or cannot reach a database in one of `regions`.
    """
    _check_authorities(root, regions)
    folder = root / BUILD
    try:
        record = folder / f"starter-{_inputs(root)}.sha256"
        return _recorded(folder, record) or _packed(root, folder, record)
    except OSError as error:
        raise ReleaseError(f"the starter release cannot be packed into {folder}: {error}; correct this") from error


def _check_authorities(root: Path, regions: Collection[str]) -> None:
    """Refuse a region whose databases the starter could not tell from an impostor's."""
    carried = {path.stem for path in (root / package.SERVICE / _AUTHORITIES).glob("*.pem")} & set(REGIONS)
    for region in regions:
        if region not in carried:
            raise ReleaseError(
                f"{region}: the starter release cannot run there, because it carries the RDS certificate authorities "
                f"of these regions: {', '.join(sorted(carried)) or 'none'}; choose one of them, or set release to a "
                "release of your own that carries those"
            )


def _inputs(root: Path) -> str:
    """A digest of all that decides the zip's bytes: the service, the pins, and how it is packed."""
    digest = hashlib.sha256()
    files = package.service_files(root)
    files[package.REQUIREMENTS] = (root / package.REQUIREMENTS).read_bytes()
    files["how"] = Path(package.__file__).read_bytes()
    for name, content in sorted(files.items()):
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()[:16]


def _recorded(folder: Path, record: Path) -> Release | None:
    """What was packed from these inputs before, if it is still there and whole."""
    try:
        sha256 = record.read_text(encoding="ascii")
        path = folder / _key(sha256)
        whole = hashlib.sha256(path.read_bytes()).hexdigest() == sha256
    except (FileNotFoundError, UnicodeDecodeError):
        return None
    return Release(key=path.name, sha256=sha256, path=path) if whole else None


def _packed(root: Path, folder: Path, record: Path) -> Release:
    content = package.pack(package.contents(root))
    sha256 = hashlib.sha256(content).hexdigest()
    path = folder / _key(sha256)
    folder.mkdir(exist_ok=True)
    _write(path, content)
    _write(record, sha256.encode())
    return Release(key=path.name, sha256=sha256, path=path)


def _key(sha256: str) -> str:
    return f"starter-{sha256[:12]}.zip"


def _write(path: Path, content: bytes) -> None:
    """Put the file there whole or not at all: cells may run side by side and pack at the same time."""
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}-", delete=False) as file:
        file.write(content)
        os.fchmod(file.fileno(), 0o644)  # else only who packed it could preview
    os.replace(file.name, path)  # noqa: PTH105 - the same, in the words that say it is atomic
