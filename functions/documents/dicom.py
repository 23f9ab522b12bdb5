"""DICOM's pixels made visible: rescale, window, inversion, colour; nothing of the patient leaves but pixels. Pure.

Greys go through a table of all values that a pixel can have, made by pydicom's own functions: as exact as those and
without their 64-bit copies of the picture (`windowing`). Overlays and annotations beside the pixels are not drawn.

Text burned into the pixels cannot be taken out. Such a picture is converted and flagged, not refused: ultrasound often
has it, a doctor needs to see it, and the outputs stay in the upload's own jurisdiction under its own key. The attribute
is optional, and files without it may be burned in just as well, so a refusal would only look like a safeguard. The flag
lets an application keep such pictures from where the patient's name must not appear.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO
from typing import Final

import numpy as np
from PIL import Image
from pydicom import Dataset, dcmread
from pydicom.pixels import convert_color_space, get_decoder
from pydicom.pixels.utils import as_pixel_options
from pydicom.uid import DeflatedExplicitVRLittleEndian

from functions.documents import pixels, windowing
from functions.documents.guard import reading
from functions.documents.images import Decoded
from functions.documents.kinds import Kind
from functions.documents.limits import Limits
from functions.documents.refusals import Refusal, RefusedError
from functions.documents.windowing import Values

# Its warnings quote values, names among them.
logging.getLogger("pydicom").setLevel(logging.CRITICAL)

_GREYS: Final = frozenset({"MONOCHROME1", "MONOCHROME2", "PALETTE COLOR"})
_COLOURS: Final = frozenset({"RGB", "YBR_FULL", "YBR_FULL_422", "YBR_PARTIAL_422", "YBR_ICT", "YBR_RCT"})
# The same matrix as JPEG's, which Pillow applies without floating-point copies.
_AS_JPEG: Final = frozenset({"YBR_FULL", "YBR_FULL_422"})
_BITS: Final = (1, 8, 16)


class BurnedIn(StrEnum):
    """The file's own word (0028,0301) on whether text about the patient is part of its pixels."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class DecodedDicom(Decoded):
    """As `Decoded`, with what the file says of burned-in text."""

    burned_in: BurnedIn


def page_count(data: bytes, limits: Limits) -> int:
    """Frames as declared. Raises RefusedError as `decode`, but for what only decoding shows."""
    with reading(Kind.DICOM):
        return _frames(_checked(data, limits))


def decode(data: bytes, limits: Limits) -> DecodedDicom:
    """The first frame as it is to be seen. Raises RefusedError: `corrupt`, `unsupported`, `too-many-pixels`, `bomb`."""
    with reading(Kind.DICOM):
        dataset = _checked(data, limits)
        frame, photometric = _first_frame(dataset)
        image = _grey(frame, dataset) if photometric in _GREYS else _colour(frame, photometric, dataset)
        return DecodedDicom(image=image, pages=_frames(dataset), burned_in=_burned_in(dataset))


def _checked(data: bytes, limits: Limits) -> Dataset:
    """The data set, with its pixels not yet decoded, if its pixels can be."""
    if DeflatedExplicitVRLittleEndian.encode() in data:
        # It is inflated as a whole, before anything can be known of its size, and is not used for pictures.
        raise RefusedError(Refusal.UNSUPPORTED, "the DICOM file is deflated: export it with another transfer syntax")
    dataset = dcmread(BytesIO(data))
    if "PixelData" not in dataset:
        raise RefusedError(
            Refusal.UNSUPPORTED, "the DICOM file has no pixels of 1 to 16 bits: upload the picture itself"
        )
    limits.check_pixels(int(dataset.Columns), int(dataset.Rows), len(data))
    bits, photometric = int(dataset.BitsAllocated), str(dataset.PhotometricInterpretation)
    if bits not in _BITS or photometric not in _GREYS | _COLOURS:
        words = f"has {bits} bits a pixel or an unusual colour model: export it as grey, RGB or YBR of 8 or 16 bits"
        raise RefusedError(Refusal.UNSUPPORTED, f"the DICOM file {words}")
    if _frames(dataset) < 1:
        raise RefusedError(Refusal.CORRUPT, "the DICOM file declares no frame: export it anew")
    return dataset


def _frames(dataset: Dataset) -> int:
    return int(dataset.get("NumberOfFrames") or 1)


def _first_frame(dataset: Dataset) -> tuple[Values, str]:
    """Its values, rows by columns, or by three samples too; and the colour model after decompression."""
    syntax = dataset.file_meta.TransferSyntaxUID
    try:
        decoder = get_decoder(syntax)
    except NotImplementedError:
        decoder = None
    if decoder is None or not decoder.is_available:
        words = "its compression is not opened: export it uncompressed, as RLE, JPEG baseline or JPEG 2000"
        raise RefusedError(Refusal.UNSUPPORTED, f"the DICOM file cannot be shown, {words}")
    options = as_pixel_options(dataset, view_only=True)
    frame, properties = decoder.as_array(dataset, index=0, raw=True, **options)
    return frame, str(properties["photometric_interpretation"])


def _grey(frame: Values, dataset: Dataset) -> Image.Image:
    """Grey, or by the file's own palette."""
    unsigned = frame.view(np.uint8 if frame.dtype.itemsize == 1 else np.uint16)
    table = windowing.table(frame, dataset)
    return Image.fromarray(np.ascontiguousarray(table.take(unsigned, axis=0)))


def _colour(frame: Values, photometric: str, dataset: Dataset) -> Image.Image:
    """RGB in sRGB, 8 bits a channel."""
    if frame.dtype.itemsize > 1:
        frame = (frame >> max(int(dataset.BitsStored) - 8, 0)).astype(np.uint8)
    if photometric in _AS_JPEG:
        image = Image.fromarray(frame, "YCbCr").convert("RGB")
    elif photometric == "YBR_PARTIAL_422":
        image = Image.fromarray(convert_color_space(frame, photometric, "RGB"))
    else:
        image = Image.fromarray(frame)
    profile = dataset.get("ICCProfile")
    return pixels.in_srgb(image, profile) if isinstance(profile, bytes) else image


def _burned_in(dataset: Dataset) -> BurnedIn:
    word = str(dataset.get("BurnedInAnnotation", "")).lower()
    return BurnedIn(word) if word in {BurnedIn.YES, BurnedIn.NO} else BurnedIn.UNKNOWN
