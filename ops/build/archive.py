"""A zip made of the compressed bytes of other zips, so that no machine's compressor matters. Pure but for reading.

zlib and its successors, which systems put in its place, compress to different bytes; bzip2 does not differ, but Lambda
takes only what is deflated or stored. So the members of a wheel are taken over as their makers compressed them, which
the wheel's pinned hash fixes, and our own files, which are small, are stored as they are.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ops.refusal import RefusalError

# The records of a zip, by APPNOTE.TXT 4.3.7, 4.3.12 and 4.3.16.
_LOCAL: Final = struct.Struct("<4s5H3L2H")
_CENTRAL: Final = struct.Struct("<4s6H3L5H2L")
_END: Final = struct.Struct("<4s4H2LH")
_LENGTHS: Final = slice(-2, None)  # of the name and of the extra field, in a local header

_VERSION: Final = 20  # 2.0, the first with deflate
_UNIX: Final = 3 << 8
_MODE: Final = 0o100644 << 16  # a file that everybody may read, as Lambda demands
_UTF_8: Final = 1 << 11
_ENCRYPTED: Final = 1
_FIRST_DAY: Final = (0, (1 << 5) | 1)  # 1980-01-01 00:00, the earliest that a zip can say: time, date
_MOST_MEMBERS: Final = 0xFFFF
_METHODS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})


@dataclass(frozen=True, kw_only=True)
class Member:
    """One file as a zip holds it: `packed` are its bytes after `method`, `size` and `crc` are of those before."""

    name: str
    method: int
    crc: int
    size: int
    packed: bytes


def stored(name: str, content: bytes) -> Member:
    """A file as it is."""
    return Member(name=name, method=zipfile.ZIP_STORED, crc=zlib.crc32(content), size=len(content), packed=content)


def members(path: Path) -> Iterator[Member]:
    """Every file of the zip at `path` with its compressed bytes, in the order of its directory.

    Raises:
        RefusalError: it is no zip, or one that Lambda could not read.
    """
    content = path.read_bytes()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as source:
            entries = source.infolist()
    except zipfile.BadZipFile as error:
        raise RefusalError(f"{path} is no wheel ({error}): remove it and build again") from None
    for entry in entries:
        if entry.flag_bits & _ENCRYPTED or entry.compress_type not in _METHODS:
            raise RefusalError(
                f"{path.name} holds {entry.filename} by method {entry.compress_type}, and Lambda takes what is stored "
                "or deflated, unencrypted: require another version of the package"
            )
        name_length, extra_length = _LOCAL.unpack_from(content, entry.header_offset)[_LENGTHS]
        begin = entry.header_offset + _LOCAL.size + name_length + extra_length
        yield Member(
            name=entry.filename,
            method=entry.compress_type,
            crc=entry.CRC,
            size=entry.file_size,
            packed=content[begin : begin + entry.compress_size],
        )


def pack(files: Sequence[Member]) -> bytes:
    """A zip of `files` by name: their names and bytes decide it, and nothing else.

    Raises:
        RefusalError: there are too many files, or what was packed does not unpack to what was meant.
    """
    if len(files) > _MOST_MEMBERS:
        raise RefusalError(f"the package has {len(files)} files, and a zip holds up to {_MOST_MEMBERS}: require less")
    body, directory = io.BytesIO(), io.BytesIO()
    for file in sorted(files, key=lambda file: file.name):
        name = file.name.encode()
        sizes = (file.crc, len(file.packed), file.size, len(name), 0)
        common = (_VERSION, _UTF_8, file.method, *_FIRST_DAY)
        directory.write(_CENTRAL.pack(b"PK\1\2", _UNIX | _VERSION, *common, *sizes, 0, 0, 0, _MODE, body.tell()) + name)
        body.write(_LOCAL.pack(b"PK\3\4", *common, *sizes) + name + file.packed)
    end = _END.pack(b"PK\5\6", 0, 0, len(files), len(files), directory.tell(), body.tell(), 0)
    packed = body.getvalue() + directory.getvalue() + end
    _check(packed)
    return packed


def _check(packed: bytes) -> None:
    """Unpack everything once: a wheel may be pinned and yet be broken inside."""
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            broken = archive.testzip()
    except (zipfile.BadZipFile, zlib.error) as error:
        broken = str(error)
    if broken is not None:
        raise RefusalError(f"the package does not unpack at {broken}: remove build/wheels and build again")
