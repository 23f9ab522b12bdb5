"""The one place where what a decoder raises becomes a refusal. Pure.

Decoders of hostile bytes raise anything: struct.error, IndexError, RecursionError, a library's own. Their messages may
quote the file, a patient's name with it, so nothing of them is passed on but the exception's type.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from functions.documents.kinds import Kind
from functions.documents.refusals import Refusal, RefusedError


@contextmanager
def reading(kind: Kind) -> Iterator[None]:
    """Within, everything that goes wrong is a RefusedError; warnings, which may quote the file too, are dropped.

    Raises RefusedError: as raised within, `too-many-pixels` for want of memory, `corrupt` for all else.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        except RefusedError:
            raise
        except MemoryError:
            words = f"this {kind} needs more memory than there is: upload it smaller"
            raise RefusedError(Refusal.TOO_MANY_PIXELS, words) from None
        except Exception as problem:  # noqa: BLE001 - see above: any type can come
            words = f"this is no whole {kind} file ({type(problem).__name__}): export it anew and upload it again"
            raise RefusedError(Refusal.CORRUPT, words) from None
