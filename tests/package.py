"""Packages of functions that hold their files and nothing in them: all that the program asks of one."""

from __future__ import annotations

import io
import os
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from components.documents.tasks import HANDLERS
from domain.rotation import HANDLER

ROOT: Final = Path(__file__).resolve().parents[1]
PATH: Final = "build/tests/documents.zip"
SETTINGS: Final = {
    "documentsPackage": (PATH, HANDLERS),
    "rotationPackage": ("build/tests/rotation.zip", (HANDLER,)),
}


def content(*, without: str = "", handlers: Sequence[str] = HANDLERS) -> bytes:
    """The zip's bytes, always the same; `without` a file, for what is refused."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for handler in handlers:
            name = f"{handler.rpartition('.')[0].replace('.', '/')}.py"
            if name != without:
                archive.writestr(zipfile.ZipInfo(name), b"")
    return written.getvalue()


def write() -> dict[str, str]:
    """Put them into the checkout, whole or not at all: tests run side by side. Give their paths by setting."""
    for path, handlers in SETTINGS.values():
        _put(path, handlers)
    return {setting: path for setting, (path, _) in SETTINGS.items()}


def _put(path: str, handlers: Sequence[str]) -> None:
    place = ROOT / path
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=place.parent, prefix=".package-", delete=False) as file:
        file.write(content(handlers=handlers))
    os.replace(file.name, place)  # noqa: PTH105 - the same, in the words that say it is atomic
