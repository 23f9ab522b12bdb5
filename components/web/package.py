"""What goes into the starter release, and how it is packed so that the same requirements give the same bytes anywhere.

Pure but for reading files. A release is a zip whose root an instance puts on `sys.path`: the folder `service/` and the
pure-Python distributions that it imports, with nothing compiled, so that one file runs on any machine.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path, PurePosixPath
from typing import Final

import pulumi
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

REQUIREMENTS: Final = "requirements.txt"
SERVICE: Final = "service"
ROOTS: Final = ("botocore", "pymysql", "redis", "starlette", "uvicorn")

# botocore describes every AWS service, and these are the ones that a release may call.
AWS_SERVICES: Final = frozenset({"kms", "s3", "secretsmanager", "sns", "sqs", "sts"})

# What the markers of requirements are asked about: the instances, not the machine that packs.
_TARGET: Final = {
    "implementation_name": "cpython",
    "implementation_version": "3.11.9",
    "os_name": "posix",
    "platform_machine": "aarch64",
    "platform_python_implementation": "CPython",
    "platform_release": "",
    "platform_system": "Linux",
    "platform_version": "",
    "python_full_version": "3.11.9",
    "python_version": "3.11",
    "sys_platform": "linux",
    "extra": "",
}
_COMPILED: Final = frozenset({".so", ".pyd", ".dll", ".dylib"})
_NOT_RUN: Final = frozenset({".pyc", ".pyi", ".typed"})
_LEGAL: Final = ("LICEN", "NOTICE", "COPYING", "AUTHORS")
_BOTOCORE_DATA: Final = ("botocore", "data")
_DATA_DEPTH: Final = 4  # botocore/data/<service>/<version>
_FIRST_DAY: Final = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can say
_FILE_MODE: Final = 0o100644 << 16
_UNIX: Final = 3


class ReleaseError(pulumi.RunError):
    """A release that cannot be used or packed. Pulumi prints the message without a traceback."""


def contents(root: Path) -> dict[str, bytes]:
    """Every file of the starter release by its path in the zip.

    Raises:
        ReleaseError: what is installed is not what `requirements.txt` pins, or is not pure Python.
    """
    pins = _pins(root)
    found = service_files(root)
    for distribution in closure():
        _check_pin(distribution, pins)
        found.update(distribution_files(distribution))
    return found


def service_files(root: Path) -> dict[str, bytes]:
    """The service's own files by their path in the zip, without what Python, editors and systems leave behind."""
    folder = root / SERVICE
    paths = (path.relative_to(root) for path in folder.rglob("*") if path.is_file())
    return {path.as_posix(): (root / path).read_bytes() for path in sorted(paths) if not _left_behind(path)}


def _left_behind(path: Path) -> bool:
    return "__pycache__" in path.parts or path.name.startswith(".") or path.name.endswith(("~", ".pyc", ".orig"))


def closure(roots: tuple[str, ...] = ROOTS) -> list[metadata.Distribution]:
    """The installed distributions that `roots` need on an instance, themselves included, by name.

    Raises:
        ReleaseError: one is not installed.
    """
    found: dict[str, metadata.Distribution] = {}
    waiting = [canonicalize_name(name) for name in roots]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        try:
            found[name] = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            raise ReleaseError(
                f"the starter release needs {name}, which is not installed: run pulumi install"
            ) from None
        needs = [Requirement(text) for text in found[name].requires or ()]
        waiting += [canonicalize_name(need.name) for need in needs if not need.marker or need.marker.evaluate(_TARGET)]
    return [found[name] for name in sorted(found)]


def _pins(root: Path) -> dict[str, str]:
    text = (root / REQUIREMENTS).read_text(encoding="utf-8")
    return {canonicalize_name(name): pin for name, pin in re.findall(r"(?m)^([\w.-]+)==([^\s;]+)", text)}


def _check_pin(distribution: metadata.Distribution, pins: Mapping[str, str]) -> None:
    """Refuse what differs from the pin: another version would be other bytes under the same requirements."""
    pinned = pins.get(canonicalize_name(distribution.name), "nothing")
    if distribution.version != pinned:
        raise ReleaseError(
            f"{distribution.name} {distribution.version} is installed and {REQUIREMENTS} pins {pinned}: "
            "run pulumi install, or make lock"
        )


def distribution_files(distribution: metadata.Distribution) -> Iterator[tuple[str, bytes]]:
    """What an installed distribution gives to the release.

    Raises:
        ReleaseError: it is compiled, or does not say what it has.
    """
    listed = [PurePosixPath(file) for file in distribution.files or ()]
    if not listed:
        raise ReleaseError(f"{distribution.name} does not say what files it has: reinstall it from its wheel")
    for path in listed:
        if path.suffix in _COMPILED:
            _check_fallback(distribution, path, listed)
        elif _wanted(path):
            yield str(path), Path(str(distribution.locate_file(str(path)))).read_bytes()


def _check_fallback(distribution: metadata.Distribution, path: PurePosixPath, listed: list[PurePosixPath]) -> None:
    """Refuse a compiled module unless the same module stands beside it in Python."""
    if path.with_name(f"{path.name.partition('.')[0]}.py") not in listed:
        raise ReleaseError(
            f"{distribution.name} has {path}, which is compiled for one machine: the starter release takes pure Python "
            "only; require a distribution that has a pure form"
        )


def _wanted(path: PurePosixPath) -> bool:
    """Whether the file is needed to run, or for the licence that lets it be handed on."""
    if ".." in path.parts or "__pycache__" in path.parts or path.suffix in _NOT_RUN:
        return False
    if path.parts[0].endswith(".dist-info"):  # the rest tells how it was installed, which differs by machine
        return path.name == "METADATA" or path.name.upper().startswith(_LEGAL)
    if path.parts[:2] == _BOTOCORE_DATA and len(path.parts) >= _DATA_DEPTH:
        return path.parts[2] in AWS_SERVICES and not path.name.startswith("examples-")
    return True


def pack(files: Mapping[str, bytes]) -> bytes:
    """`files` as a zip that depends on nothing but their paths and bytes.

    Raises:
        ReleaseError: this Python was built without bzip2.
    """
    buffer = io.BytesIO()
    try:
        # bzip2, because zlib and zlib-ng (which some systems put in its place) give different bytes.
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_BZIP2, compresslevel=9) as archive:
            for name in sorted(files):
                entry = zipfile.ZipInfo(name, _FIRST_DAY)
                entry.compress_type = zipfile.ZIP_BZIP2
                entry.create_system = _UNIX
                entry.external_attr = _FILE_MODE
                archive.writestr(entry, files[name], compresslevel=9)
    except RuntimeError as error:
        raise ReleaseError(f"{error}: use a Python with bzip2, as every packaged one is") from None
    return buffer.getvalue()
