"""Images per second on one core beside bare Pillow, and the memory of one of 100 megapixels: figures (d) and (e).

Whole processes in turn, over the same files, one of each kind that Pillow opens; made here, as a camera writes them.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
from PIL import ExifTags, Image, ImageCms
from pillow_heif import register_heif_opener

from bench.figure import Figure
from bench.process import median, run

PAIRS: Final = 5
SIZE: Final = (2400, 1600)
LARGE: Final = (10_000, 10_000)
GOAL_RATIO: Final = 1.2
GOAL_MIB: Final = 3008 - 250
"""What the function's default memory leaves beside Lambda's runtime, boto3 and Powertools."""
_ENDINGS: Final = ("jpg", "png", "webp", "tif", "heic")


def picture(size: tuple[int, int]) -> Image.Image:
    """A soft scene with grain: neither flat, which would code too fast, nor noise, which no camera gives."""
    width, height = (side // 4 for side in size)
    across = np.linspace(0, 200, width)[None, :, None]
    down = np.linspace(0, 40, height)[:, None, None]
    grain = np.random.default_rng(1).integers(0, 16, (height, width, 3))
    return Image.fromarray((across + down + grain).astype(np.uint8)).resize(size, Image.Resampling.BICUBIC)


def write(image: Image.Image, file: Path) -> str:
    """`image` as a file lying on its side, with a colour profile. Returns the file's name."""
    tags = Image.Exif()
    tags[ExifTags.Base.Orientation] = 6
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    image.save(file, exif=tags, icc_profile=profile)
    return str(file)


def speed() -> Figure:
    """Time of our conversion over time of bare Pillow."""
    register_heif_opener()
    with tempfile.TemporaryDirectory() as folder, picture(SIZE) as image:
        files = [write(image, Path(folder) / f"picture.{ending}") for ending in _ENDINGS]
        pairs = _in_turn(lambda module: run(["-m", module, *files]).wall_seconds)
    ours, bare = (median(list(seconds)) for seconds in zip(*pairs, strict=True))
    return Figure(
        name="(d) images converted on one core, time against bare Pillow",
        measured=median([a / b for a, b in pairs]),
        goal=GOAL_RATIO,
        unit="times",
        detail=f"{len(files) / ours:.2f} against {len(files) / bare:.2f} images/s of {SIZE[0] * SIZE[1] / 1e6:.1f} MP, "
        f"{PAIRS} pairs",
    )


def _in_turn(measure: Callable[[str], float]) -> list[tuple[float, float]]:
    """Ours and bare Pillow's, after a first run of each that counts for nothing."""
    modules = ("bench.converted", "bench.bare")
    for module in modules:
        measure(module)
    return [(measure(modules[0]), measure(modules[1])) for _ in range(PAIRS)]


def memory() -> Figure:
    """Peak memory of a whole process that converts a photograph of 100 megapixels."""
    with tempfile.TemporaryDirectory() as folder:
        with picture(LARGE) as image:
            file = write(image, Path(folder) / "picture.jpg")
        used = run(["-m", "bench.converted", file])
    return Figure(
        name="(e) peak memory for an image of 100 megapixels",
        measured=used.peak_mib,
        goal=GOAL_MIB,
        unit="MiB",
        detail=f"JPEG on its side with a colour profile, all outputs, {used.wall_seconds:.0f} s",
    )


def figures() -> list[Figure]:
    """Figures (d) and (e)."""
    return [speed(), memory()]
