"""What each stored value of a grey or palette DICOM picture looks like: one table for all pixels. Pure.

The steps of DICOM PS3.4, annex N.2: modality (rescale or table), values of interest (window or table), presentation.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.pixels import apply_color_lut, apply_modality_lut, apply_voi, apply_windowing

Values = NDArray[Any]

_RESCALE: Final = ("RescaleSlope", "RescaleIntercept", "ModalityLUTSequence")
_WINDOW: Final = ("WindowCenter", "WindowWidth", "VOILUTFunction", "VOILUTSequence")
_PIXELS: Final = ("BitsStored", "PixelRepresentation", "PhotometricInterpretation")
# Files of many frames keep the same attributes in groups, of each frame or shared by all.
_GROUPS: Final = ("PixelValueTransformationSequence", "FrameVOILUTSequence")
# Far beyond any value of 16 bits after rescale: a window maps it to its own end.
_BEYOND: Final = 1e12
_WHITE: Final = 255.0
_BYTE: Final = 8


def table(frame: Values, dataset: Dataset) -> Values:
    """8-bit grey, or red, green and blue, of each value of `frame`'s type, in the order of its bits taken as unsigned.

    A table or a window (the first) of the file's own comes first. Without one, 8 stored bits are shown as they are, and
    more are stretched over what the frame holds, padding aside.
    """
    size = frame.dtype.itemsize
    values = np.arange(2 ** (_BYTE * size), dtype=f"u{size}").view(frame.dtype).astype(np.int32)
    if dataset.PhotometricInterpretation == "PALETTE COLOR":
        colours = apply_color_lut(values, dataset)[:, :3]
        return colours if colours.dtype == np.uint8 else (colours >> _BYTE).astype(np.uint8)
    view = _attributes(dataset)
    rescaled = apply_modality_lut(values, view)
    if view.get("VOILUTSequence"):
        grey = _by_table(rescaled, view)
    elif "WindowCenter" in view and "WindowWidth" in view:
        grey = _by_window(rescaled, view)
    elif view.BitsStored <= _BYTE and view.PixelRepresentation == 0 and not any(name in view for name in _RESCALE):
        grey = _spread(rescaled, 0, 2**view.BitsStored - 1)
    else:
        grey = _by_content(rescaled, values, frame, dataset)
    return np.rint(_WHITE - grey if view.PhotometricInterpretation == "MONOCHROME1" else grey).astype(np.uint8)


def _attributes(dataset: Dataset) -> Dataset:
    """What the steps ask for, of the first frame, wherever the file keeps it."""
    view = Dataset()
    view.file_meta = dataset.file_meta
    for holder in (dataset, *_first_groups(dataset)):
        for name in (*_PIXELS, *_RESCALE, *_WINDOW):
            if name in holder and not holder[name].is_empty:
                view[name] = deepcopy(holder[name])
    return view


def _first_groups(dataset: Dataset) -> list[Dataset]:
    """The shared groups, then those of the first frame, which overrule them."""
    holders = (dataset.get("SharedFunctionalGroupsSequence"), dataset.get("PerFrameFunctionalGroupsSequence"))
    return [holder[0][name].value[0] for holder in holders if holder for name in _GROUPS if holder[0].get(name)]


def _by_table(rescaled: Values, view: Dataset) -> Values:
    item = view.VOILUTSequence[0]
    entries, first, depth = item.LUTDescriptor
    # pydicom counts places in the type of the entries, and 8 bits cannot count to a table's usual 4,096.
    item.LUTDescriptor = [entries, first, 16]
    return _spread(apply_voi(np.rint(rescaled).astype(np.int64), view), 0, 2**depth - 1)


def _by_window(rescaled: Values, view: Dataset) -> Values:
    """What pydicom answers lies in the range of the stored values, rescaled: its ends are what it makes of extremes."""
    with np.errstate(over="ignore"):
        black, white = apply_windowing(np.array([-_BEYOND, _BEYOND]), view)
        return _spread(apply_windowing(rescaled, view), black, white)


def _by_content(rescaled: Values, values: Values, frame: Values, dataset: Dataset) -> Values:
    """Black for the least that the frame holds, white for the most."""
    padding = dataset.get("PixelPaddingValue")
    kept = frame if padding is None else frame[frame != padding]
    kept = kept if kept.size else frame
    shown = rescaled[(values >= kept.min()) & (values <= kept.max())]
    return _spread(rescaled, shown.min(), shown.max())


def _spread(values: Values, black: float, white: float) -> Values:
    """`black` to `white` as 0 to 255; all black if they are the same."""
    span = float(white) - float(black)
    return np.clip((values.astype(np.float64) - black) * (_WHITE / span if span else 0.0), 0.0, _WHITE)
