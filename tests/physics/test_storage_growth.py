"""When RDS grows storage, and by how much: for any course of filling."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.sandbox.physics.databases.storage import AT_MOST, FULL, GROWS, LOW, PAUSE_SECONDS, Storage


def course(storage: Storage, *, allocated: int, maximum: int, minutes: int, added: float) -> list[tuple[int, int]]:
    """The minutes in which it is grown, and to what; growing takes no time."""
    grown = []
    for minute in range(minutes):
        growth = storage.minute(minute * 60.0, allocated=allocated, maximum=maximum, added=added, may=True)
        if growth.to:
            allocated = growth.to
            grown.append((minute, allocated))
    return grown


@pytest.mark.parametrize(("allocated", "to"), [(50, 60), (200, 220), (400, 440)])
def test_it_grows_by_ten_gib_or_ten_percent_once_low_for_five_minutes(allocated: int, to: int) -> None:
    storage = Storage(allocated)
    storage.fill(allocated * 0.9)
    assert [(5, to)] == course(storage, allocated=allocated, maximum=1000, minutes=60, added=0)


def test_it_grows_by_what_seven_hours_more_would_lack() -> None:
    storage = Storage(100)
    storage.fill(80)
    ((minute, to),) = course(storage, allocated=100, maximum=1000, minutes=60, added=0.5)
    assert (24, 303) == (minute, to), "half a GiB a minute: 92.5 are used, and 210 will be added"


@given(added=st.floats(0, 5), minutes=st.integers(1, 900))
def test_it_never_grows_twice_in_six_hours_nor_to_its_maximum(added: float, minutes: int) -> None:
    storage = Storage(50)
    storage.fill(45)
    grown = course(storage, allocated=50, maximum=300, minutes=minutes, added=added)
    moments = [minute * 60 for minute, _ in grown]
    assert all(later - sooner >= PAUSE_SECONDS for sooner, later in pairwise(moments))
    assert all(to < 300 for _, to in grown)


def test_each_event_is_told_once_until_there_is_room_again() -> None:
    storage = Storage(50)
    storage.fill(48)
    told = [
        event
        for minute in range(60)
        for event in storage.minute(minute * 60.0, allocated=50, maximum=60, added=0.1, may=True).told
    ]
    assert [LOW, AT_MOST, FULL] == told
    storage.minute(3600, allocated=100, maximum=200, added=0, may=True)
    storage.fill(91)
    again = storage.minute(3660, allocated=100, maximum=200, added=0, may=True)
    assert (LOW,) == again.told
    assert GROWS not in told
