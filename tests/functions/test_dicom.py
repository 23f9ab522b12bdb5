"""DICOM as it is to be seen, and nothing of the patient."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from pydicom import Dataset
from pydicom.encaps import encapsulate
from pydicom.pixels import apply_modality_lut, apply_voi_lut
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLSLossless,
    RLELossless,
)

from functions.documents.conversion import convert, page_count
from functions.documents.dicom import BurnedIn, decode
from functions.documents.images import Format
from functions.documents.kinds import Kind
from functions.documents.limits import Limits
from functions.documents.refusals import Refusal, RefusedError
from tests.functions import files

LIMITS = Limits()
WINDOW = {"WindowCenter": 20_000, "WindowWidth": 30_000}


def shown(data: bytes) -> NDArray[np.int16]:
    return np.asarray(decode(data, LIMITS).image, dtype=np.int16)


def as_pydicom_shows(dataset: Dataset) -> NDArray[np.int16]:
    """All of pydicom's steps over the picture itself, its range as 0 to 255."""
    values = apply_voi_lut(apply_modality_lut(dataset.pixel_array, dataset), dataset)
    ends = (0, 2**dataset.BitsStored - 1)
    low, high = (
        end * float(dataset.get("RescaleSlope", 1)) + float(dataset.get("RescaleIntercept", 0)) for end in ends
    )
    return np.rint((values - low) / (high - low) * 255).astype(np.int16)


def refusal(data: bytes) -> RefusedError:
    with pytest.raises(RefusedError) as caught:
        decode(data, LIMITS)
    return caught.value


@pytest.mark.parametrize(
    "attributes",
    [
        WINDOW,
        WINDOW | {"VOILUTFunction": "LINEAR_EXACT"},
        WINDOW | {"VOILUTFunction": "SIGMOID"},
        {"WindowCenter": [20_000, 5], "WindowWidth": [30_000, 5]},
        {"RescaleSlope": 0.5, "RescaleIntercept": -1024, "WindowCenter": 4000, "WindowWidth": 9000},
    ],
    ids=["linear", "exact", "sigmoid", "first of two", "rescaled"],
)
def test_a_window_gives_what_pydicom_gives(attributes: dict[str, Any]) -> None:
    dataset = files.dicom_dataset(files.grey_16(), **attributes)
    found = shown(files.written(dataset))
    assert np.array_equal(as_pydicom_shows(dataset), found)
    assert found.min() < 30
    assert found.max() > 225


def test_black_is_below_the_window_and_white_above() -> None:
    found = shown(files.dicom(files.grey_16(), **WINDOW))
    assert (found[files.grey_16() < 5000] == 0).all()
    assert (found[files.grey_16() > 35_000] == 255).all()


def test_a_falling_rescale_turns_greys_round() -> None:
    attributes = {"RescaleSlope": -1, "RescaleIntercept": 65_535, **WINDOW}
    found = shown(files.dicom(files.grey_16(), **attributes))
    assert (255, 0) == (found[0, 0], found[-1, -1])


def test_monochrome1_is_the_inverse_of_monochrome2() -> None:
    usual = shown(files.dicom(files.grey_16(), **WINDOW))
    inverse = shown(files.dicom(files.grey_16(), PhotometricInterpretation="MONOCHROME1", **WINDOW))
    assert np.abs(255 - usual - inverse).max() <= 1
    assert (255, 0) == (inverse[0, 0], inverse[-1, -1])


def test_without_a_window_the_frame_is_stretched_over_what_it_holds() -> None:
    values = np.array([[1000, 1500], [2000, 1250]], dtype=np.uint16)
    assert [[0, 128], [255, 64]] == shown(files.dicom(values, BitsStored=12, HighBit=11)).tolist()


def test_signed_values_are_stretched_in_their_order() -> None:
    values = np.array([[-1000, 0], [1000, 500]], dtype=np.int16)
    assert [[0, 128], [255, 191]] == shown(files.dicom(values)).tolist()


