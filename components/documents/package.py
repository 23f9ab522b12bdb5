"""The package that the functions run, as a file. Pure but for reading it."""

from __future__ import annotations

import hashlib
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pulumi

from components.documents.tasks import HANDLERS

# Lambda's quotas: 250 MiB unzipped, whichever way it arrives. Source: "Lambda quotas", read November 2026.
UNZIPPED_BYTES: Final = 250 * 1024 * 1024


class PackageError(pulumi.RunError):
    """A package that cannot be used. Pulumi prints the message without a traceback."""


@dataclass(frozen=True, kw_only=True)
class Package:
    """A package by its file and its SHA-256 in hex."""

    path: Path
    sha256: str

    @property
    def key(self) -> str:
        """Its key in a releases bucket: another content has another one."""
        return f"functions/documents-{self.sha256[:12]}.zip"


def find(root: Path, path: str) -> Package:
    """The package at `path`, which is as documentsPackage says, from the checkout at `root`.

    Raises:
        PackageError: there is none, or it is not what Lambda and the functions' declaration ask for.
    """
    file = root / path
    try:
        with zipfile.ZipFile(file) as archive:
            sizes = {item.filename: item.file_size for item in archive.infolist()}
        content = file.read_bytes()
    except FileNotFoundError:
        raise _refusal(path, "is not there; run 'make build', which makes build/functions/documents.zip") from None
    except (zipfile.BadZipFile, OSError) as error:
        raise _refusal(path, f"is no zip file that can be read ({type(error).__name__}); run 'make build'") from None
    missing = sorted(_file(handler) for handler in HANDLERS if _file(handler) not in sizes)
    if missing:
        raise _refusal(path, f"lacks {', '.join(missing)}; run 'make build', or name a package that has them")
    if sum(sizes.values()) > UNZIPPED_BYTES:
        rule = f"has {sum(sizes.values())} bytes unzipped and Lambda takes {UNZIPPED_BYTES}; leave dependencies out"
        raise _refusal(path, rule)
    return Package(path=file, sha256=hashlib.sha256(content).hexdigest())


def _refusal(path: str, rule: str) -> PackageError:
    return PackageError(f"documentsPackage = {path[:200]!a}: {rule}")


def _file(handler: str) -> str:
    """The file of a handler `functions.documents.handler.handler`."""
    return f"{handler.rpartition('.')[0].replace('.', '/')}.py"
