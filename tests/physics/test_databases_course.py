"""What an instance passes through, and when a window is open."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ops.sandbox.physics.databases.course import ANSWERING, MODIFYING, PASSING, REBOOTING, course, within


def test_a_course_shows_each_status_for_its_time_and_then_none() -> None:
    made = course(100, (MODIFYING, 30), (REBOOTING, 10))

    assert [MODIFYING, MODIFYING, REBOOTING, REBOOTING, None] == [made.status(now) for now in (100, 129, 130, 139, 140)]


def test_a_stage_that_lasts_no_time_is_never_seen() -> None:
    assert REBOOTING == course(0, (MODIFYING, 0), (REBOOTING, 10)).status(0)


def test_an_instance_answers_in_some_statuses_that_pass_and_in_others_not() -> None:
    assert MODIFYING in ANSWERING & PASSING
    assert REBOOTING in PASSING - ANSWERING


@pytest.mark.parametrize(
    ("window", "at", "is_open"),
    [
        ("07:00-08:00", "07:00", True),
        ("07:00-08:00", "07:59", True),
        ("07:00-08:00", "08:00", False),
        ("07:00-08:00", "06:59", False),
        ("23:30-00:30", "23:45", True),
        ("23:30-00:30", "00:15", True),
        ("23:30-00:30", "00:30", False),
        ("23:30-00:30", "12:00", False),
    ],
)
def test_a_window_is_open_from_its_beginning_to_before_its_end(window: str, at: str, *, is_open: bool) -> None:
    hour, minute = map(int, at.split(":"))

    assert is_open == within(window, datetime(2026, 1, 5, hour, minute, 30, tzinfo=UTC))
