"""Pictures in, pictures out: compared with what Pillow gives, and searched for what they must not hold."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageChops

from functions.documents import images
from functions.documents.conversion import Conversion, convert
from functions.documents.images import Format, decode
from functions.documents.kinds import Kind, sniff
from functions.documents.limits import Limits
from functions.documents.lineage import IMAGE_NAMES
from functions.documents.refusals import Refusal, RefusedError
from tests.functions import files

ALL = frozenset(Format)
PICTURES = [word for word in files.WHOLE if word != "pdf"]
# Where the red corner of `files.corners` belongs after each orientation: which end of x, which end of y.
UPRIGHT = {1: (0, 0), 2: (1, 0), 3: (1, 1), 4: (0, 1), 5: (0, 0), 6: (1, 0), 7: (1, 1), 8: (0, 1)}


def converted(data: bytes, formats: frozenset[Format] = ALL) -> Conversion:
    return convert(data, sniff(data), Limits(), formats)


def opened(conversion: Conversion, name: str) -> Image.Image:
    [picture] = [item for item in conversion.pictures if item.name == name]
    return Image.open(BytesIO(picture.data))


def exact(data: bytes) -> Image.Image:
    """The PNG output, which loses nothing."""
    return opened(converted(data), "image.png")


def difference(one: Image.Image, other: Image.Image) -> int:
    """The largest difference of any channel of any pixel."""
    assert one.size == other.size
    apart = ImageChops.difference(one.convert("RGB"), other.convert("RGB"))
    return int(np.asarray(apart).max())


def pixel(image: Image.Image, across: float, down: float) -> NDArray[np.int16]:
    """Red, green, blue at this part of the width and of the height."""
    at = (int(image.width * across), int(image.height * down))
    return np.asarray(image.convert("RGB").getpixel(at), dtype=np.int16)


@pytest.mark.parametrize("word", PICTURES)
def test_every_kind_gives_all_outputs_of_its_size(word: str) -> None:
    conversion = converted(files.WHOLE[word]())
    assert set(IMAGE_NAMES) == {picture.name for picture in conversion.pictures}
    for picture in conversion.pictures:
        with Image.open(BytesIO(picture.data)) as image:
            image.load()
            assert (picture.width, picture.height) == image.size
            assert picture.media_type == Image.MIME[image.format or ""]
            assert getattr(image, "n_frames", 1) == 1


@pytest.mark.parametrize("word", ["png", "webp", "tiff"])
def test_lossless_kinds_keep_every_pixel(word: str) -> None:
    assert difference(files.corners(), exact(files.WHOLE[word]())) == 0


def test_a_jpeg_is_decoded_as_pillow_does() -> None:
    data = files.saved(files.textured(), "JPEG")
    assert difference(Image.open(BytesIO(data)), exact(data)) == 0


def test_a_heic_comes_out_as_it_was_to_the_rounding_of_its_colours() -> None:
    assert difference(files.corners(), exact(files.heic())) <= 3


def test_lossy_outputs_look_like_the_lossless_one() -> None:
    conversion = converted(files.saved(files.textured(), "PNG"))
    whole = np.asarray(opened(conversion, "image.png"), dtype=np.float64)
    for name in ("image.jpg", "image.webp"):
        assert np.abs(np.asarray(opened(conversion, name), dtype=np.float64) - whole).mean() < 6


@pytest.mark.parametrize("orientation", UPRIGHT)
@pytest.mark.parametrize("make", [files.jpeg, files.heic])
def test_the_marked_corner_is_where_it_belongs(make: files.Oriented, orientation: int) -> None:
    conversion = converted(make(None, orientation))
    right, below = UPRIGHT[orientation]
    for name in IMAGE_NAMES:
        image = opened(conversion, name)
        assert ((64, 96) if orientation > 4 else (96, 64)) == image.size
        away = pixel(image, 0.25 + 0.5 * right, 0.25 + 0.5 * below) - np.asarray(files.RED)
        assert abs(away).max() < 30, name
        assert image.getexif().get(ExifTags.Base.Orientation) is None


@pytest.mark.parametrize("word", PICTURES)
def test_nothing_but_pixels_is_in_any_output(word: str) -> None:
    data = files.WHOLE[word]()
    assert any(secret in data for secret in files.SECRETS), "the source must hold what is searched for"
    for picture in converted(data).pictures:
        assert not any(secret in picture.data for secret in files.SECRETS), picture.name
        with Image.open(BytesIO(picture.data)) as image:
            image.load()
            assert {} == dict(image.getexif())
            left = set(image.info) - {"jfif", "jfif_version", "jfif_unit", "jfif_density", "loop", "background"}
            assert left <= {"timestamp", "duration"}, "of each frame of a WebP, and nothing else"


def test_what_hangs_onto_a_picture_is_left_behind() -> None:
    for picture in converted(files.jpeg() + files.zipped()).pictures:
        assert b"PLANTED" not in picture.data


def test_the_place_of_a_photograph_is_in_the_source_and_in_no_output() -> None:
    data = files.jpeg()
    assert Image.open(BytesIO(data)).getexif().get_ifd(ExifTags.IFD.GPSInfo)
    for picture in converted(data).pictures:
        assert not Image.open(BytesIO(picture.data)).getexif().get_ifd(ExifTags.IFD.GPSInfo)


@pytest.mark.parametrize("word", PICTURES)
def test_the_same_file_twice_gives_the_same_bytes(word: str) -> None:
    data = files.WHOLE[word]()
    assert converted(data) == converted(data)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_a_colour_profile_is_applied_and_not_kept(form: str) -> None:
    lossless = {"lossless": True} if form == "WEBP" else {}
    data = files.saved(files.corners(), form, icc_profile=files.swapped_profile(), **lossless)
    image = exact(data)
    red, _, blue = pixel(image, 0.25, 0.25)
    assert red < 60 < blue - 120, "the profile changes red and blue for each other"
    assert "icc_profile" not in image.info


def test_a_standard_profile_changes_nothing_that_can_be_seen() -> None:
    data = files.saved(files.textured(), "PNG", icc_profile=files.srgb())
    assert difference(files.textured(), exact(data)) <= 1


@pytest.mark.parametrize("profile", [b"no profile at all", files.srgb()])
def test_a_profile_that_does_not_fit_is_passed_over(profile: bytes) -> None:
    grey = files.corners(mode="L")
    assert difference(grey, exact(files.saved(grey, "PNG", icc_profile=profile))) == 0


def test_cmyk_is_shown_as_pillow_shows_it() -> None:
    data = files.saved(files.corners(mode="CMYK"), "JPEG", quality=95)
    assert Image.open(BytesIO(data)).mode == "CMYK"
    assert difference(Image.open(BytesIO(data)).convert("RGB"), exact(data)) == 0
    assert abs(pixel(exact(data), 0.25, 0.25) - np.asarray(files.RED)).max() < 12


def test_16_bits_keep_their_upper_eight_instead_of_being_clipped() -> None:
    values = files.grey_16()
    assert np.array_equal(values >> 8, np.asarray(exact(files.png_16(values))))


def test_16_bits_of_the_other_byte_order_are_the_same() -> None:
    values = files.grey_16()
    image = Image.frombytes("I;16B", values.shape[::-1], values.astype(">u2").tobytes())
    assert np.array_equal(values >> 8, np.asarray(exact(files.saved(image, "TIFF"))))


def test_floats_are_stretched_over_what_they_hold() -> None:
    values = np.linspace(-3.0, 5.0, 256, dtype=np.float32).reshape(16, 16)
    shown = np.asarray(exact(files.saved(Image.fromarray(values), "TIFF")), dtype=np.int16)
    assert (0, 255) == (shown.min(), shown.max())
    assert np.abs(shown - np.arange(256).reshape(16, 16)).max() <= 1


def test_floats_without_range_are_refused() -> None:
    values = np.full((4, 4), np.inf, dtype=np.float32)
    with pytest.raises(RefusedError) as caught:
        converted(files.saved(Image.fromarray(values), "TIFF"))
    assert caught.value.code is Refusal.UNSUPPORTED


def test_transparency_stays_where_a_format_has_it_and_is_white_in_jpeg() -> None:
    image = files.corners(mode="RGBA")
    image.putalpha(Image.new("L", image.size, 255))
    image.paste((0, 0, 0, 0), (0, 0, 48, 32))
    conversion = converted(files.saved(image, "PNG"))
    for name in ("image.png", "image.webp", "thumbnail-256.webp"):
        clear = opened(conversion, name).convert("RGBA").getpixel((10, 10))
        assert isinstance(clear, tuple)
        assert clear[3] == 0, name
    assert abs(pixel(opened(conversion, "image.jpg"), 0.1, 0.1) - 255).max() < 6
    assert abs(pixel(opened(conversion, "image.jpg"), 0.75, 0.25) - np.asarray(files.GREEN)).max() < 12


def test_alpha_that_hides_nothing_is_dropped() -> None:
    assert exact(files.saved(files.corners(mode="RGBA"), "PNG")).mode == "RGB"


def test_palettes_and_bits_are_looked_up() -> None:
    palette = files.corners().quantize(8)
    assert difference(palette.convert("RGB"), exact(files.saved(palette, "PNG"))) == 0
    bits = files.corners(mode="1")
    assert difference(bits.convert("L"), exact(files.saved(bits, "PNG"))) == 0


def test_a_transparent_place_of_a_palette_becomes_alpha() -> None:
    palette = files.corners().quantize(8)
    data = files.saved(palette, "PNG", transparency=palette.getpixel((0, 0)))
    alpha = exact(data).getchannel("A")
    assert (0, 255) == (alpha.getpixel((0, 0)), alpha.getpixel((95, 63)))


def test_an_animation_is_its_first_frame_and_its_frames_are_counted() -> None:
    data = files.webp(frames=4)
    assert converted(data).pages == 4
    assert difference(files.corners(), exact(data)) == 0


def test_a_tiff_of_many_pages_is_its_first_page_and_its_pages_are_counted() -> None:
    data = files.tiff(pages=5, compression="tiff_lzw")
    assert converted(data).pages == 5
    assert difference(files.corners(), exact(data)) == 0


def test_a_photograph_with_a_preview_has_one_page() -> None:
    data = files.saved(files.corners(), "MPO", save_all=True, append_images=[files.corners(48, 32)])
    assert sniff(data) is Kind.JPEG
    assert converted(data).pages == 1


def test_thumbnails_keep_proportions_and_look_like_fair_resampling() -> None:
    source = files.textured(2400, 1600)
    conversion = converted(files.saved(source, "PNG", compress_level=1), frozenset())
    assert ["thumbnail-1024.webp", "thumbnail-256.webp"] == [picture.name for picture in conversion.pictures]
    for side, size in ((1024, (1024, 683)), (256, (256, 171))):
        image = opened(conversion, f"thumbnail-{side}.webp")
        assert image.size == size
        fair = np.asarray(source.resize(size, Image.Resampling.LANCZOS), dtype=np.float64)
        assert np.abs(np.asarray(image, dtype=np.float64) - fair).mean() < 3


def test_a_small_picture_is_not_enlarged_and_a_thin_one_keeps_a_pixel() -> None:
    small = converted(files.saved(files.corners(20, 10), "PNG"))
    assert {(20, 10)} == {(picture.width, picture.height) for picture in small.pictures}
    thin = converted(files.saved(Image.new("L", (5000, 1)), "PNG"))
    assert (256, 1) == opened(thin, "thumbnail-256.webp").size


def test_a_side_longer_than_webp_can_say_is_scaled_down_for_webp_alone() -> None:
    conversion = converted(files.saved(Image.new("L", (20_000, 40)), "PNG"))
    sizes = {picture.name: picture.width for picture in conversion.pictures}
    assert (16_383, 20_000, 20_000) == (sizes["image.webp"], sizes["image.jpg"], sizes["image.png"])


def test_webp_with_more_alpha_than_its_encoder_has_memory_for_is_scaled_down() -> None:
    size = (8000, 6500)
    side = images._longest(Image.new("RGBA", size), Format.WEBP)
    assert side is not None
    assert 0.99 < side * side * size[1] / size[0] / images._WEBP_ALPHA_PIXELS <= 1
    assert images._longest(Image.new("RGB", size), Format.WEBP) == 16_383
    assert images._longest(Image.new("RGBA", (5000, 5000)), Format.WEBP) == 16_383
    assert images._longest(Image.new("RGBA", (5, 5)), Format.PNG) is None


def test_only_the_formats_asked_for_are_made() -> None:
    names = {picture.name for picture in converted(files.png(), frozenset({Format.JPEG})).pictures}
    assert {"image.jpg", "thumbnail-256.webp", "thumbnail-1024.webp"} == names


def test_a_tiff_said_to_be_made_of_a_huge_tile_is_refused_before_it_is_decoded() -> None:
    with pytest.raises(RefusedError, match="60000 x 60000") as caught:
        decode(files.tiff_of_one_tile(60_000), Kind.TIFF, Limits())
    assert caught.value.code is Refusal.BOMB
    with pytest.raises(RefusedError, match="no whole tiff"):
        decode(files.tiff_of_one_tile(16), Kind.TIFF, Limits())


def test_a_pdf_has_pages_and_no_pictures() -> None:
    assert Conversion(pages=3) == converted(files.pdf())
