"""The packages that functions run, as files. Pure but for reading them."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pulumi

from components.documents.tasks import HANDLERS
from domain import rotation
from settings import Settings

# Lambda's quotas: 250 MiB unzipped, whichever way it arrives. Source: "Lambda quotas", read November 2026.
UNZIPPED_BYTES: Final = 250 * 1024 * 1024


class PackageError(pulumi.RunError):
    """A package that cannot be used. Pulumi prints the message without a traceback."""


@dataclass(frozen=True, kw_only=True)
class Package:
    """A package by its name, its file and its SHA-256 in hex."""

    name: str
    path: Path
    sha256: str

    @property
    def key(self) -> str:
        """Its key in a releases bucket: another content has another one."""
        return f"functions/{self.name}-{self.sha256[:12]}.zip"


@dataclass(frozen=True, kw_only=True)
class Packages:
    """What a cell's functions run."""

    documents: Package
    rotation: Package


def find(root: Path, settings: Settings) -> Packages:
    """The packages that `settings` name, from the checkout at `root`.

    Raises:
        PackageError: one is not there, or is not what Lambda and the functions' declaration ask for.
    """
    return Packages(
        documents=find_one(root, "documents", settings.documents_package, HANDLERS),
        rotation=find_one(root, "rotation", settings.rotation_package, (rotation.HANDLER,)),
    )


def find_one(root: Path, name: str, path: str, handlers: Sequence[str]) -> Package:
    """The package called `name` at `path`, which has all `handlers`, from the checkout at `root`.

    Raises:
        PackageError: there is none, or it is not what Lambda and the functions' declaration ask for.
    """
    file = root / path
    try:
        with zipfile.ZipFile(file) as archive:
            sizes = {item.filename: item.file_size for item in archive.infolist()}
        content = file.read_bytes()
    except FileNotFoundError:
        raise _refusal(name, path, f"is not there; run 'make build', which makes build/functions/{name}.zip") from None
    except (zipfile.BadZipFile, OSError) as error:
        raise _refusal(
            name, path, f"is no zip file that can be read ({type(error).__name__}); run 'make build'"
        ) from None
    missing = sorted(_file(handler) for handler in handlers if _file(handler) not in sizes)
    if missing:
        raise _refusal(name, path, f"lacks {', '.join(missing)}; run 'make build', or name a package that has them")
    if sum(sizes.values()) > UNZIPPED_BYTES:
        rule = f"has {sum(sizes.values())} bytes unzipped and Lambda takes {UNZIPPED_BYTES}; leave dependencies out"
        raise _refusal(name, path, rule)
    return Package(name=name, path=file, sha256=hashlib.sha256(content).hexdigest())


def _refusal(name: str, path: str, rule: str) -> PackageError:
    return PackageError(f"{name}Package = {path[:200]!a}: {rule}")


def _file(handler: str) -> str:
    """The file of a handler `functions.documents.handler.handler`."""
    return f"{handler.rpartition('.')[0].replace('.', '/')}.py"
