"""Looks for a value in texts, folders and archives, however it is written."""

from __future__ import annotations

import base64
import binascii
import io
import json
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, quote_plus

import pulumi

from ops.engine.record import Secret


def _middles(value: bytes) -> Iterator[bytes]:
    """What `value` is in base64 wherever in a text it begins, without what its neighbours decide."""
    for lead in range(3):
        text = base64.b64encode(b"\0" * lead + value)
        first = -(-lead * 8 // 6)
        last = (lead + len(value)) * 8 // 6
        yield text[first:last]


def _base64(value: str) -> tuple[bytes, ...]:
    found = tuple(_middles(value.encode()))
    return (*found, *(item.replace(b"+", b"-").replace(b"/", b"_") for item in found))


ENCODINGS: Final[Mapping[str, Callable[[str], tuple[bytes, ...]]]] = {
    "as it is": lambda value: (value.encode(),),
    "JSON": lambda value: (json.dumps(value)[1:-1].encode(), json.dumps(json.dumps(value)[1:-1])[1:-1].encode()),
    "a Python literal": lambda value: (ascii(value)[1:-1].encode(),),
    "URL": lambda value: (quote(value, safe="").encode(), quote_plus(value).encode(), quote(value).encode()),
    "XML": lambda value: (value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").encode(),),
    "base64": _base64,
    "hex": lambda value: (binascii.hexlify(value.encode()), binascii.hexlify(value.encode()).upper()),
    "UTF-16": lambda value: (value.encode("utf-16-le"), value.encode("utf-16-be")),
    "backwards": lambda value: (value[::-1].encode(),),
}


def shows(content: bytes | str, value: str) -> list[str]:
    """The encodings in which `content` shows `value`; archives are looked into."""
    parts = _parts(content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content)
    return [name for name, forms in _forms(value) if any(form in part for form in forms for part in parts)]


@cache
def _forms(value: str) -> tuple[tuple[str, tuple[bytes, ...]], ...]:
    """`value` in each encoding; worked out once, for thousands of texts are asked whether they show it."""
    return tuple((name, encode(value)) for name, encode in ENCODINGS.items())


@lru_cache(maxsize=1)
def _parts(content: bytes) -> tuple[bytes, ...]:
    """`content` and what is packed in it; kept until another is asked about, for several values are looked for."""
    return (content, *_unpacked(content))


def _unpacked(content: bytes) -> Iterator[bytes]:
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            yield from (archive.read(name) for name in archive.namelist())
    for window in (zlib.MAX_WBITS | 32, -zlib.MAX_WBITS):
        try:
            yield zlib.decompress(content, window)
        except zlib.error:
            continue


def in_folder(folder: Path, value: str) -> list[str]:
    """The files below `folder` that show `value`, in their content or by their name."""
    places = sorted(path for path in folder.rglob("*") if path.is_file())
    return [
        f"{path.relative_to(folder)}: {', '.join(found)}"
        for path in places
        if (found := shows(path.name, value) or shows(path.read_bytes(), value))
    ]


def open_texts(value: Any) -> Iterator[bytes]:  # noqa: ANN401 - a property tree is any JSON
    """Every text and file in a property tree that is not marked as secret."""
    if isinstance(value, Secret):
        return
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield str(key).encode()
            yield from open_texts(item)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for item in value:
            yield from open_texts(item)
    elif isinstance(value, pulumi.FileAsset | pulumi.FileArchive):
        yield Path(str(value.path)).read_bytes()
    else:
        yield str(value).encode()
        try:
            yield base64.b64decode(str(value), validate=True)
        except ValueError:
            return
