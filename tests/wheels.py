"""Tiny wheels and a tiny checkout, from which tests build a package without any network."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

from ops.build import wheels, work
from ops.build.packages import DOCUMENTS

ARM = "cp313-cp313-manylinux_2_27_aarch64.manylinux_2_28_aarch64"
ANY = "py3-none-any"
CODE = {
    "functions/__init__.py": b"",
    "functions/documents/__init__.py": b'"""Tiny."""\n',
    "functions/documents/handler.py": b"def handler(event, context):\n    return {'batchItemFailures': []}\n",
}


def wheel(folder: Path, name: str, files: Mapping[str, bytes], *, version: str = "1.0", tag: str = ARM) -> Path:
    """A wheel of `files` in `folder`, which is made if it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-{version}-{tag}.whl"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode()
    said = {f"{name}-{version}.dist-info/METADATA": metadata, f"{name}-{version}.dist-info/RECORD": b""}
    about = b"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: false\n" + f"Tag: {tag}\n".encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file, content in {**files, **said, f"{name}-{version}.dist-info/WHEEL": about}.items():
            archive.writestr(file, content)
    return path


def pin(path: Path, sha256: str | None = None) -> str:
    """The line that pins the wheel at `path`, by its own hash unless another is given."""
    name, version = path.name.split("-")[:2]
    return f"{name}=={version} \\\n    --hash=sha256:{sha256 or hashlib.sha256(path.read_bytes()).hexdigest()}\n"


def checkout(root: Path, *pinned: Path, code: Mapping[str, bytes] | None = None) -> Path:
    """A checkout at `root` of `code` that pins the wheels `pinned`."""
    for name, content in (CODE if code is None else code).items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    (root / DOCUMENTS.requirements).write_text("".join(pin(path) for path in pinned))
    return root


def cache(root: Path) -> Path:
    """Where the checkout at `root` keeps its wheels."""
    return root / wheels.FOLDER


def package(folder: Path) -> Path:
    """A whole package of tiny parts, for whoever needs the file and not what is in it."""
    seed = wheel(cache(folder), "seed", {"seed.py": b""})
    (built,) = work.run(work.Options(root=checkout(folder, seed)), io.StringIO(), [DOCUMENTS])
    return built.path
