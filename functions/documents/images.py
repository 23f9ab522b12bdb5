"""Pictures in (JPEG, PNG, WebP, TIFF, HEIC), pictures out (WebP, JPEG, PNG, thumbnails), nothing but pixels kept. Pure.

Knows nothing of DICOM (`dicom`), of colours (`pixels`) and of where outputs go (`lineage`, `store`).
"""

from __future__ import annotations

import logging
import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO
from typing import Final

from PIL import ExifTags, Image, ImageOps, TiffImagePlugin
from pillow_heif import register_heif_opener

from functions.documents import pixels
from functions.documents.guard import reading
from functions.documents.kinds import Kind
from functions.documents.limits import HIGHEST_PIXELS, Limits
from functions.documents.refusals import Refusal, RefusedError

# Embedded previews and depth maps are never shown: not reading them is time saved and one way in less.
register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)
# It logs tags with their values, place and device among them.
logging.getLogger("PIL").setLevel(logging.CRITICAL)


class Format(StrEnum):
    """Formats of the full-size pictures; the value is the file's ending. Thumbnails are always WebP."""

    WEBP = "webp"
    JPEG = "jpg"
    PNG = "png"


THUMBNAILS: Final = (1024, 256)
"""Longest sides in pixels, each made from the one before; a smaller picture is not enlarged."""
_OPENERS: Final = {Kind.JPEG: "JPEG", Kind.PNG: "PNG", Kind.WEBP: "WEBP", Kind.TIFF: "TIFF", Kind.HEIC: "HEIF"}
# The longest side that a format can say (libwebp: WEBP_MAX_DIMENSION, libjpeg: JPEG_MAX_DIMENSION).
_LONGEST: Final = {Format.WEBP: 16_383, Format.JPEG: 65_500}
# libwebp takes 28 bytes a pixel to code alpha, 7 without it (measured): more pixels than these would not fit.
_WEBP_ALPHA_PIXELS: Final = 50_000_000
# Pillow's own defaults but for JPEG, whose 75 shows in text; written out so that a new Pillow does not change outputs.
_OPTIONS: Final[dict[Format, dict[str, int]]] = {
    Format.WEBP: {"quality": 80, "method": 4},
    Format.JPEG: {"quality": 85},
    Format.PNG: {"compress_level": 6},
}
# How Pillow begins to say that texts of a PNG pass its limits for them: 1 MiB each, 64 MiB all.
_TEXT_BOMBS: Final = ("Decompressed data too large", "Too much memory used in text chunks")
# "Indistinguishable from fair resampling in most cases" (Pillow on `thumbnail`), at a third of its cost and less.
_REDUCING_GAP: Final = 3.0


@dataclass(frozen=True, kw_only=True)
class Picture:
    """One encoded output; `name` is the last part of its key, as image.webp or thumbnail-256.webp; sizes in pixels."""

    name: str
    data: bytes
    media_type: str
    width: int
    height: int


@dataclass(frozen=True, kw_only=True)
class Decoded:
    """The first frame, upright, sRGB, 8 bits a channel, mode L, RGB or RGBA, without metadata; `pages`: all frames."""

    image: Image.Image
    pages: int


def page_count(data: bytes, kind: Kind, limits: Limits) -> int:
    """Frames or pages of a picture file by its headers alone.

    Raises RefusedError `corrupt`, `too-many-pixels`, `bomb`, and for a TIFF `too-many-pages`.
    """
    with reading(kind), _opened(data, kind, limits) as image:
        return _pages(image, kind, limits)


def decode(data: bytes, kind: Kind, limits: Limits) -> Decoded:
    """Decode once, for all outputs. Raises RefusedError as `page_count`; `unsupported` for values without a range."""
    with reading(kind), _opened(data, kind, limits) as image:
        pages = _pages(image, kind, limits)
        image.load()
        limits.check_pixels(*image.size, len(data))  # HEIC says its true size only when decoded
        ImageOps.exif_transpose(image, in_place=True)
        return Decoded(image=_detached(pixels.shown(image)), pages=pages)


