"""The one way from a file's bytes to its pages and its pictures, whatever its kind. Pure."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass

from functions.documents import images, pdfs
from functions.documents.images import Format, Picture
from functions.documents.kinds import Kind
from functions.documents.limits import Limits

# pydicom and numpy cost 0.3 s of every cold start and few uploads are DICOM, so `dicom` is imported where it is needed.


@dataclass(frozen=True, kw_only=True)
class Conversion:
    """What came out. `pages`: of the whole file. `flags`: words for the status object, as burned-in-annotation-yes."""

    pages: int
    pictures: tuple[Picture, ...] = ()
    flags: tuple[str, ...] = ()


def page_count(data: bytes, kind: Kind, limits: Limits) -> int:
    """Pages or frames of a file of any kind, without decoding it.

    Textract's one-page call is for PDFs and TIFFs of one page and all PNGs and JPEGs: of an animated PNG it reads only
    the first frame. Raises RefusedError with any code but `infected`.
    """
    limits.check_bytes(len(data))
    match kind:
        case Kind.PDF:
            return pdfs.page_count(data, limits)
        case Kind.DICOM:
            from functions.documents import dicom  # noqa: PLC0415 - see above

            return dicom.page_count(data, limits)
        case _:
            return images.page_count(data, kind, limits)


def convert(data: bytes, kind: Kind, limits: Limits, formats: frozenset[Format]) -> Conversion:
    """Pages and pictures of a file; a PDF has pages and no pictures. Raises RefusedError, nothing else.

    The file is decoded once and all of it, so none is refused halfway through its outputs.
    """
    limits.check_bytes(len(data))
    if kind is Kind.PDF:
        return Conversion(pages=pdfs.page_count(data, limits))
    if kind is Kind.DICOM:
        from functions.documents import dicom  # noqa: PLC0415 - see above

        found = dicom.decode(data, limits)
        flags = (f"burned-in-annotation-{found.burned_in}",)
        return Conversion(pages=found.pages, pictures=_pictures(found, formats), flags=flags)
    decoded = images.decode(data, kind, limits)
    return Conversion(pages=decoded.pages, pictures=_pictures(decoded, formats))


def _pictures(decoded: images.Decoded, formats: frozenset[Format]) -> tuple[Picture, ...]:
    with closing(decoded.image):
        return tuple(images.encode(decoded.image, formats))
