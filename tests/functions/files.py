"""Real files for the tests of the documents functions, made byte by byte or by the libraries that own the formats."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Callable
from functools import cache
from io import BytesIO
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageCms, PngImagePlugin, TiffImagePlugin
from pillow_heif import from_pillow
from pydicom import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage, generate_uid
from pypdf import PdfWriter

PLANTED: Final = "PLANTED-Müller-Anna"
"""What no output may hold: put into whatever a format has for words."""
SECRETS: Final = (b"PLANTED", b"MUELLER", b"Canon EOS Secret", b"51.5074")
PATIENT: Final = "MUELLER^ANNA"
RED, GREEN, BLUE, WHITE = (220, 20, 30), (20, 200, 40), (30, 40, 210), (250, 250, 250)


class Oriented(Protocol):
    """Makes a file of a picture with an EXIF orientation."""

    def __call__(self, image: Image.Image | None = None, orientation: int = 1) -> bytes:
        """The file."""
        ...


def corners(width: int = 96, height: int = 64, mode: str = "RGB") -> Image.Image:
    """Four flat quarters: red upper left, green upper right, blue lower left, white lower right."""
    image = Image.new("RGB", (width, height), WHITE)
    image.paste(RED, (0, 0, width // 2, height // 2))
    image.paste(GREEN, (width // 2, 0, width, height // 2))
    image.paste(BLUE, (0, height // 2, width // 2, height))
    return image.convert(mode)


def textured(width: int = 400, height: int = 300, seed: int = 1) -> Image.Image:
    """Smooth colours with some grain, as a photograph has."""
    grain = np.random.default_rng(seed).integers(0, 24, (height, width, 3), dtype=np.uint8)
    ramp = np.linspace(0, 220, width, dtype=np.uint8)[None, :, None]
    return Image.fromarray((grain + ramp).astype(np.uint8))


def saved(image: Image.Image, form: str, **options: Any) -> bytes:  # noqa: ANN401 - as Pillow's own
    """`image` written by Pillow."""
    body = BytesIO()
    image.save(body, form, **options)
    return body.getvalue()


def exif(orientation: int = 1) -> Image.Exif:
    """Orientation, camera, artist and a place."""
    tags = Image.Exif()
    tags[ExifTags.Base.Orientation] = orientation
    tags[ExifTags.Base.Make] = "Canon EOS Secret"
    tags[ExifTags.Base.Artist] = "PLANTED"
    place = tags.get_ifd(ExifTags.IFD.GPSInfo)
    place[ExifTags.GPS.GPSLatitudeRef] = "N"
    place[ExifTags.GPS.GPSLatitude] = (51.0, 30.0, 26.64)
    place[ExifTags.GPS.GPSAreaInformation] = b"ASCII\x00\x00\x00PLANTED 51.5074"
    return tags


def jpeg(image: Image.Image | None = None, orientation: int = 1) -> bytes:
    """With all of EXIF, XMP, a comment and a colour profile."""
    return saved(
        image or corners(),
        "JPEG",
        quality=95,
        exif=exif(orientation).tobytes(),
        xmp=b"<x:xmpmeta>PLANTED</x:xmpmeta>",
        comment="PLANTED comment",
        icc_profile=srgb(),
    )


def srgb() -> bytes:
    """The standard profile."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def swapped_profile() -> bytes:
    """The standard profile with red and blue changed for each other: no one can miss whether it was applied."""
    profile = bytearray(srgb())
    count = struct.unpack_from(">I", profile, 128)[0]
    for at in range(132, 132 + 12 * count, 12):
        tag = bytes(profile[at : at + 4])
        if tag in {b"rXYZ", b"bXYZ"}:
            profile[at : at + 4] = b"bXYZ" if tag == b"rXYZ" else b"rXYZ"
    return bytes(profile)


def png(image: Image.Image | None = None) -> bytes:
    """With text chunks of all three kinds, EXIF and a date."""
    words = PngImagePlugin.PngInfo()
    words.add_text("Author", "PLANTED")
    words.add_text("Comment", "PLANTED" * 20, zip=True)
    words.add_itxt("Patient", PLANTED)
    words.add_itxt("XML:com.adobe.xmp", "<x>PLANTED</x>")
    return saved(image or corners(), "PNG", pnginfo=words, exif=exif().tobytes())


def png_16(values: NDArray[np.uint16]) -> bytes:
    """Grey, 16 bits."""
    return saved(Image.fromarray(values), "PNG")


def webp(frames: int = 1) -> bytes:
    """Animated if there are more frames than one; the first is `corners`."""
    first, *rest = (corners() if index == 0 else Image.new("RGB", (96, 64), (index, 9, 9)) for index in range(frames))
    animation: dict[str, Any] = {"save_all": True, "append_images": rest} if rest else {}
    return saved(first, "WEBP", lossless=True, exif=exif().tobytes(), xmp=b"<x>PLANTED</x>", **animation)


