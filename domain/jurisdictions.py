"""Which AWS regions lie in which jurisdiction. Pure.

A jurisdiction is a country (ISO 3166-1 alpha-2) or the European Union. A region belongs to exactly one: Great Britain
and Switzerland are their own, and only regions on the soil of a member state count as EU.

Source: AWS documentation, "AWS Regions" (geography of each region), read November 2026.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

REGIONS_OF: Final = MappingProxyType(
    {
        "AE": ("me-central-1",),
        "AU": ("ap-southeast-2", "ap-southeast-4"),
        "BH": ("me-south-1",),
        "BR": ("sa-east-1",),
        "CA": ("ca-central-1", "ca-west-1"),
        "CH": ("eu-central-2",),
        "EU": ("eu-central-1", "eu-north-1", "eu-south-1", "eu-south-2", "eu-west-1", "eu-west-3"),
        "GB": ("eu-west-2",),
        "HK": ("ap-east-1",),
        "ID": ("ap-southeast-3",),
        "IL": ("il-central-1",),
        "IN": ("ap-south-1", "ap-south-2"),
        "JP": ("ap-northeast-1", "ap-northeast-3"),
        "KR": ("ap-northeast-2",),
        "MX": ("mx-central-1",),
        "SG": ("ap-southeast-1",),
        "US": ("us-east-1", "us-east-2", "us-west-2"),
        "ZA": ("af-south-1",),
    },
)


def jurisdiction_of(region: str) -> str:
    """The jurisdiction that `region` lies in.

    Raises:
        KeyError: no jurisdiction lists the region.
    """
    for code, regions in REGIONS_OF.items():
        if region in regions:
            return code
    raise KeyError(region)