@contextmanager
def _opened(data: bytes, kind: Kind, limits: Limits) -> Iterator[Image.Image]:
    """The file's headers read by the opener of its kind and no other, and its sizes within limits."""
    try:
        image = Image.open(BytesIO(data), formats=(_OPENERS[kind],))
    except Image.DecompressionBombError as bomb:
        # Pillow tells how many there are only in its words: "Image size (2500000000 pixels) exceeds limit of ...".
        told = re.search(r"\d+", str(bomb))
        limits.refuse_pixels(int(told[0]) if told else HIGHEST_PIXELS, len(data))
    except ValueError as problem:
        if not str(problem).startswith(_TEXT_BOMBS):
            raise
        words = "the PNG's texts inflate to more than any picture needs: export it without them"
        raise RefusedError(Refusal.BOMB, words) from None
    with image:
        limits.check_pixels(*image.size, len(data))
        if isinstance(image, TiffImagePlugin.TiffImageFile):
            # libtiff decodes whole tiles, however small the picture that they are said to make up.
            tile = [image.tag_v2.get(tag, 1) for tag in (ExifTags.Base.TileWidth, ExifTags.Base.TileLength)]
            limits.check_pixels(tile[0], tile[1], len(data))
        yield image


def _pages(image: Image.Image, kind: Kind, limits: Limits) -> int:
    """A JPEG has one page: further frames are the camera's previews. A TIFF's pages are counted up to the limit."""
    if kind is Kind.JPEG:
        return 1
    if kind is not Kind.TIFF:
        return int(getattr(image, "n_frames", 1))
    pages = 1
    try:
        while pages <= limits.max_pages:
            image.seek(pages)
            pages += 1
    except EOFError:
        pass
    limits.check_pages(pages)
    image.seek(0)
    return pages


def _detached(image: Image.Image) -> Image.Image:
    """The pixels without the file they came from, whose tags hang on the object; Pillow has no way without a copy."""
    if type(image) is Image.Image:
        return image
    bare = Image.Image()
    bare.im = image.im
    bare._mode, bare._size = image.mode, image.size  # noqa: SLF001 - as Image._new does
    return bare


def encode(image: Image.Image, formats: frozenset[Format]) -> Iterator[Picture]:
    """The pictures one after the other, thumbnails first. The same pixels give the same bytes with the same tools."""
    small = image
    for side in THUMBNAILS:
        small = _within(small, side)
        yield _picture(f"thumbnail-{side}", small, Format.WEBP)
    for form in Format:
        if form in formats:
            yield _picture("image", _within(image, _longest(image, form)), form)


def _longest(image: Image.Image, form: Format) -> int | None:
    """The longest side that `form` can say, or that its encoder has memory for."""
    heavy = form is Format.WEBP and image.mode == "RGBA" and image.width * image.height > _WEBP_ALPHA_PIXELS
    sides = [_LONGEST[form]] if form in _LONGEST else []
    if heavy:
        sides.append(int(max(image.size) * math.sqrt(_WEBP_ALPHA_PIXELS / (image.width * image.height))))
    return min(sides, default=None)


def _within(image: Image.Image, side: int | None) -> Image.Image:
    """`image` scaled down, never up, so that no side is longer than `side`."""
    if side is None or max(image.size) <= side:
        return image
    factor = side / max(image.size)
    width, height = (max(1, round(length * factor)) for length in image.size)
    return image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=_REDUCING_GAP)


def _picture(stem: str, image: Image.Image, form: Format) -> Picture:
    """One output. JPEG knows no alpha: what shines through is white, as a page is."""
    written = image
    if form is Format.JPEG and image.mode == "RGBA":
        written = Image.new("RGB", image.size, "white")
        written.paste(image, mask=image.getchannel("A"))
    body = BytesIO()
    written.save(body, form.name, **_OPTIONS[form])
    width, height = image.size
    return Picture(
        name=f"{stem}.{form}",
        data=body.getvalue(),
        media_type=f"image/{form.name.lower()}",
        width=width,
        height=height,
    )
