"""Where outputs lie and what they say of their origin: stable keys, object metadata, hashes, tool versions. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version as installed
from typing import Final
from urllib.parse import quote

import pillow_heif
from PIL import features

VERSION: Final = "1"
"""Raised by hand whenever the same bytes would give other outputs for a reason in our own code."""
TEXT_NAMES: Final = ("text.txt", "layout.json")
IMAGE_NAMES: Final = ("image.webp", "image.jpg", "image.png", "thumbnail-256.webp", "thumbnail-1024.webp")

# S3 takes 1,024 bytes of key and 2,048 of user metadata. We add some 60 bytes to a key, with version ids of the 32
# characters that S3 gives them. A longer source key is stood for by its hash.
_LONGEST_KEY: Final = 800
_LONGEST_QUOTED: Final = 1024
_PACKAGES: Final = ("pillow", "pillow-heif", "pydicom", "numpy", "pypdf")
_FEATURES: Final = ("libjpeg_turbo", "webp", "zlib_ng", "littlecms2", "libtiff")


@dataclass(frozen=True, kw_only=True)
class Source:
    """One version of an uploaded object; `sha256` of its content in hex, `size` in bytes.

    `sha256` is "" if the content was never read (infected, oversized).
    """

    bucket: str
    key: str
    version: str
    sha256: str
    size: int


def sha256(data: bytes) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(data).hexdigest()


def text_key(key: str, version: str, name: str) -> str:
    """texts/<source key>/<version id>/<name>. Raises ValueError for a name not in TEXT_NAMES."""
    return f"texts/{_stem(key, version)}/{_one_of(name, TEXT_NAMES)}"


def image_key(key: str, version: str, name: str) -> str:
    """images/<source key>/<version id>/<name>. Raises ValueError for a name not in IMAGE_NAMES."""
    return f"images/{_stem(key, version)}/{_one_of(name, IMAGE_NAMES)}"


def status_key(key: str, version: str) -> str:
    """status/<source key>/<version id>.json."""
    return f"status/{_stem(key, version)}.json"


def output_keys(key: str, version: str) -> tuple[str, ...]:
    """Every key that outputs of this version can have, its status last: what erasure removes, with no guess by prefix.

    (A prefix would also match another upload whose key happens to go on with this version's id.)
    """
    texts = (text_key(key, version, name) for name in TEXT_NAMES)
    images = (image_key(key, version, name) for name in IMAGE_NAMES)
    return (*texts, *images, status_key(key, version))


def object_metadata(source: Source) -> dict[str, str]:
    """User metadata of each output: ASCII, within S3's 2 KB, no patient content beyond the upload's own key.

    `source-key` is percent-encoded; a key too long for it is given as `source-key-sha256` instead.
    """
    quoted = quote(source.key, safe="/")
    name, value = ("source-key", quoted) if len(quoted) <= _LONGEST_QUOTED else ("source-key-sha256", _hash(source.key))
    return {
        name: value,
        "source-bucket": source.bucket,
        "source-version": source.version,
        "source-sha256": source.sha256,
        "tool": " ".join(f"{tool}/{version}" for tool, version in tools().items()),
    }


@cache
def _versions() -> tuple[tuple[str, str], ...]:
    packages = [(name, installed(name)) for name in _PACKAGES]
    libraries = [(name, features.version(name) or "none") for name in _FEATURES]
    return (("documents", VERSION), *packages, *libraries, ("libheif", pillow_heif.libheif_version()))


def tools() -> dict[str, str]:
    """Name to version of all that shapes the outputs' bytes; `documents` is our own VERSION."""
    return dict(_versions())


def _stem(key: str, version: str) -> str:
    """<source key>/<version id>, and for a long key its first part with the hash of the whole in the key's place."""
    if not key or not version or "/" in version:
        raise ValueError(f"key {key!r} with version {version!r}: S3 gives both, and no slash in a version id")
    if len(key.encode()) <= _LONGEST_KEY:
        return f"{key}/{version}"
    start = key.encode()[: _LONGEST_KEY - 65].decode(errors="ignore")
    return f"{start}~{_hash(key)}/{version}"


def _hash(text: str) -> str:
    return sha256(text.encode())


def _one_of(name: str, names: tuple[str, ...]) -> str:
    if name not in names:
        raise ValueError(f"{name!r} is no output: one of {', '.join(names)}")
    return name
