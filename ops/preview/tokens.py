"""What tells one cell from another by design, replaced by words that two cells share. Pure.

`arn:aws:s3:::medical-us-use2-uploads` and `arn:aws:s3:::medical-eu-euc1-uploads` both become
`arn:aws:s3:::medical-<cell>-<home>-uploads`, so that what still differs is a difference.

Two things are beyond it and show as differences: a name that was cut and ends in a digest, as with a long cell's
name it may, and a cell that is called as one of its parts is, such as `web`.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv4Network
from typing import Final

from components.backup import rules as backups
from domain import regions, windows
from ops.preview.model import SIDES, Preview

_ADDRESS: Final = r"(?<![\d.])(?P<address>\d{1,3}(?:\.\d{1,3}){3})(?P<prefix>/\d{1,2})?(?![\d.])"
# A region's name, also where a zone's letter follows it.
_REGION: Final = rf"(?<![A-Za-z0-9])(?:{'|'.join(regions.REGIONS)})(?=[a-f]?(?![A-Za-z0-9]))"


class Tokens:
    """The words of one cell."""

    def __init__(self, preview: Preview) -> None:
        """Learn the cell's names, regions, zones, ranges, account and domain."""
        self._cell = preview.cell
        self._networks: list[tuple[str, IPv4Network]] = []
        words = {preview.account_id: "<account>", preview.domain: "<domain>", preview.jurisdiction: "<jurisdiction>"}
        if preview.zone.startswith("Z"):
            words[preview.zone] = "<zone>"
        for side in SIDES:
            place = preview.home if side == "home" else preview.recovery
            words |= _region_words(side, place.region)
            if place.cidr:
                self._networks.append((side, IPv4Network(place.cidr)))
        words.pop("", None)
        # Other regions' names stay as they are: in cell `us` nothing of `us-east-1` is the cell's name.
        self._words = {**{item.name: item.name for item in regions.REGIONS.values()}, **words, self._cell: "<cell>"}
        # In a logical name the cell stands alone or heads a host's name: `home-web` is no cell's, though one be `web`.
        cell = re.escape(self._cell)
        self._name = _pattern(list(self._words.keys() - {self._cell}), rf"\A{cell}\Z", rf"(?<![A-Za-z0-9]){cell}(?=\.)")
        self._text = _pattern(list(self._words))

    def name(self, logical: str) -> str:
        """A logical name."""
        return self._name.sub(self._replaced, logical)

    def text(self, value: str) -> str:
        """Any text of a property."""
        return self._text.sub(self._replaced, value)

    def _replaced(self, found: re.Match[str]) -> str:
        if not found["address"]:
            return self._words[found[0]]
        try:
            address = IPv4Address(found["address"])
        except ValueError:
            return found[0]
        for side, network in self._networks:
            if address in network:
                return f"<{side} range>+{int(address) - int(network.network_address)}{found['prefix'] or ''}"
        return found[0]


def _region_words(side: str, name: str) -> dict[str, str]:
    """The region's name, its abbreviation and its zones; a zone is known by its place, not by its number."""
    known = regions.REGIONS.get(name)
    if known is None:
        return {name: f"<{side} region>"}
    zones = {zone: f"<{side} zone {place}>" for place, zone in enumerate(known.zone_ids, start=1)}
    # The hours in which a region sleeps follow from where it lies.
    asleep = {
        windows.backup(name): "<backup window>",
        windows.maintenance(name): "<maintenance window>",
        backups.daily(name): "<every night>",
        backups.monthly(name): "<every month>",
        backups.weekly_test(name): "<every week>",
    }
    return {name: f"<{side} region>", known.abbreviation: f"<{side}>", **zones, **asleep}


def _pattern(words: list[str], *others: str) -> re.Pattern[str]:
    longest_first = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    whole_words = rf"(?<![A-Za-z0-9])(?:{longest_first})(?![A-Za-z0-9])"
    return re.compile("|".join((_ADDRESS, _REGION, *others, whole_words)))
