"""How a VPC's range is cut."""

from __future__ import annotations

from ipaddress import IPv4Network
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.network.layout import SLOTS, Tier, subnet, subnets

ZONES = ("use2-az1", "use2-az2", "use2-az3")
_PREFIX = st.integers(min_value=8, max_value=22)


def range_around(address: int, prefix: int) -> str:
    return str(IPv4Network((address >> (32 - prefix) << (32 - prefix), prefix)))


_RANGES = st.builds(range_around, st.integers(min_value=0x0A000000, max_value=0x0AFFFFFF), _PREFIX)


def test_a_slash_16_gives_subnets_of_a_slash_22_at_fixed_places() -> None:
    found = {plan.key: plan.cidr for plan in subnets("10.10.0.0/16", ZONES)}
    assert {
        "public-use2-az1": "10.10.0.0/22",
        "public-use2-az2": "10.10.4.0/22",
        "public-use2-az3": "10.10.8.0/22",
        "private-use2-az1": "10.10.32.0/22",
        "private-use2-az2": "10.10.36.0/22",
        "private-use2-az3": "10.10.40.0/22",
        "data-use2-az1": "10.10.64.0/22",
        "data-use2-az2": "10.10.68.0/22",
        "data-use2-az3": "10.10.72.0/22",
    } == found


@given(cidr=_RANGES, zones=st.integers(min_value=1, max_value=SLOTS))
def test_subnets_lie_in_the_range_and_never_overlap(cidr: str, zones: int) -> None:
    found = [IPv4Network(plan.cidr) for plan in subnets(cidr, tuple(f"z{place}" for place in range(zones)))]
    assert len(Tier) * zones == len(found)
    assert all(item.subnet_of(IPv4Network(cidr)) for item in found)
    assert not any(one.overlaps(other) for one, other in combinations(found, 2))


@given(cidr=_RANGES)
def test_a_zone_more_moves_no_subnet(cidr: str) -> None:
    before = {plan.key: plan.cidr for plan in subnets(cidr, ZONES)}
    after = {plan.key: plan.cidr for plan in subnets(cidr, (*ZONES, "use2-az4"))}
    assert before.items() <= after.items()
    assert len(before) + len(Tier) == len(after)


@given(cidr=_RANGES)
def test_a_tier_more_would_find_its_place_free(cidr: str) -> None:
    taken = [IPv4Network(plan.cidr) for plan in subnets(cidr, ZONES)]
    free = [subnet(cidr, len(Tier), zone) for zone in range(SLOTS)]
    assert not any(one.overlaps(other) for one in taken for other in free)


def test_tiers_are_never_renumbered() -> None:
    assert {"PUBLIC": 0, "PRIVATE": 1, "DATA": 2}.items() <= {tier.name: tier.value for tier in Tier}.items()


@pytest.mark.parametrize(("tier", "zone"), [(-1, 0), (SLOTS, 0), (0, -1), (0, SLOTS)])
def test_a_place_outside_the_grid_is_refused(tier: int, zone: int) -> None:
    with pytest.raises(ValueError, match="places go from 0 to 7"):
        subnet("10.10.0.0/16", tier, zone)


def test_a_range_that_is_too_small_is_refused_with_the_smallest_that_is_not() -> None:
    with pytest.raises(ValueError, match="/22 or larger"):
        subnets("10.10.0.0/23", ZONES)
    assert "10.10.0.0/28" == subnets("10.10.0.0/22", ZONES)[0].cidr


def test_more_zones_than_places_are_refused() -> None:
    with pytest.raises(ValueError, match="room for 8"):
        subnets("10.10.0.0/16", tuple(f"z{place}" for place in range(SLOTS + 1)))
