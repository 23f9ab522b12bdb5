"""`python -m bench.bare FILES...`: the least that anyone would write with Pillow alone for the same outputs.

No look at the content, no limits, no hashes; thumbnails by Pillow's defaults; formats written as we write them.
"""

from __future__ import annotations

import os
import sys
from io import BytesIO

from PIL import Image, ImageCms, ImageOps
from pillow_heif import register_heif_opener

OPTIONS = {"WEBP": {"quality": 80, "method": 4}, "JPEG": {"quality": 85}, "PNG": {"compress_level": 6}}
SIDES = (1024, 256)


def convert(name: str) -> None:
    """One file, decoded once: upright, in sRGB, three formats and two thumbnails."""
    with Image.open(name) as file:
        profile = file.info.get("icc_profile")
        image = ImageOps.exif_transpose(file)
    if profile:
        ImageCms.profileToProfile(image, BytesIO(profile), ImageCms.createProfile("sRGB"), inPlace=True)
    image.info.clear()
    for form, options in OPTIONS.items():
        image.save(BytesIO(), form, **options)
    for side in SIDES:
        image.thumbnail((side, side))
        image.save(BytesIO(), "WEBP", **OPTIONS["WEBP"])


def main() -> None:
    """On one core."""
    os.sched_setaffinity(0, {0})
    Image.MAX_IMAGE_PIXELS = None
    register_heif_opener()
    for name in sys.argv[1:]:
        convert(name)


if __name__ == "__main__":
    main()
