"""How a VPC's range is cut into subnets. Pure arithmetic.

A range is cut into eight equal tiers, and a tier into eight equal zones: with a /16 a tier is a /19 and a subnet a /22
(1,019 usable addresses). A subnet's place follows from the fixed places of its tier and zone alone, so adding either
moves no other, and five tiers and five zones stay free to grow into.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from ipaddress import IPv4Network
from typing import Final

_SLOT_BITS: Final = 3  # eight tiers, eight zones
SLOTS: Final = 2**_SLOT_BITS
SMALLEST_SUBNET: Final = 28  # what AWS takes at the least, as a prefix length


class Tier(IntEnum):
    """A tier's place in the range. Never renumber: add at the end."""

    PUBLIC = 0
    PRIVATE = 1
    DATA = 2


@dataclass(frozen=True, kw_only=True)
class SubnetPlan:
    """One subnet to be: its tier, its zone's id and its range."""

    tier: Tier
    zone_id: str
    cidr: str

    @property
    def key(self) -> str:
        """A stable name, such as `private-use2-az1`."""
        return f"{self.tier.name.lower()}-{self.zone_id}"


def subnets(cidr: str, zone_ids: tuple[str, ...]) -> tuple[SubnetPlan, ...]:
    """The subnets of every tier in every zone, for a VPC that has `cidr`.

    Raises:
        ValueError: more than eight zones, or a range too small to be cut.
    """
    if len(zone_ids) > SLOTS:
        raise ValueError(f"{len(zone_ids)} zones: a tier has room for {SLOTS}")
    return tuple(
        SubnetPlan(tier=tier, zone_id=zone_id, cidr=str(subnet(cidr, tier, place)))
        for tier in Tier
        for place, zone_id in enumerate(zone_ids)
    )


def subnet(cidr: str, tier: int, zone: int) -> IPv4Network:
    """The range at place `tier` and `zone`, each 0 to 7, of a VPC that has `cidr`.

    Raises:
        ValueError: a place outside 0 to 7, or a range too small to be cut.
    """
    whole = IPv4Network(cidr)
    if not (0 <= tier < SLOTS and 0 <= zone < SLOTS):
        raise ValueError(f"tier {tier}, zone {zone}: places go from 0 to {SLOTS - 1}")
    prefix = whole.prefixlen + 2 * _SLOT_BITS
    if prefix > SMALLEST_SUBNET:
        largest = SMALLEST_SUBNET - 2 * _SLOT_BITS
        raise ValueError(f"{cidr} is too small for {SLOTS} tiers of {SLOTS} zones: give a /{largest} or larger")
    size = 2 ** (32 - prefix)
    return IPv4Network((int(whole.network_address) + (tier * SLOTS + zone) * size, prefix))
