"""What a file is, by its bytes."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from functions.documents.kinds import HEAD, PICTURE_KINDS, TEXT_KINDS, Kind, sniff
from functions.documents.refusals import Refusal, RefusedError
from tests.functions import files


def refusal(data: bytes) -> Refusal:
    with pytest.raises(RefusedError) as caught:
        sniff(data)
    return caught.value.code


@pytest.mark.parametrize("word", files.WHOLE)
def test_each_kind_is_told_by_its_content(word: str) -> None:
    assert Kind(word) is sniff(files.WHOLE[word]())


@pytest.mark.parametrize("word", files.WHOLE)
def test_the_first_bytes_are_enough(word: str) -> None:
    assert Kind(word) is sniff(files.WHOLE[word]()[:HEAD])


def test_there_is_a_file_of_every_kind_to_test_with() -> None:
    assert set(Kind) == set(files.WHOLE)


def test_big_endian_and_64_bit_tiff_are_tiff() -> None:
    assert Kind.TIFF is sniff(b"MM\x00*\x00\x00\x00\x08")
    assert Kind.TIFF is sniff(files.tiff(big_tiff=True))


def test_a_pdf_after_a_byte_order_mark_is_a_pdf() -> None:
    assert Kind.PDF is sniff(b"\xef\xbb\xbf\r\n" + files.pdf())


def test_an_empty_file_is_empty_and_not_merely_unsupported() -> None:
    assert refusal(b"") is Refusal.EMPTY


@pytest.mark.parametrize(
    "data",
    [
        files.zipped(),
        b"GIF89a" + bytes(100),
        b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom",
        b"\x00\x00\x00\x1cftypavif\x00\x00\x00\x00avifmif1miaf",
        b"II*\x00\x10\x00\x00\x00CR\x02\x00",
        b"RIFF\x10\x00\x00\x00WAVEfmt ",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\xff\xd8",
        bytes(200),
    ],
    ids=["zip", "gif", "mp4", "avif", "canon-raw", "wave", "svg", "two bytes of a jpeg", "zeros"],
)
def test_other_content_is_unsupported_whatever_it_is_named(data: bytes) -> None:
    assert refusal(data) is Refusal.UNSUPPORTED


def test_heic_among_the_compatible_brands_is_heic() -> None:
    assert Kind.HEIC is sniff(b"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1heic")


def test_a_picture_that_readers_could_take_for_a_pdf_is_refused() -> None:
    whole = files.jpeg()
    assert refusal(whole[:2] + b"\xff\xfe\x00\x0a%PDF-1.7" + whole[2:]) is Refusal.UNSUPPORTED


def test_a_pdf_header_far_inside_a_picture_is_only_pixels() -> None:
    assert Kind.JPEG is sniff(files.jpeg(files.textured())[:2000] + b"%PDF-1.7")


def test_a_dicom_file_whose_preamble_is_a_tiff_is_refused() -> None:
    assert refusal(b"II*\x00" + files.dicom(files.grey_16())[4:]) is Refusal.UNSUPPORTED


def test_a_zip_hung_onto_a_picture_leaves_it_a_picture() -> None:
    assert Kind.JPEG is sniff(files.jpeg() + files.zipped())


def test_documents_are_read_and_pictures_drawn() -> None:
    assert {Kind.PDF, Kind.TIFF, Kind.PNG, Kind.JPEG} == TEXT_KINDS
    assert set(Kind) - {Kind.PDF} == PICTURE_KINDS


@given(st.binary(max_size=300))
@example(b"\x00\x00\x00\x00ftyp")
def test_any_bytes_are_a_kind_or_refused(data: bytes) -> None:
    try:
        answer = sniff(data)
    except RefusedError as refused:
        answer = refused.code
    assert answer in {*Kind, Refusal.EMPTY, Refusal.UNSUPPORTED}
