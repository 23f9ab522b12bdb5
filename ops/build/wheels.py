"""The pinned wheels in a folder of this machine, fetched with pip where they are missing.

Owns which wheel is taken for a pin and that its bytes are the pinned ones. Which index pip asks is the person's own
configuration. A folder that holds every pin is used without any network.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename
from packaging.version import Version

from ops.build import target
from ops.build.packages import Package
from ops.build.pins import Pin
from ops.refusal import RefusalError

FOLDER: Final = Path("build", "wheels")

_ADDRESS: Final = re.compile(r"\b[a-z+]+://\S+")  # may hold a password
_PIP: Final = (
    "-m", "pip", "download", "--quiet", "--no-input", "--disable-pip-version-check", "--progress-bar", "off",
    "--retries", "2", "--no-deps", "--require-hashes", "--only-binary", ":all:",
)  # fmt: skip
_MISMATCH: Final = "DO NOT MATCH THE HASHES"
_NO_PIP: Final = "No module named pip"


@dataclass(frozen=True, kw_only=True)
class Wheel:
    """A wheel that is what its pin says."""

    pin: Pin
    path: Path
    sha256: str


def gather(package: Package, pins: Sequence[Pin], folder: Path, say: Callable[[str], None]) -> tuple[Wheel, ...]:
    """A wheel for every pin of `package`, in the order of `pins`; what `folder` lacks is fetched. `say` hears of it.

    Raises:
        RefusalError: pip could not fetch a wheel, or there is none for the target.
        OSError: the folder cannot be used.
    """
    folder.mkdir(parents=True, exist_ok=True)
    found = {pin.name: held(pin, folder) for pin in pins}
    missing = [pin for pin in pins if found[pin.name] is None]
    if missing:
        say(f"fetching {', '.join(map(str, missing))}")
        fetch(package, missing, folder)
        found.update({pin.name: held(pin, folder) for pin in missing})
    wheels = [wheel for wheel in found.values() if wheel]
    if len(wheels) < len(pins):
        raise RefusalError(
            f"pip gave no wheel for {', '.join(str(pin) for pin in missing if not found[pin.name])} that runs on "
            f"{target.ABI} {target.PLATFORMS[0]}: require a version that has one in "
            f"{package.required}, then make lock"
        )
    return tuple(wheels)


def held(pin: Pin, folder: Path) -> Wheel | None:
    """The wheel in `folder` that suits the target best among those with the pinned bytes, or None."""
    ranked = [
        (rank, path) for path in folder.glob("*.whl") if path.is_file() and (rank := _rank(pin, path.name)) is not None
    ]
    for _, path in sorted(ranked):
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        if sha256 in pin.hashes:
            return Wheel(pin=pin, path=path, sha256=sha256)
    return None


def _rank(pin: Pin, filename: str) -> int | None:
    """How well a wheel of this name suits the target; None if it is another distribution or for another machine."""
    try:
        name, version, _, tags = parse_wheel_filename(filename)
    except InvalidWheelFilename:
        return None
    if name != canonicalize_name(pin.name) or version != Version(pin.version):
        return None
    return target.rank(tags)


def fetch(package: Package, pins: Sequence[Pin], folder: Path) -> None:
    """Have pip put the wheels of `pins` into `folder`, each whole or not at all.

    Raises:
        RefusalError: pip is missing or ended with an error.
    """
    with tempfile.TemporaryDirectory(prefix=".fetching-", dir=folder) as name:
        part = Path(name)
        wanted = part / "requirements.txt"
        wanted.write_text("".join(f"{pin.line}\n" for pin in pins), encoding="utf-8")
        ended = subprocess.run(  # noqa: S603 - pip of this Python, with our own arguments
            [sys.executable, *_PIP, *_target(), "--dest", str(part), "--requirement", str(wanted)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if ended.returncode:
            raise RefusalError(_refusal(package, pins, folder, ended.stderr))
        for path in part.glob("*.whl"):
            path.replace(folder / path.name)


def _target() -> list[str]:
    python = ".".join(map(str, target.PYTHON))
    platforms = [word for platform in target.PLATFORMS for word in ("--platform", platform)]
    return ["--implementation", "cp", "--python-version", python, "--abi", target.ABI, *platforms]


def _refusal(package: Package, pins: Sequence[Pin], folder: Path, said: str) -> str:
    if _NO_PIP in said:
        return f"{sys.executable} has no pip: run make build, which makes a Python that has, or python -m ensurepip"
    if _MISMATCH in said:
        return (
            f"what pip was given is not what {package.requirements} pins, so it is not used: find out whether the "
            "package index or what stands before it was tampered with, and only then make lock"
        )
    errors = [line.removeprefix("ERROR: ") for line in said.splitlines() if line.startswith("ERROR: ")]
    reason = _ADDRESS.sub("(address)", (errors or said.splitlines() or ["it gave no reason"])[-1])
    return (
        f"pip could not fetch {', '.join(map(str, pins))}: {reason}; check the network and pip's configuration, "
        f"or copy *.whl into {folder} from a machine where make build has run"
    )
