"""The reviewed table of AWS regions that a side may live in. Pure: no Pulumi, no AWS.

Zones are given by *id*, because the letter behind a region's name differs from account to account while the id
does not (Tokyo gives new accounts a, c and d). The three zones of a region are those that carry every service the
platform uses, in an order that only ever grows at its end: a zone's place decides its subnets' addresses.

Source: AWS documentation, "Regions and Availability Zones" and "AZ IDs", read November 2026.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Final

GLOBAL_REGION: Final = "us-east-1"  # where the control planes of global services are, and what they were asked is kept


class UnknownRegionError(ValueError):
    """A region that is not in the table."""


@dataclass(frozen=True, kw_only=True)
class Region:
    """A region by name, its abbreviation in physical names, and the ids of its availability zones."""

    name: str
    abbreviation: str
    zone_ids: tuple[str, ...]


# name: (abbreviation, the three zones' numbers)
_TABLE: dict[str, tuple[str, tuple[int, ...]]] = {
    "af-south-1": ("afs1", (1, 2, 3)),
    "ap-east-1": ("ape1", (1, 2, 3)),
    "ap-northeast-1": ("apne1", (1, 2, 4)),
    "ap-northeast-2": ("apne2", (1, 2, 3)),
    "ap-northeast-3": ("apne3", (1, 2, 3)),
    "ap-south-1": ("aps1", (1, 2, 3)),
    "ap-south-2": ("aps2", (1, 2, 3)),
    "ap-southeast-1": ("apse1", (1, 2, 3)),
    "ap-southeast-2": ("apse2", (1, 2, 3)),
    "ap-southeast-3": ("apse3", (1, 2, 3)),
    "ap-southeast-4": ("apse4", (1, 2, 3)),
    "ca-central-1": ("cac1", (1, 2, 4)),
    "ca-west-1": ("caw1", (1, 2, 3)),
    "eu-central-1": ("euc1", (1, 2, 3)),
    "eu-central-2": ("euc2", (1, 2, 3)),
    "eu-north-1": ("eun1", (1, 2, 3)),
    "eu-south-1": ("eus1", (1, 2, 3)),
    "eu-south-2": ("eus2", (1, 2, 3)),
    "eu-west-1": ("euw1", (1, 2, 3)),
    "eu-west-2": ("euw2", (1, 2, 3)),
    "eu-west-3": ("euw3", (1, 2, 3)),
    "il-central-1": ("ilc1", (1, 2, 3)),
    "me-central-1": ("mec1", (1, 2, 3)),
    "me-south-1": ("mes1", (1, 2, 3)),
    "mx-central-1": ("mxc1", (1, 2, 3)),
    "sa-east-1": ("sae1", (1, 2, 3)),
    "us-east-1": ("use1", (1, 2, 4)),
    "us-east-2": ("use2", (1, 2, 3)),
    "us-west-2": ("usw2", (1, 2, 3)),
}

REGIONS: dict[str, Region] = {
    name: Region(
        name=name,
        abbreviation=abbreviation,
        zone_ids=tuple(f"{abbreviation}-az{number}" for number in numbers),
    )
    for name, (abbreviation, numbers) in _TABLE.items()
}


def region(name: str) -> Region:
    """The region called `name`.

    Raises:
        UnknownRegionError: the table has no such region; the message names the nearest ones.
    """
    try:
        return REGIONS[name]
    except KeyError:
        near = difflib.get_close_matches(name, REGIONS, n=3, cutoff=0.6) or sorted(REGIONS)
        raise UnknownRegionError(
            f"{name!r} is not a region with three availability zones that the platform knows; "
            f"did you mean {', '.join(near)}?",
        ) from None
