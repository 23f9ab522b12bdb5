"""What uploads become, which regions can do it, and how the scanner's word is written down. Pure.

A region without Amazon Textract reads no text: the picture formats work there all the same, and documents of other
regions are not sent there, nor its documents abroad. A region without GuardDuty's scanner cannot take uploads at all.
"""

from __future__ import annotations

from typing import Final

TAG: Final = "GuardDutyMalwareScanStatus"
"""The tag by which the scanner says what it has found in an object. Its name is AWS's."""

CLEAN: Final = "NO_THREATS_FOUND"
"""The tag's value of an object that may be read."""

FORMATS: Final = ("webp", "jpeg", "png")
"""What pictures may be converted into at full size; thumbnails are made in any case."""

TEXT_FEATURES: Final = ("TABLES", "FORMS", "LAYOUT")
"""What Textract may look for beside lines of text. Each is billed by the page."""

TEXT_KINDS: Final = ("jpeg", "pdf", "png", "tiff")
"""The kinds of file that Textract reads."""

MOST_MIB: Final = 476
"""The largest file that is opened: Textract takes 500 MB. Source: its quotas, read November 2026."""

MOST_PAGES: Final = 200
"""Pages of a document that are read at most: Textract bills each."""

MOST_PIXELS: Final = 120_000_000
"""Pixels of a picture that are decoded at most."""

PIXELS_IN_A_MIB: Final = 40_000
"""Pixels that a MiB of a function's memory holds: decoded, turned and encoded they take 26 bytes each at most."""

OTHERS_CONCURRENCY: Final = 2
"""Of each of the two functions that do not convert. The least that Lambda works a queue off with."""

AS_OF: Final = "2026-11"

# Source: "Amazon Textract endpoints and quotas" in the AWS General Reference, read November 2026; to be checked. No
# region of Japan is there. botocore's list of endpoints is no proof: it has had names that lead nowhere.
TEXT_REGIONS: Final = frozenset(
    {
        "ap-northeast-2",
        "ap-south-1",
        "ap-southeast-1",
        "ap-southeast-2",
        "ca-central-1",
        "eu-central-1",
        "eu-south-2",
        "eu-west-1",
        "eu-west-2",
        "eu-west-3",
        "us-east-1",
        "us-east-2",
        "us-west-2",
    }
)

# GuardDuty Malware Protection for S3 came to every region that GuardDuty was in by June 2024. Those that AWS opened
# later are here until its "Regions and endpoints" names them. Source: Amazon GuardDuty user guide; check.
UNSCANNED_REGIONS: Final = frozenset({"mx-central-1"})


def reads_text(region: str) -> bool:
    """Whether documents can be read in `region`."""
    return region in TEXT_REGIONS


def max_pixels(memory_mib: int) -> int:
    """Pixels of a picture that a function with this memory decodes."""
    return min(MOST_PIXELS, memory_mib * PIXELS_IN_A_MIB)
