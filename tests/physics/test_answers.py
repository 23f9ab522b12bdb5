"""What Route 53 answers, and what clients keep of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.sandbox.physics.names.answers import Health, NoAnswerError, Record, Records, answer, distance
from ops.sandbox.physics.names.resolver import Resolver
from tests.support import HOME, RECOVERY

CELL, SHARED = "us.app.example.com", "app.example.com"
SIDES = {"home": "home.elb", "recovery": "recovery.elb"}


def records(*, spill_over: bool = False) -> Records:
    return {
        CELL: [
            Record(target=SIDES["home"], failover="PRIMARY", check="primary", evaluates=True),
            Record(target=SIDES["recovery"], failover="SECONDARY", evaluates=True),
        ],
        "eu.app.example.com": [Record(target="eu.elb", failover="PRIMARY", check="eu", evaluates=True)],
        SHARED: [
            Record(target=CELL, region=HOME, evaluates=spill_over),
            Record(target="eu.app.example.com", region="eu-central-1", evaluates=spill_over),
        ],
    }


def health(**well: bool) -> Health:
    """All are well but those that `well` says are not; a target is named by what stands before its first dot."""
    return Health(check=lambda id_: well.get(id_, True), target=lambda name: well.get(name.partition(".")[0], True))


@given(st.booleans(), st.booleans(), st.booleans())
def test_recovery_is_answered_only_if_home_is_ill_and_recovery_is_not(
    primary: bool,  # noqa: FBT001 - generated
    home: bool,  # noqa: FBT001 - generated
    recovery: bool,  # noqa: FBT001 - generated
) -> None:
    given_health = health(primary=primary, home=home, recovery=recovery)
    expected = "recovery" if recovery and not (primary and home) else "home"
    assert SIDES[expected] == answer(records(), CELL, given_health)


@given(st.booleans(), st.booleans())
def test_an_empty_target_group_is_never_failed_over_to(
    primary: bool,  # noqa: FBT001 - generated
    home: bool,  # noqa: FBT001 - generated
) -> None:
    assert SIDES["home"] == answer(records(), CELL, health(primary=primary, home=home, recovery=False))


def test_with_both_sides_ill_the_primary_is_answered() -> None:
    assert SIDES["home"] == answer(records(), CELL, health(primary=False, recovery=False))
    assert SIDES["recovery"] == answer(records(), CELL, health(primary=False)), "or else the other one"


@pytest.mark.parametrize(
    ("client", "expected"), [(HOME, "home.elb"), (RECOVERY, "home.elb"), ("eu-west-1", "eu.elb"), ("", "eu.elb")]
)
def test_the_shared_name_is_answered_by_the_nearest_cell(client: str, expected: str) -> None:
    assert expected == answer(records(), SHARED, health(), client)


def test_an_ill_cell_keeps_its_users_unless_it_is_said_to_spill_over() -> None:
    ill = health(primary=False, recovery=False)
    assert "home.elb" == answer(records(), SHARED, ill, HOME)
    assert "eu.elb" == answer(records(spill_over=True), SHARED, ill, HOME)
    assert "home.elb" == answer(records(spill_over=True), SHARED, health(primary=False, recovery=False, eu=False), HOME)


def test_case_and_the_last_dot_do_not_matter() -> None:
    assert "home.elb" == answer(records(), "US.App.example.com.", health())


def test_a_name_without_records_and_one_that_leads_in_a_circle_have_no_answer() -> None:
    with pytest.raises(NoAnswerError, match=r"no record for 'other\.example\.com'"):
        answer(records(), "other.example.com", health())
    circle = {"a.example.com": [Record(target="b.example.com")], "b.example.com": [Record(target="a.example.com")]}
    with pytest.raises(NoAnswerError, match="circle"):
        answer(circle, "a.example.com", health())


def test_distance_is_by_region_then_by_continent() -> None:
    found = sorted([RECOVERY, "eu-west-1", HOME], key=lambda region: distance(HOME, region))
    assert [HOME, RECOVERY, "eu-west-1"] == found


@given(
    st.lists(st.tuples(st.integers(0, 90), st.sampled_from(["a", "b"]), st.sampled_from(["x", "y"])), max_size=60),
    st.integers(1, 120),
)
def test_an_answer_never_outlives_its_ttl_and_is_kept_until_then(asked: list[tuple[int, str, str]], ttl: int) -> None:
    resolver, now = Resolver(), 0
    given_at: dict[tuple[str, str], int] = {}
    for passed, client, name in asked:
        now += passed
        known = resolver.known(client, name, now=now)
        at = given_at.get((client, name))
        expected = None if at is None or now - at >= ttl else f"{client} {name} {at}"
        assert expected == known
        if known is None:
            resolver.keep(client, name, f"{client} {name} {now}", now=now, ttl=ttl)
            given_at[client, name] = now


def test_a_client_that_disregards_the_ttl_keeps_what_it_had_before_it_began_to() -> None:
    resolver = Resolver()
    resolver.keep("clinic", CELL, "home.elb", now=0, ttl=60)
    assert ["home.elb", "home.elb", None] == [
        resolver.known("clinic", CELL, now=now, at_least=3600) for now in (60, 3599, 3600)
    ]
    assert resolver.known("clinic", CELL, now=60) is None
    assert resolver.known("other", CELL, now=1) is None
