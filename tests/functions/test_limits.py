"""How much is opened, and what is found out before it is."""

from __future__ import annotations

import resource
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.documents.conversion import convert, page_count
from functions.documents.images import Format
from functions.documents.kinds import Kind, sniff
from functions.documents.limits import BOMB_PIXELS_PER_BYTE, HIGHEST_PIXELS, Limits
from functions.documents.refusals import Refusal, RefusedError
from tests.functions import files

SMALL = Limits(max_bytes=100_000, max_pixels=10_000, max_pages=3)
NONE: frozenset[Format] = frozenset()


def pages_by_converting(data: bytes, kind: Kind, limits: Limits) -> int:
    return convert(data, kind, limits, NONE).pages


def code(caught: pytest.ExceptionInfo[RefusedError]) -> Refusal:
    return caught.value.code


def peak_mib() -> float:
    """The most memory that this process has ever had, native allocations among it."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def test_as_many_bytes_as_the_limit_are_opened_and_one_more_is_oversized() -> None:
    SMALL.check_bytes(100_000)
    with pytest.raises(RefusedError, match="100001 bytes, 100000 are opened at most") as caught:
        SMALL.check_bytes(100_001)
    assert code(caught) is Refusal.OVERSIZED


def test_no_bytes_are_empty() -> None:
    with pytest.raises(RefusedError) as caught:
        SMALL.check_bytes(0)
    assert code(caught) is Refusal.EMPTY


def test_as_many_pixels_as_the_limit_are_opened_and_a_row_more_is_too_many() -> None:
    SMALL.check_pixels(100, 100, 5000)
    with pytest.raises(RefusedError, match="100 x 101 pixels") as caught:
        SMALL.check_pixels(100, 101, 5000)
    assert code(caught) is Refusal.TOO_MANY_PIXELS


def test_too_many_pixels_in_next_to_no_bytes_are_a_bomb() -> None:
    side = BOMB_PIXELS_PER_BYTE
    with pytest.raises(RefusedError) as caught:
        SMALL.check_pixels(side, side, side - 1)
    assert code(caught) is Refusal.BOMB
    with pytest.raises(RefusedError) as caught:
        SMALL.check_pixels(side, side, side)
    assert code(caught) is Refusal.TOO_MANY_PIXELS


@pytest.mark.parametrize(("width", "height"), [(0, 5), (5, 0), (-1, -1)])
def test_a_picture_without_extent_is_corrupt(width: int, height: int) -> None:
    with pytest.raises(RefusedError) as caught:
        SMALL.check_pixels(width, height, 10)
    assert code(caught) is Refusal.CORRUPT


def test_as_many_pages_as_the_limit_are_opened_and_one_more_is_too_many() -> None:
    SMALL.check_pages(3)
    with pytest.raises(RefusedError, match="more than 3 pages") as caught:
        SMALL.check_pages(4)
    assert code(caught) is Refusal.TOO_MANY_PAGES


@pytest.mark.parametrize("name", ["max_bytes", "max_pixels", "max_pages"])
def test_a_limit_of_nothing_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=f"{name} is 0: it must be at least 1"):
        Limits(**{name: 0})


def test_a_limit_above_what_pillow_opens_is_refused() -> None:
    assert HIGHEST_PIXELS == Limits(max_pixels=HIGHEST_PIXELS).max_pixels
    with pytest.raises(ValueError, match="choose fewer"):
        Limits(max_pixels=HIGHEST_PIXELS + 1)


@pytest.mark.parametrize("kind", [Kind.PDF, Kind.TIFF])
def test_pages_of_documents_are_limited(kind: Kind) -> None:
    make = {Kind.PDF: files.pdf, Kind.TIFF: files.tiff}[kind]
    assert page_count(make(3), kind, SMALL) == 3
    for call in (page_count, pages_by_converting):
        with pytest.raises(RefusedError) as caught:
            call(make(4), kind, SMALL)
        assert code(caught) is Refusal.TOO_MANY_PAGES


def test_frames_of_animations_are_counted_and_not_limited() -> None:
    assert page_count(files.webp(frames=5), Kind.WEBP, SMALL) == 5


@pytest.mark.parametrize("word", ["tiff", "png", "jpeg", "webp", "heic", "dicom"])
def test_each_kind_of_picture_above_the_limit_is_refused_before_it_is_decoded(word: str) -> None:
    few = Limits(max_pixels=500)
    data = files.WHOLE[word]()
    for call in (page_count, pages_by_converting):
        with pytest.raises(RefusedError) as caught:
            call(data, Kind(word), few)
        assert code(caught) is Refusal.TOO_MANY_PIXELS


@pytest.mark.parametrize(
    "make",
    [files.png_bomb, lambda: files.png_bomb(12_100, 10_000), files.webp_bomb],
    ids=["beyond Pillow", "PNG", "WebP"],
)
def test_bombs_are_refused_without_the_memory_they_ask_for(make: Callable[[], bytes]) -> None:
    data = make()
    before = peak_mib()
    with pytest.raises(RefusedError) as caught:
        convert(data, sniff(data), Limits(), NONE)
    assert peak_mib() - before < 32
    assert code(caught) in {Refusal.BOMB, Refusal.TOO_MANY_PIXELS}


def test_the_largest_png_bomb_is_called_one() -> None:
    with pytest.raises(RefusedError) as caught:
        convert(files.png_bomb(), Kind.PNG, Limits(max_pixels=1_000_000), NONE)
    assert code(caught) is Refusal.BOMB


def test_a_text_chunk_that_inflates_to_80_mib_is_refused() -> None:
    with pytest.raises(RefusedError) as caught:
        convert(files.png_text_bomb(), Kind.PNG, Limits(), NONE)
    assert code(caught) is Refusal.BOMB


def test_an_oversized_file_is_refused_by_the_conversion_too() -> None:
    with pytest.raises(RefusedError) as caught:
        convert(files.jpeg(), Kind.JPEG, Limits(max_bytes=100), NONE)
    assert code(caught) is Refusal.OVERSIZED


@pytest.mark.parametrize("password", ["secret", ""])
def test_an_encrypted_pdf_is_refused_even_with_an_empty_password(password: str) -> None:
    with pytest.raises(RefusedError, match="save it without password") as caught:
        page_count(files.pdf(password=password), Kind.PDF, Limits())
    assert code(caught) is Refusal.ENCRYPTED


@pytest.mark.parametrize("word", files.WHOLE)
@pytest.mark.parametrize("share", [0.5, 0.9])
def test_truncated_files_are_corrupt(word: str, share: float) -> None:
    data = files.WHOLE[word]()
    with pytest.raises(RefusedError) as caught:
        convert(data[: int(len(data) * share)], Kind(word), Limits(), NONE)
    assert code(caught) is Refusal.CORRUPT


@given(st.data())
def test_a_file_with_bytes_changed_is_converted_or_refused(data: st.DataObject) -> None:
    word = data.draw(st.sampled_from(sorted(files.WHOLE)))
    body = bytearray(SAMPLES[word])
    for _ in range(data.draw(st.integers(1, 8))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    _converted_or_refused(Kind(word), bytes(body))


@given(st.sampled_from(Kind), st.binary(max_size=200))
def test_arbitrary_bytes_said_to_be_of_a_kind_are_converted_or_refused(kind: Kind, body: bytes) -> None:
    _converted_or_refused(kind, body)
    _converted_or_refused(kind, SAMPLES[kind][:60] + body)


SAMPLES = {word: make() for word, make in files.WHOLE.items()}


def _converted_or_refused(kind: Kind, body: bytes) -> None:
    before = peak_mib()
    try:
        answer = convert(body, kind, SMALL, frozenset(Format)).pages
    except RefusedError as refused:
        answer = refused.code
        words = refused.words
    else:
        words = ""
    assert answer != Refusal.INFECTED
    assert "PLANTED" not in words
    assert peak_mib() - before < 64
