"""The table of regions, and which jurisdiction each lies in."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from moto.ec2.models.availability_zones_and_regions import RegionsAndZonesBackend

from domain import jurisdictions
from domain.regions import REGIONS, UnknownRegionError, region


@pytest.mark.parametrize("name", REGIONS)
def test_every_region_has_three_zones_of_its_own(name: str) -> None:
    found = region(name)
    assert name == found.name
    assert 3 == len(set(found.zone_ids))
    assert all(re.fullmatch(rf"{found.abbreviation}-az\d", zone) for zone in found.zone_ids)


def test_no_two_regions_share_an_abbreviation() -> None:
    assert [] == [word for word, count in Counter(item.abbreviation for item in REGIONS.values()).items() if count > 1]


@pytest.mark.parametrize(
    ("name", "zones"),
    [
        ("us-east-2", ("use2-az1", "use2-az2", "use2-az3")),
        # az3 is there, but old: it has none of the current generations of instances.
        ("us-east-1", ("use1-az1", "use1-az2", "use1-az4")),
        # az3 is closed to new accounts.
        ("ca-central-1", ("cac1-az1", "cac1-az2", "cac1-az4")),
        ("ap-northeast-1", ("apne1-az1", "apne1-az2", "apne1-az4")),
        ("ap-southeast-4", ("apse4-az1", "apse4-az2", "apse4-az3")),
    ],
)
def test_the_zones_are_those_that_aws_publishes(name: str, zones: tuple[str, ...]) -> None:
    assert zones == region(name).zone_ids


@pytest.mark.parametrize("name", REGIONS)
def test_every_zone_of_the_table_is_there(name: str) -> None:
    there = {zone.zone_id for zone in RegionsAndZonesBackend.zones[name]}
    assert set() == set(region(name).zone_ids) - there


@pytest.mark.parametrize(("name", "near"), [("us-east-3", "us-east-2"), ("eu-centrl-1", "eu-central-1")])
def test_an_unknown_region_is_refused_with_the_nearest(name: str, near: str) -> None:
    with pytest.raises(UnknownRegionError, match=near):
        region(name)


def test_a_name_that_is_near_to_nothing_is_refused_with_all_there_are() -> None:
    with pytest.raises(UnknownRegionError, match=r"af-south-1.*us-west-2"):
        region("???")


def test_every_region_lies_in_exactly_one_jurisdiction() -> None:
    listed = Counter(name for names in jurisdictions.REGIONS_OF.values() for name in names)
    assert dict.fromkeys(REGIONS, 1) == dict(listed)


@pytest.mark.parametrize(("name", "code"), [("eu-west-2", "GB"), ("eu-central-2", "CH"), ("eu-west-1", "EU")])
def test_great_britain_and_switzerland_are_not_the_european_union(name: str, code: str) -> None:
    assert code == jurisdictions.jurisdiction_of(name)


def test_a_region_of_no_jurisdiction_is_refused() -> None:
    with pytest.raises(KeyError):
        jurisdictions.jurisdiction_of("us-gov-west-1")