def test_padding_is_no_part_of_what_is_stretched_over() -> None:
    values = np.array([[0, 1000], [2000, 3000]], dtype=np.uint16)
    assert [[0, 0], [128, 255]] == shown(files.dicom(values, PixelPaddingValue=0)).tolist()


def test_8_bits_without_a_window_are_shown_as_they_are() -> None:
    values = np.arange(10, 110, dtype=np.uint8).reshape(10, 10)
    assert np.array_equal(values, shown(files.dicom(values)))


@pytest.mark.parametrize("depth", [8, 16])
def test_a_table_of_values_comes_before_a_window(depth: int) -> None:
    item = Dataset()
    item.LUTDescriptor = [1024, 0, depth]
    item["LUTDescriptor"].VR = "US"
    top = 2**depth - 1
    item.LUTData = [top - place * top // 1023 for place in range(1024)]
    item["LUTData"].VR = "US"
    values = np.array([[0, 1023], [512, 4000]], dtype=np.uint16)
    found = shown(files.dicom(values, VOILUTSequence=[item], **WINDOW))
    assert np.abs(np.array([[255, 0], [127, 0]]) - found).max() <= 1


def test_a_file_of_many_frames_is_its_first_and_its_frames_are_counted() -> None:
    first = np.full((8, 8), 40_000, dtype=np.uint16)
    dataset = files.dicom_dataset(first, NumberOfFrames=300, **WINDOW)
    dataset.PixelData = first.tobytes() + bytes(first.nbytes * 299)
    assert (shown(files.written(dataset)) == 255).all()
    assert page_count(files.written(dataset), Kind.DICOM, LIMITS) == 300


def test_the_window_of_the_first_frame_is_found_in_its_group() -> None:
    window, group = Dataset(), Dataset()
    window.WindowCenter, window.WindowWidth = 20_000, 30_000
    group.FrameVOILUTSequence = [window]
    values = files.grey_16()
    expected = shown(files.dicom(values, **WINDOW))
    for name in ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"):
        assert np.array_equal(expected, shown(files.dicom(values, **{name: [group]})))
    assert not np.array_equal(expected, shown(files.dicom(values)))


def test_colours_are_kept() -> None:
    values = np.asarray(files.corners())
    assert np.array_equal(values, shown(files.dicom(values)))


def test_colours_as_brightness_and_difference_become_red_green_and_blue() -> None:
    values = np.asarray(files.corners(mode="YCbCr"))
    found = shown(files.dicom(values, PhotometricInterpretation="YBR_FULL"))
    assert np.abs(np.asarray(files.corners(), dtype=np.int16) - found).max() <= 2


def test_16_bits_of_colour_keep_their_upper_eight() -> None:
    values = np.asarray(files.corners()).astype(np.uint16) * 256 + 77
    assert np.array_equal(values >> 8, shown(files.dicom(values)))


def test_a_palette_is_looked_up() -> None:
    tables: dict[str, Any] = {}
    for colour, table in (("Red", [0, 65_535]), ("Green", [0, 0]), ("Blue", [65_535, 0])):
        tables[f"{colour}PaletteColorLookupTableDescriptor"] = [2, 0, 16]
        tables[f"{colour}PaletteColorLookupTableData"] = np.array(table, dtype="<u2").tobytes()
    values = np.array([[0, 1], [1, 0]], dtype=np.uint8)
    dataset = files.dicom_dataset(values, PhotometricInterpretation="PALETTE COLOR", **tables)
    for colour in ("Red", "Green", "Blue"):
        dataset[f"{colour}PaletteColorLookupTableDescriptor"].VR = "US"
    assert [[0, 0, 255], [255, 0, 0]] == shown(files.written(dataset))[0].tolist()


@pytest.mark.parametrize("form", ["JPEG", "JPEG2000"])
def test_compressed_colours_are_decoded(form: str) -> None:
    dataset = files.dicom_dataset(np.asarray(files.corners()))
    options = {"quality": 95, "subsampling": 0} if form == "JPEG" else {"irreversible": False, "mct": 1, "no_jp2": True}
    dataset.PhotometricInterpretation = "YBR_FULL" if form == "JPEG" else "YBR_RCT"
    dataset.file_meta.TransferSyntaxUID = JPEGBaseline8Bit if form == "JPEG" else JPEG2000Lossless
    dataset.PixelData = encapsulate([files.saved(files.corners(), form, **options)])
    dataset["PixelData"].VR, dataset["PixelData"].is_undefined_length = "OB", True
    found = shown(files.written(dataset))
    for down, across, colour in ((16, 24, files.RED), (16, 72, files.GREEN), (48, 24, files.BLUE)):
        assert np.abs(np.asarray(colour) - found[down, across]).max() <= 6


def test_run_lengths_are_decoded() -> None:
    dataset = files.dicom_dataset(files.grey_16(), **WINDOW)
    expected = shown(files.written(dataset))
    dataset.compress(RLELossless, generate_instance_uid=False)
    assert np.array_equal(expected, shown(files.written(dataset)))


@pytest.mark.parametrize("syntax", [JPEGLSLossless, DeflatedExplicitVRLittleEndian])
def test_compression_that_is_not_opened_is_unsupported(syntax: Any) -> None:  # noqa: ANN401 - pydicom's UIDs are private
    dataset = files.dicom_dataset(files.grey_16())
    dataset.file_meta.TransferSyntaxUID = syntax
    if syntax == JPEGLSLossless:
        dataset.PixelData = encapsulate([b"PLANTED" * 4])
        dataset["PixelData"].VR, dataset["PixelData"].is_undefined_length = "OB", True
    assert refusal(files.written(dataset)).code is Refusal.UNSUPPORTED


def test_a_file_without_pixels_and_one_of_32_bits_are_unsupported() -> None:
    dataset = files.dicom_dataset(files.grey_16())
    del dataset.PixelData
    assert refusal(files.written(dataset)).code is Refusal.UNSUPPORTED
    assert refusal(files.dicom(np.zeros((4, 4), dtype=np.uint32))).code is Refusal.UNSUPPORTED


def test_dimensions_that_the_pixels_do_not_fill_are_corrupt() -> None:
    dataset = files.dicom_dataset(files.grey_16())
    dataset.Rows = 9000
    assert refusal(files.written(dataset)).code is Refusal.CORRUPT


def test_dimensions_beyond_all_measure_are_a_bomb() -> None:
    dataset = files.dicom_dataset(files.grey_16())
    dataset.Rows = dataset.Columns = 65_535
    assert refusal(files.written(dataset)).code is Refusal.BOMB


def test_nothing_of_the_patient_is_in_any_output() -> None:
    data = files.dicom(files.grey_16(), **WINDOW)
    assert all(secret in data for secret in (b"MUELLER^ANNA", b"PLANTED-4711"))
    for picture in convert(data, Kind.DICOM, LIMITS, frozenset(Format)).pictures:
        assert not any(secret in picture.data for secret in files.SECRETS)
        with Image.open(BytesIO(picture.data)) as image:
            assert {} == dict(image.getexif())


def test_a_refusal_does_not_quote_the_file() -> None:
    dataset = files.dicom_dataset(files.grey_16())
    dataset.PhotometricInterpretation = "PLANTED"
    refused = refusal(files.written(dataset))
    assert "PLANTED" not in str(refused)
    assert refused.__cause__ is None


@pytest.mark.parametrize(("said", "flag"), [("YES", BurnedIn.YES), ("NO", BurnedIn.NO), ("", BurnedIn.UNKNOWN)])
def test_burned_in_text_is_flagged_and_still_converted(said: str, flag: BurnedIn) -> None:
    conversion = convert(files.dicom(files.grey_16(), BurnedInAnnotation=said), Kind.DICOM, LIMITS, frozenset())
    assert (f"burned-in-annotation-{flag}",) == conversion.flags
    assert conversion.pictures


def test_a_file_that_says_nothing_of_burned_in_text_is_unknown() -> None:
    assert decode(files.dicom(files.grey_16()), LIMITS).burned_in is BurnedIn.UNKNOWN
