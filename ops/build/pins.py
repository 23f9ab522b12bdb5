"""What a package's requirements pin. Pure but for reading the file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from ops.refusal import RefusalError

_HASH: Final = re.compile(r"\s--hash=sha256:([0-9a-f]{64})(?=\s|$)")
_COMMENT: Final = re.compile(r"(^|\s)#.*$", re.MULTILINE)
_FIX: Final = ": it must pin each package once, to one version with hashes; write it with make lock"


@dataclass(frozen=True, kw_only=True)
class Pin:
    """One distribution at one version, and the SHA-256 in hexadecimal of every file that may be it."""

    name: str
    version: str
    hashes: frozenset[str]

    def __str__(self) -> str:
        """As people write it."""
        return f"{self.name} {self.version}"

    @property
    def line(self) -> str:
        """The pin as pip reads it."""
        return " ".join([f"{self.name}=={self.version}", *(f"--hash=sha256:{item}" for item in sorted(self.hashes))])


def read(root: Path, requirements: str) -> tuple[Pin, ...]:
    """The pins in the file `requirements` of the checkout at `root`, by name.

    Raises:
        RefusalError: the file is missing, pins nothing, or has a line that is not one version with hashes.
    """
    try:
        text = (root / requirements).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RefusalError(f"{requirements} cannot be read ({error}): restore it, or write it with make lock") from None
    lines = _COMMENT.sub("", text).replace("\\\n", " ").splitlines()
    found = [_pin(line.strip(), requirements) for line in lines if line.strip()]
    names = [pin.name for pin in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise RefusalError(f"{requirements} pins {twice[0]} more than once{_FIX}")
    if not found:
        raise RefusalError(f"{requirements} pins nothing{_FIX}")
    return tuple(sorted(found, key=lambda pin: pin.name))


def _pin(line: str, requirements: str) -> Pin:
    hashes = frozenset(_HASH.findall(line))
    try:
        need = Requirement(_HASH.sub(" ", line))
    except InvalidRequirement:
        raise RefusalError(f"{requirements} has {line[:80]!a}{_FIX}") from None
    exact = [item.version for item in need.specifier if item.operator == "==" and not item.version.endswith(".*")]
    if len(exact) != 1 or len(need.specifier) != 1 or not hashes or need.url or need.marker:
        raise RefusalError(f"{requirements} has {str(need)!a} with {len(hashes)} hashes{_FIX}")
    return Pin(name=canonicalize_name(need.name), version=exact[0], hashes=hashes)
