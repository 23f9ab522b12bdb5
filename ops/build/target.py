"""What the package runs on: Lambda's Python and machine, and which wheels suit it. Pure."""

from __future__ import annotations

from typing import Final

from packaging import tags

PYTHON: Final = (3, 13)
ARCHITECTURE: Final = "arm64"  # as Lambda spells it; wheels say aarch64
ABI: Final = "cp313"

# Lambda's Python 3.13 runs on Amazon Linux 2023, whose glibc is 2.34. 2.28 is what the pinned wheels are built for;
# 2.17 is also called manylinux2014, and nothing older was ever built for aarch64.
PLATFORMS: Final = (*(f"manylinux_2_{minor}_aarch64" for minor in range(28, 16, -1)), "manylinux2014_aarch64")

# The place of each tag in this order says how well a wheel suits; pip prefers in the same order.
RANKS: Final = {
    tag: rank
    for rank, tag in reversed(
        list(
            enumerate(
                [
                    *tags.cpython_tags(PYTHON, abis=[ABI], platforms=PLATFORMS),
                    *tags.compatible_tags(PYTHON, interpreter=ABI, platforms=PLATFORMS),
                ]
            )
        )
    )
}


def rank(of: frozenset[tags.Tag]) -> int | None:
    """How well a wheel with these tags suits, 0 best; None if it does not run on the target."""
    return min((RANKS[tag] for tag in of if tag in RANKS), default=None)
