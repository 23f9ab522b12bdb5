"""Physical names and tags."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import naming
from domain.naming import Names
from domain.regions import REGIONS

US = Names(cell="us", place="use2")
_CELL = st.from_regex(r"[a-z][a-z0-9]{1,15}", fullmatch=True)
_ROLE = st.from_regex(r"[a-z][a-z0-9-]{0,80}[a-z0-9]", fullmatch=True)
_LIMIT = st.sampled_from(
    [naming.BUCKET, naming.CACHE, naming.DATABASE, naming.LOAD_BALANCER, naming.ROLE, naming.TOPIC],
)


def test_a_name_says_system_cell_place_and_role() -> None:
    assert "medical-us-use2-web" == US.of("web")


def test_a_bucket_ends_in_its_account() -> None:
    assert "medical-us-use2-uploads-111122223333" == US.bucket("uploads", "111122223333")


def test_a_path_has_the_same_parts_with_slashes() -> None:
    assert "medical/us/use2/db/password" == US.path("db", "password")


def test_a_name_at_the_limit_is_left_alone_and_one_above_it_is_cut() -> None:
    exact = "a" * 32
    assert exact == naming.fit(exact, 32)
    cut = naming.fit(f"{exact}b", 32)
    assert 32 == len(cut)
    assert cut.startswith("a" * 25 + "-")


def test_two_names_that_are_cut_at_the_same_place_stay_apart() -> None:
    assert naming.fit("a" * 40 + "1", 32) != naming.fit("a" * 40 + "2", 32)


def test_a_cut_does_not_leave_two_dashes() -> None:
    assert "--" not in naming.fit("a" * 24 + "-" + "b" * 20, 32)


@given(cell=_CELL, place=st.sampled_from([item.abbreviation for item in REGIONS.values()]), role=_ROLE, limit=_LIMIT)
def test_every_name_keeps_to_its_limit_and_is_the_same_each_time(cell: str, place: str, role: str, limit: int) -> None:
    names = Names(cell=cell, place=place)
    name = names.of(role, limit)
    assert len(name) <= limit
    assert name == names.of(role, limit)
    assert not name.endswith("-")
    assert name.startswith(f"medical-{cell}"[: limit - 8])


@given(account=st.from_regex(r"[0-9]{12}", fullmatch=True), cell=_CELL, role=_ROLE)
def test_every_bucket_name_is_one_that_s3_takes(account: str, cell: str, role: str) -> None:
    name = Names(cell=cell, place="apne1").bucket(role, account)
    assert 3 <= len(name) <= 63
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


@pytest.mark.parametrize("role", ["home", "recovery"])
def test_tags_tell_whose_a_resource_is(role: str) -> None:
    found = naming.tags(cell="us", side=role, jurisdiction="US")
    assert ("us", role, "US") == (found["Cell"], found["Side"], found["Jurisdiction"])
    assert "pulumi" == found["ManagedBy"]
    assert "Lifetime" not in found


def test_what_may_be_thrown_away_says_so_by_a_tag() -> None:
    found = naming.tags(cell="us", side="home", jurisdiction="US", throw_away=True)
    assert "throw-away" == found["Lifetime"]
