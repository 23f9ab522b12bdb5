"""The code that canaries run, as a zip of the layout that CloudWatch Synthetics asks for.

Pure but for reading the checkout. It is a few kilobytes of this repository's own and the standard library: nothing is
built, and the same files give the same bytes anywhere.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

HANDLER: Final = "canary.handler"
FOLDER: Final = "functions/canaries"
_ENTRY: Final = "canary.py"
_ROOT: Final = "python"  # what a runtime puts on sys.path
_FIRST_DAY: Final = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can say
_FILE_MODE: Final = 0o100644 << 16
_UNIX: Final = 3


@dataclass(frozen=True, kw_only=True)
class Code:
    """The zip's bytes."""

    content: bytes

    @property
    def sha256(self) -> str:
        """Its digest in hex."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def key(self) -> str:
        """Its key in a releases bucket: another content has another one."""
        return f"functions/canaries-{self.sha256[:12]}.zip"


def pack(root: Path) -> Code:
    """The code of the checkout at `root`: the package as it is imported, and the handler's file where it is looked for.

    Raises:
        OSError: a file is not there, so that the checkout is not whole.
    """
    package = root / FOLDER
    files = {f"{_ROOT}/{FOLDER}/{path.name}": path.read_bytes() for path in sorted(package.glob("*.py"))}
    files[f"{_ROOT}/functions/__init__.py"] = (package.parent / "__init__.py").read_bytes()
    files[f"{_ROOT}/{_ENTRY}"] = (package / _ENTRY).read_bytes()
    buffer = io.BytesIO()
    # Stored as they are: compressors differ in their bytes from one system to the next.
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _FIRST_DAY)
            entry.create_system = _UNIX
            entry.external_attr = _FILE_MODE
            archive.writestr(entry, files[name])
    return Code(content=buffer.getvalue())
