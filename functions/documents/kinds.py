"""What a file is, told by its bytes; its name and its declared media type are never asked. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from functions.documents.refusals import Refusal, RefusedError


class Kind(StrEnum):
    """The kinds of file that are opened."""

    PDF = "pdf"
    TIFF = "tiff"
    PNG = "png"
    JPEG = "jpeg"
    WEBP = "webp"
    HEIC = "heic"
    DICOM = "dicom"


TEXT_KINDS: Final = frozenset({Kind.PDF, Kind.TIFF, Kind.PNG, Kind.JPEG})
"""What Textract reads."""
PICTURE_KINDS: Final = frozenset(Kind) - {Kind.PDF}
"""What becomes pictures."""

HEAD: Final = 4096
"""As many first bytes as `sniff` looks at."""

_PREFIXES: Final = (
    (b"\x89PNG\r\n\x1a\n", Kind.PNG),
    (b"\xff\xd8\xff", Kind.JPEG),
    (b"II*\x00", Kind.TIFF),
    (b"MM\x00*", Kind.TIFF),
    (b"II+\x00", Kind.TIFF),  # the same with 64-bit offsets
    (b"MM\x00+", Kind.TIFF),
    (b"%PDF-", Kind.PDF),
)
# What may stand before a PDF's header: a byte order mark and white space, as careless tools leave them.
_BEFORE_PDF: Final = b"\xef\xbb\xbf \t\r\n"
# Readers of PDF take its header anywhere in this many first bytes (PDF 1.7, implementation note 13 in its annex H).
_PDF_WITHIN: Final = 1024
# Still pictures coded by HEVC (ISO/IEC 23008-12, annex B); AVIF shares the container and is not among them.
_HEIC_BRANDS: Final = frozenset({b"heic", b"heix", b"heim", b"heis"})
# DICOM PS3.10, 7.1: 128 bytes of anything, then the mark.
_DICOM_AT: Final = 128
_DICOM_MARK: Final = b"DICM"
# Camera raw on top of TIFF, which TIFF readers would take for its preview: Canon's mark, at this place.
_CANON_RAW: Final = (8, b"CR")


def sniff(data: bytes) -> Kind:
    """The kind of `data`, by its first HEAD bytes.

    Raises RefusedError: `empty` for no bytes, `unsupported` for any other kind and for two kinds at once.
    """
    if not data:
        raise RefusedError(Refusal.EMPTY, "the file has no bytes: upload it again")
    head = data[:HEAD]
    found = _kinds(head)
    if not found:
        known = ", ".join(Kind)
        raise RefusedError(Refusal.UNSUPPORTED, f"the content is none of {known}: upload one of these")
    if len(found) > 1:
        words = f"the content is {' and '.join(sorted(found))} at once: export it as one of them"
        raise RefusedError(Refusal.UNSUPPORTED, words)
    return found.pop()


def _kinds(head: bytes) -> set[Kind]:
    """All kinds that a reader could take `head` for."""
    found = {kind for prefix, kind in _PREFIXES if head.startswith(prefix)}
    at, mark = _CANON_RAW
    if Kind.TIFF in found and head[at : at + len(mark)] == mark:
        found.discard(Kind.TIFF)
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        found.add(Kind.WEBP)
    if head[4:8] == b"ftyp" and not _HEIC_BRANDS.isdisjoint(_brands(head)):
        found.add(Kind.HEIC)
    if head[_DICOM_AT : _DICOM_AT + len(_DICOM_MARK)] == _DICOM_MARK:
        found.add(Kind.DICOM)
    if head.lstrip(_BEFORE_PDF).startswith(b"%PDF-") or (found and b"%PDF-" in head[:_PDF_WITHIN]):
        found.add(Kind.PDF)
    return found


def _brands(head: bytes) -> set[bytes]:
    """Major and compatible brands of an ISO base media file."""
    end = min(int.from_bytes(head[:4], "big"), len(head))
    return {head[8:12], *(head[at : at + 4] for at in range(16, end - 3, 4))}
