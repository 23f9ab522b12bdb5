"""How much of a file is opened: bytes, pixels, pages; bombs are found from what they declare, before decoding. Pure."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final, Never

from functions.documents.refusals import Refusal, RefusedError

HIGHEST_PIXELS: Final = 178_956_970
"""Twice Pillow's own mark: above it Pillow opens nothing, whatever our limit."""
BOMB_PIXELS_PER_BYTE: Final = 1000
"""A photograph has 1 to 20 pixels to the byte, a drawing some hundreds; deflate ends near 8,256, for bits."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The most that is opened; a file that has exactly as much is still opened.

    Pages are a document's (PDF, TIFF), which Textract reads and bills one by one; of an animation or of DICOM frames
    only the first is decoded, so the number of its frames costs nothing and is not limited.

    Raises ValueError for a limit below 1, and for more pixels than HIGHEST_PIXELS.
    """

    max_bytes: int = 50 * 1024 * 1024
    max_pixels: int = 120_000_000
    max_pages: int = 200

    def __post_init__(self) -> None:
        """Refuse what would refuse everything, or promise what cannot be."""
        for field in fields(self):
            if (value := getattr(self, field.name)) < 1:
                raise ValueError(f"{field.name} is {value}: it must be at least 1")
        if self.max_pixels > HIGHEST_PIXELS:
            raise ValueError(f"max_pixels is {self.max_pixels}: Pillow opens {HIGHEST_PIXELS} at most, choose fewer")

    def check_bytes(self, size: int) -> None:
        """Raises RefusedError `empty` for 0 bytes and `oversized` above `max_bytes`: ask before the body is read."""
        if size < 1:
            raise RefusedError(Refusal.EMPTY, "the file has no bytes: upload it again")
        if size > self.max_bytes:
            words = f"the file has {size} bytes, {self.max_bytes} are opened at most: upload it smaller or in parts"
            raise RefusedError(Refusal.OVERSIZED, words)

    def check_pixels(self, width: int, height: int, size: int) -> None:
        """Width and height as declared; `size`: bytes of the file. Raises RefusedError above `max_pixels`.

        Code `bomb` for more than BOMB_PIXELS_PER_BYTE, else `too-many-pixels`; `corrupt` for a side below 1.
        """
        if width < 1 or height < 1:
            raise RefusedError(Refusal.CORRUPT, f"the picture is declared as {width} x {height} pixels: export it anew")
        if width * height > self.max_pixels:
            self._refuse(f"{width} x {height} pixels", width * height, size)

    def refuse_pixels(self, pixels: int, size: int) -> Never:
        """Raises RefusedError, code as `check_pixels`, for a file that a decoder has found too large by itself."""
        self._refuse(f"{pixels} pixels", pixels, size)

    def _refuse(self, declared: str, pixels: int, size: int) -> Never:
        words = f"the file declares {declared} in {size} bytes, {self.max_pixels} pixels are opened at most"
        if pixels > BOMB_PIXELS_PER_BYTE * size:
            raise RefusedError(Refusal.BOMB, f"{words}: no honest picture is so large in so few bytes")
        raise RefusedError(Refusal.TOO_MANY_PIXELS, f"{words}: upload it smaller or in parts")

    def check_pages(self, pages: int) -> None:
        """Raises RefusedError `too-many-pages` above `max_pages`, `corrupt` below 1."""
        if pages < 1:
            raise RefusedError(Refusal.CORRUPT, "the file has no page: export it anew and upload it again")
        if pages > self.max_pages:
            words = f"the file has more than {self.max_pages} pages, which is the limit: upload it in parts"
            raise RefusedError(Refusal.TOO_MANY_PAGES, words)