def tiff(pages: int = 1, **options: Any) -> bytes:  # noqa: ANN401 - as Pillow's own
    """Multi-page if there are more pages than one; the first is `corners`."""
    words = TiffImagePlugin.ImageFileDirectory_v2()
    words[ExifTags.Base.ImageDescription] = "PLANTED"
    words[ExifTags.Base.Make] = "Canon EOS Secret"
    rest = [Image.new("RGB", (96, 64), (index, 9, 9)) for index in range(1, pages)]
    return saved(corners(), "TIFF", save_all=True, append_images=rest, tiffinfo=words, **options)


def heic(image: Image.Image | None = None, orientation: int = 1) -> bytes:
    """With EXIF; coded as exactly as HEVC can."""
    body = BytesIO()
    container = from_pillow(image or corners())
    container.save(body, quality=-1, chroma=444, exif=exif(orientation).tobytes(), format="HEIF")
    return body.getvalue()


def pdf(pages: int = 3, password: str | None = None) -> bytes:
    """Blank pages."""
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(width=595, height=842)
    if password is not None:
        writer.encrypt(user_password=password, owner_password="owner", algorithm="AES-128")  # noqa: S106 - a test's
    body = BytesIO()
    writer.write(body)
    return body.getvalue()


def dicom_dataset(values: NDArray[Any], **attributes: Any) -> Dataset:  # noqa: ANN401 - as pydicom's own
    """A picture of a patient: grey of two axes, or RGB of three; `attributes` are added or overrule."""
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = SecondaryCaptureImageStorage
    dataset.file_meta.MediaStorageSOPInstanceUID = generate_uid(entropy_srcs=["test"])
    dataset.SOPClassUID = SecondaryCaptureImageStorage
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID
    dataset.PatientName, dataset.PatientID, dataset.InstitutionName = PATIENT, "PLANTED-4711", "PLANTED"
    colours = values.ndim > 2
    dataset.Rows, dataset.Columns = values.shape[:2]
    dataset.SamplesPerPixel = 3 if colours else 1
    dataset.PhotometricInterpretation = "RGB" if colours else "MONOCHROME2"
    if colours:
        dataset.PlanarConfiguration = 0
    bits = values.dtype.itemsize * 8
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = bits, bits, bits - 1
    dataset.PixelRepresentation = int(values.dtype.kind == "i")
    for name, value in attributes.items():
        setattr(dataset, name, value)
    dataset.PixelData = values.tobytes()
    dataset["PixelData"].VR = "OW" if bits > 8 else "OB"
    return dataset


def written(dataset: Dataset) -> bytes:
    """`dataset` as a file."""
    body = BytesIO()
    dataset.save_as(body, enforce_file_format=True)
    return body.getvalue()


def dicom(values: NDArray[Any], **attributes: Any) -> bytes:  # noqa: ANN401 - as pydicom's own
    """`dicom_dataset` as a file."""
    return written(dicom_dataset(values, **attributes))


def grey_16() -> NDArray[np.uint16]:
    """Every 16-bit value that is a multiple of 64, as 32 rows by 32 columns."""
    return np.arange(0, 65536, 64, dtype=np.uint16).reshape(32, 32)


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


@cache
def png_bomb(width: int = 20_000, height: int = 20_000) -> bytes:
    """A grey PNG that is whole and true in every chunk, and inflates to width x height bytes."""
    packer = zlib.compressobj(9)
    row = bytes(1 + width)
    body = b"".join(packer.compress(row * 100) for _ in range(height // 100)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")


def png_text_bomb() -> bytes:
    """A small picture with a text chunk that inflates to 80 MiB."""
    plain = saved(corners(), "PNG")
    text = b"Comment\x00\x00" + zlib.compress(bytes(80 * 1024 * 1024), 9)
    return plain[:33] + _chunk(b"zTXt", text) + plain[33:]


def tiff_of_one_tile(side: int) -> bytes:
    """A deflated grey TIFF of 8 x 8 pixels, said to be cut out of one tile of side x side."""
    body = zlib.compress(bytes(64))
    longs = {256: 8, 257: 8, 258: 8, 259: 8, 262: 1, 277: 1, 322: side, 323: side, 324: 0, 325: len(body)}
    longs[324] = 8 + 2 + 12 * len(longs) + 4
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in longs.items())
    return b"II*\x00" + struct.pack("<IH", 8, len(longs)) + entries + bytes(4) + body


def webp_bomb() -> bytes:
    """A lossless WebP whose canvas says 16,383 x 16,383 pixels in less than a hundred bytes."""
    canvas = bytes(4) + (16_382).to_bytes(3, "little") * 2
    tiny = saved(Image.new("RGB", (1, 1)), "WEBP", lossless=True)[12:]
    body = b"WEBPVP8X" + struct.pack("<I", len(canvas)) + canvas + tiny
    return b"RIFF" + struct.pack("<I", len(body)) + body


def zipped() -> bytes:
    """What is often renamed to .jpg."""
    body = BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        archive.writestr("PLANTED.txt", "PLANTED")
    return body.getvalue()


WHOLE: Final[dict[str, Callable[[], bytes]]] = {
    "pdf": pdf,
    "tiff": tiff,
    "png": png,
    "jpeg": jpeg,
    "webp": webp,
    "heic": heic,
    "dicom": lambda: dicom(grey_16()),
}
"""One good file of each kind, by the kind's word."""
