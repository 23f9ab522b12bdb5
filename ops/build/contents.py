"""Which files go into the package, and under which path. Pure but for reading our own code."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath
from typing import Final

from ops.build.packages import Package
from ops.refusal import RefusalError

_FOR_COMPILERS: Final = frozenset({".a", ".c", ".cpp", ".f", ".f90", ".h", ".pxd", ".pxi", ".pyx"})
_FOR_CHECKERS: Final = frozenset({".pyi", ".typed"})
_LEFT_BY_PYTHON: Final = frozenset({".pyc", ".pyo"})
_NOT_RUN: Final = _FOR_COMPILERS | _FOR_CHECKERS | _LEFT_BY_PYTHON
_NOT_RUN_FOLDERS: Final = frozenset({"__pycache__", "tests"})

# pydicom's own samples: a third of it, and read by nothing but pydicom.examples.
_SAMPLES: Final = (("pydicom", "data", "test_files"), ("pydicom", "data", "charset_files"))

_LEGAL: Final = ("LICEN", "NOTICE", "COPYING", "AUTHORS")
_DATA_ROOTS: Final = frozenset({"purelib", "platlib"})
_LEFT_BEHIND: Final = re.compile(r"^\.|~$|\.(orig|rej|swp|pyc)$")


def place(name: str) -> str | None:
    """Where a wheel's file `name` stands in the package; None if Lambda has no use for it.

    Raises:
        RefusalError: the name leads out of the package.
    """
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name:
        raise RefusalError(
            f"a wheel holds {name!a}, which leads out of the package: do not use it, and tell its makers"
        )
    if name.endswith("/"):
        return None
    if path.parts[0].endswith(".data"):  # the wheel's files by where an installer puts them
        if path.parts[1] not in _DATA_ROOTS:
            return None
        path = PurePosixPath(*path.parts[2:])
    return str(path) if _wanted(path) else None


def _wanted(path: PurePosixPath) -> bool:
    parts = path.parts
    if parts[0].endswith(
        ".dist-info"
    ):  # METADATA is what importlib.metadata reads, and pydicom asks it for its version
        return path.name == "METADATA" or parts[1] == "licenses" or path.name.upper().startswith(_LEGAL)
    if path.suffix in _NOT_RUN or not _NOT_RUN_FOLDERS.isdisjoint(parts[:-1]):
        return False
    return not any(parts[: len(sample)] == sample for sample in _SAMPLES)


def code(root: Path, package: Package) -> dict[str, bytes]:
    """Our own files of `package` by their path in it, without tests and what Python and editors leave behind.

    Raises:
        RefusalError: there is no code.
        OSError: a file is missing or cannot be read.
    """
    paths = [path.relative_to(root) for path in (root / package.code).rglob("*") if path.is_file()]
    paths.append(Path(package.code.parent, "__init__.py"))
    found = {path.as_posix(): (root / path).read_bytes() for path in sorted(paths) if _ours(path)}
    if f"{package.code}/__init__.py" not in found:
        raise RefusalError(f"{root / package.code} is not a Python package: build from a whole checkout")
    for source, place_in in package.files:
        more = {str(place_in / path.name): path.read_bytes() for path in sorted((root / source).iterdir())}
        if not more:
            raise RefusalError(f"{root / source} is empty: build from a whole checkout")
        found |= more
    return found


def _ours(path: Path) -> bool:
    return _NOT_RUN_FOLDERS.isdisjoint(path.parts) and not any(_LEFT_BEHIND.search(part) for part in path.parts)
