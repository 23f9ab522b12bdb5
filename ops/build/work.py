"""Carries a build out: gathers wheels and code, packs them, keeps the packages, and prints what came of it."""

from __future__ import annotations

import contextlib
import hashlib
import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TextIO

from ops.build import archive, contents, pins, progress, report, target, wheels
from ops.build.archive import Member
from ops.build.packages import PACKAGES, Package
from ops.build.report import Part, Report
from ops.build.wheels import Wheel
from ops.engine.project import ROOT
from ops.refusal import RefusalError

FOLDER: Final = Path("build", "functions")
MANIFEST: Final = "functions/manifest.json"


@dataclass(frozen=True, kw_only=True)
class Options:
    """What was asked for: `out` is the folder for the packages, of `root` unless named. `root` is the checkout."""

    out: Path | None = None
    as_json: bool = False
    root: Path = ROOT


def run(options: Options, out: TextIO, packages: Sequence[Package] = PACKAGES) -> tuple[Report, ...]:
    """Build the packages, keep them, print what they are on `out`, and give the same.

    Raises:
        RefusalError: an input is missing or not as pinned, Lambda would not take the package, or a file cannot be
            written. A package that was there before is then still there.
    """
    folder = options.out or options.root / FOLDER
    with progress.watching() as say:
        reports = tuple(_built(options.root, package, folder, say) for package in packages)
    if options.as_json:
        print(json.dumps({"packages": [report.as_json() for report in reports]}, indent=2), file=out)
    else:
        print("\n\n".join("\n".join(report.lines()) for report in reports), file=out)
    return reports


def _built(root: Path, package: Package, folder: Path, say: Callable[[str], None]) -> Report:
    try:
        built = build(root, package, folder / package.filename, say)
    except OSError as error:
        raise RefusalError(f"the package cannot be built: {error}; make it readable, or restore it") from None
    try:
        _keep(built)
    except (OSError, ValueError) as error:  # ValueError: no file can have this name
        raise RefusalError(f"{built.path} cannot be written: {error}; free it, or give --out DIR") from None
    return built


def build(root: Path, package: Package, path: Path, say: Callable[[str], None]) -> Report:
    """`package` of the checkout at `root`, to stand at `path` but not yet written; `say` hears of each step.

    Raises:
        RefusalError: as `run`.
        OSError: a file cannot be read.
    """
    pinned = pins.read(root, package.requirements)
    own = [archive.stored(name, content) for name, content in contents.code(root, package).items()]
    found = wheels.gather(package, pinned, root / wheels.FOLDER, say)
    say(f"packing {len(found)} wheels")
    taken = [(wheel, _members(wheel)) for wheel in found]
    parts = (_part(own, name=str(package.code)), *(_part(members, wheel=wheel) for wheel, members in taken))
    files = [*own, *(member for _, members in taken for member in members)]
    files.append(archive.stored(MANIFEST, manifest(package, found, own)))
    _check_names(files)
    unzipped = sum(file.size for file in files)
    report.check(parts, unzipped, package.required)
    return Report(path=path, content=archive.pack(files), parts=parts, unzipped=unzipped)


def _members(wheel: Wheel) -> list[Member]:
    placed = ((contents.place(member.name), member) for member in archive.members(wheel.path))
    return [_at(name, member) for name, member in placed if name]


def _at(name: str, member: Member) -> Member:
    return Member(name=name, method=member.method, crc=member.crc, size=member.size, packed=member.packed)


def _part(members: Sequence[Member], *, name: str = "", wheel: Wheel | None = None) -> Part:
    return Part(
        name=wheel.pin.name if wheel else name,
        version=wheel.pin.version if wheel else "",
        wheel=wheel.path.name if wheel else "",
        sha256=wheel.sha256 if wheel else _fingerprint(members),
        files=len(members),
        zipped=sum(len(member.packed) for member in members),
        unzipped=sum(member.size for member in members),
    )


def _fingerprint(own: Sequence[Member]) -> str:
    """One hash over the names and bytes of our own files."""
    lines = sorted(f"{hashlib.sha256(file.packed).hexdigest()}  {file.name}\n" for file in own)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def manifest(package: Package, found: Sequence[Wheel], own: Sequence[Member]) -> bytes:
    """What the package holds, as JSON that stands inside it: neither when nor where it was built."""
    packages = [
        {"name": wheel.pin.name, "version": wheel.pin.version, "wheel": wheel.path.name, "sha256": wheel.sha256}
        for wheel in found
    ]
    said = {
        "python": ".".join(map(str, target.PYTHON)),
        "architecture": target.ARCHITECTURE,
        "code": {"path": str(package.code), "sha256": _fingerprint(own)},
        "packages": packages,
    }
    return (json.dumps(said, indent=2, sort_keys=True) + "\n").encode()


def _check_names(files: Sequence[Member]) -> None:
    names = [file.name for file in files]
    twice = sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []
    if twice:
        raise RefusalError(
            f"{twice[0]} comes from two packages, and one would hide the other: require only one of them"
        )


def _keep(built: Report) -> None:
    """Put the package in its place whole or not at all."""
    built.path.parent.mkdir(parents=True, exist_ok=True)
    part = built.path.with_name(f".part-{secrets.token_hex(8)}")
    try:
        part.write_bytes(built.content)
        part.replace(built.path)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise
