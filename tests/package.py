"""A package of functions that holds their files and nothing in them: all that the program asks of one."""

from __future__ import annotations

import io
import os
import tempfile
import zipfile
from pathlib import Path
from typing import Final

from components.documents.tasks import HANDLERS

ROOT: Final = Path(__file__).resolve().parents[1]
PATH: Final = "build/tests/documents.zip"


def content(*, without: str = "") -> bytes:
    """The zip's bytes, always the same; `without` a file, for what is refused."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for handler in HANDLERS:
            name = f"{handler.rpartition('.')[0].replace('.', '/')}.py"
            if name != without:
                archive.writestr(zipfile.ZipInfo(name), b"")
    return written.getvalue()


def write() -> str:
    """Put it into the checkout, whole or not at all: tests run side by side. Give its path, as a setting says it."""
    place = ROOT / PATH
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=place.parent, prefix=".documents-", delete=False) as file:
        file.write(content())
    os.replace(file.name, place)  # noqa: PTH105 - the same, in the words that say it is atomic
    return PATH
