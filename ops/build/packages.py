"""The packages that are built: a table. Pure.

Each runs code of its own with what that code needs and no more: what rotates passwords has none of the libraries that
open strangers' files.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final


@dataclass(frozen=True, kw_only=True)
class Package:
    """A package by its name: our code under `functions/<name>`, and what that requires.

    `requirements` and `required` are the pins and what they are made from. `files` are folders of further files of the
    checkout, each with the folder of the package that they stand in.
    """

    name: str
    requirements: str
    files: tuple[tuple[PurePosixPath, PurePosixPath], ...] = ()

    @property
    def code(self) -> PurePosixPath:
        """The folder of our code, in the checkout and in the package."""
        return PurePosixPath("functions", self.name)

    @property
    def required(self) -> str:
        """What people edit; `make lock` makes the pins of it."""
        return f"{self.requirements.removesuffix('.txt')}.in"

    @property
    def filename(self) -> str:
        """The file that is built."""
        return f"{self.name}.zip"


DOCUMENTS: Final = Package(name="documents", requirements="functions/requirements.txt")
ROTATION: Final = Package(
    name="rotation",
    requirements="functions/requirements-rotation.txt",
    # The authorities of RDS, which the service trusts too.
    files=((PurePosixPath("service/certificates/rds"), PurePosixPath("functions/rotation/certificates")),),
)
PACKAGES: Final = (DOCUMENTS, ROTATION)
