"""What was built, beside what Lambda allows. Pure."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ops.refusal import RefusalError

MEBIBYTE: Final = 1024 * 1024

# "Lambda quotas" of AWS Lambda's developer guide: 250 MB unzipped, layers included, and 50 MB zipped when uploaded
# through Lambda's own API rather than from S3. Lambda counts them as MiB: "must be smaller than 262144000 bytes".
UNZIPPED_LIMIT: Final = 250 * MEBIBYTE
DIRECT_LIMIT: Final = 50 * MEBIBYTE


@dataclass(frozen=True, kw_only=True)
class Part:
    """What one distribution, or our own code, adds; sizes in bytes. `sha256` is the wheel's, in hexadecimal."""

    name: str
    version: str
    wheel: str
    sha256: str
    files: int
    zipped: int
    unzipped: int


@dataclass(frozen=True, kw_only=True)
class Report:
    """A package and its parts."""

    path: Path
    content: bytes
    parts: tuple[Part, ...]
    unzipped: int

    @property
    def upload(self) -> str:
        """How it can reach Lambda: `direct`, in the call itself, or only by way of `s3`."""
        return "direct" if len(self.content) <= DIRECT_LIMIT else "s3"

    @property
    def digest(self) -> bytes:
        """The SHA-256 of the package."""
        return hashlib.sha256(self.content).digest()

    def as_json(self) -> dict[str, Any]:
        """All of it; `codeSha256` is what Lambda's own CodeSha256 will say."""
        return {
            "package": str(self.path),
            "sha256": self.digest.hex(),
            "codeSha256": base64.b64encode(self.digest).decode(),
            "zippedBytes": len(self.content),
            "unzippedBytes": self.unzipped,
            "unzippedLimitBytes": UNZIPPED_LIMIT,
            "directLimitBytes": DIRECT_LIMIT,
            "upload": self.upload,
            "parts": [
                {
                    "name": part.name,
                    "version": part.version,
                    "wheel": part.wheel,
                    "sha256": part.sha256,
                    "files": part.files,
                    "zippedBytes": part.zipped,
                    "unzippedBytes": part.unzipped,
                }
                for part in self.parts
            ],
        }

    def lines(self) -> list[str]:
        """For people, the largest part first."""
        width = max(len(_title(part)) for part in self.parts)
        parts = sorted(self.parts, key=lambda part: (-part.unzipped, part.name))
        way = "Lambda takes it directly" if self.upload == "direct" else "only by way of S3"
        return [
            *(f"{_title(part):<{width}}  {_mebibytes(part.unzipped):>9} unzipped" for part in parts),
            f"{self.path}  sha256 {self.digest.hex()}",
            f"{_mebibytes(self.unzipped)} unzipped of {UNZIPPED_LIMIT // MEBIBYTE} MiB",
            f"{_mebibytes(len(self.content))} zipped of {DIRECT_LIMIT // MEBIBYTE} MiB for a direct upload: {way}",
        ]


def check(parts: tuple[Part, ...], unzipped: int, required: str, limit: int = UNZIPPED_LIMIT) -> None:
    """Refuse what Lambda would not take. `required` is the file that says what is required.

    Raises:
        RefusalError: it is larger than `limit` bytes.
    """
    if unzipped > limit:
        largest = sorted(parts, key=lambda part: -part.unzipped)[:3]
        raise RefusalError(
            f"the package is {_mebibytes(unzipped)} unzipped, and Lambda allows {_mebibytes(limit)}: require less in "
            f"{required} or leave more out in ops/build/contents.py; the largest are "
            + ", ".join(f"{part.name} with {_mebibytes(part.unzipped)}" for part in largest)
        )


def _title(part: Part) -> str:
    return f"{part.name} {part.version}".rstrip()


def _mebibytes(size: int) -> str:
    return f"{size / MEBIBYTE:.1f} MiB"
