"""A PDF's pages, counted without drawing any; locked ones refused. Pure.

The rest of a PDF is Textract's to read.
"""

from __future__ import annotations

import logging
from io import BytesIO
from typing import Final

from pypdf import PdfReader

from functions.documents.guard import reading
from functions.documents.kinds import Kind
from functions.documents.limits import Limits
from functions.documents.refusals import Refusal, RefusedError

# Its warnings quote the file.
logging.getLogger("pypdf").setLevel(logging.CRITICAL)

_WITHIN: Final = 1024


def page_count(data: bytes, limits: Limits) -> int:
    """Pages of the PDF in `data`.

    Raises RefusedError: `encrypted` (any encryption, also with an empty password: Textract opens none of them),
    `corrupt`, `too-many-pages`.
    """
    with reading(Kind.PDF):
        if b"%%EOF" not in data[-_WITHIN:]:
            # pypdf rebuilds the index of a cut file and counts what is left of it, which would pass for the whole.
            raise RefusedError(Refusal.CORRUPT, "the PDF has no end: it was cut short, upload it again")
        reader = PdfReader(BytesIO(data), strict=False)
        if reader.is_encrypted:
            raise RefusedError(Refusal.ENCRYPTED, "the PDF is protected: save it without password and upload it again")
        pages = reader.get_num_pages()
        limits.check_pages(pages)
        return pages
