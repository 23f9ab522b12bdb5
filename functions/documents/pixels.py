"""Any of Pillow's modes into what a browser shows: 8 bits a channel, sRGB, grey, colour or colour with alpha. Pure."""

from __future__ import annotations

import math
from io import BytesIO
from typing import Final

from PIL import Image, ImageCms

from functions.documents.refusals import Refusal, RefusedError

_SHOWN: Final = frozenset({"L", "RGB", "RGBA"})
_OPAQUE: Final = (255, 255)


def shown(image: Image.Image) -> Image.Image:
    """`image` in mode L, RGB or RGBA, in sRGB, by its colour profile if it has one that fits; without metadata.

    May change `image` itself, for the sake of memory. Raises RefusedError `unsupported` for values without a range, and
    what Pillow raises.
    """
    profile = image.info.get("icc_profile")
    image = _eight_bits(image)
    image = _unindexed(image)
    if isinstance(profile, bytes) and profile:
        image = in_srgb(image, profile)
    if image.mode not in _SHOWN:
        image = image.convert("RGBA" if image.mode in {"LA", "La", "RGBa"} else "RGB")
    if image.mode == "RGBA" and image.getchannel("A").getextrema() == _OPAQUE:
        image = image.convert("RGB")
    image.info = {}
    return image


def in_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """Colours by `profile` as colours in sRGB; unchanged if the profile is broken or made for other channels."""
    target = ImageCms.createProfile("sRGB")
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        if image.mode in {"RGB", "RGBA"}:
            ImageCms.profileToProfile(image, source, target, inPlace=True)
            return image
        return ImageCms.profileToProfile(image, source, target, outputMode="RGB") or image
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image


def _eight_bits(image: Image.Image) -> Image.Image:
    """16 bits keep their upper 8. 32 bits and floats, which declare no white, are stretched over what they hold."""
    if image.mode.startswith("I;16"):
        # convert("L") would clip at 255; and arithmetic is only done on the machine's own byte order.
        wide = image if image.mode == "I;16" else image.convert("I")
        return wide.point(lambda value: value * (1 / 256)).convert("L")
    if image.mode not in {"I", "F"}:
        return image
    # Typed for pictures of many bands too; these have one.
    low, high = (float(value) for value in image.getextrema())  # pyrefly: ignore[bad-argument-type]
    if not (math.isfinite(low) and math.isfinite(high)):
        raise RefusedError(Refusal.UNSUPPORTED, "the picture's values have no range: export it with 8 or 16 bits")
    scale = 255 / (high - low) if high > low else 0.0
    return image.point(lambda value: value * scale + -low * scale).convert("L")


def _unindexed(image: Image.Image) -> Image.Image:
    """Palettes looked up, and a transparent colour become alpha."""
    if "transparency" in image.info or image.mode == "PA":
        return image.convert("RGBA")
    if image.mode == "P":
        return image.convert("RGBA" if image.has_transparency_data else "RGB")
    return image.convert("L") if image.mode == "1" else image
