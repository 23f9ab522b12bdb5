"""The times that an audit takes: what people write, and what is refused with its rule and the way out."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.audit.times import LONGEST, TimeError, moment, period

NOW = datetime(2026, 11, 22, 4, 30, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30m", datetime(2026, 11, 22, 4, 0, 12, tzinfo=UTC)),
        ("2h", datetime(2026, 11, 22, 2, 30, 12, tzinfo=UTC)),
        ("3d", datetime(2026, 11, 19, 4, 30, 12, tzinfo=UTC)),
        ("1w", datetime(2026, 11, 15, 4, 30, 12, tzinfo=UTC)),
        ("2026-11-01", datetime(2026, 11, 1, tzinfo=UTC)),
        ("2026-11-01T14:00Z", datetime(2026, 11, 1, 14, tzinfo=UTC)),
        ("2026-11-01 14:00:05+02:00", datetime(2026, 11, 1, 12, 0, 5, tzinfo=UTC)),
    ],
)
def test_durations_days_and_moments_are_taken(text: str, expected: datetime) -> None:
    assert expected == moment("--since", text, NOW)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "is no time"),
        ("yesterday", "is no time"),
        ("2", "is no time"),
        ("-2h", "is no time"),
        ("2H", "is no time"),
        ("1.5h", "is no time"),
        ("2h ", "is no time"),
        ("٢h", "is no time"),
        ("0h", "above zero"),
        ("999999w", "longer than evidence is kept"),
        ("2026-13-01", "is no time"),
        ("2026-02-29", "is no time"),
        ("20261101", "is no time"),
        ("2026-W45-1", "is no time"),
        ("2026-11-01T14:00", "does not say its zone"),
        ("2026-11-01T25:00Z", "is no time"),
        ("2026-11-01T14:00+99:00", "is no time"),
        ("2026-11-23", "still to come"),
        ("2026-11-22T04:30:13Z", "still to come"),
        ("1999-01-01", "longer than evidence is kept"),
        ("0001-01-01T00:00+14:00", "is no time"),
    ],
)
def test_what_means_no_moment_is_refused_with_value_rule_and_way_out(text: str, rule: str) -> None:
    with pytest.raises(TimeError) as caught:
        moment("--since", text, NOW)
    message = str(caught.value)
    assert message.startswith(f"--since {text}") or ascii(text) in message
    assert rule in message
    assert "give a duration" in message or "add Z" in message


def test_a_period_has_a_beginning_before_its_end() -> None:
    found = period("3d", "1d", NOW)
    assert not found.open
    assert found.holds(NOW - timedelta(days=2))
    assert found.holds(found.since)
    assert not found.holds(found.until)
    with pytest.raises(TimeError, match="exchange them"):
        period("1d", "3d", NOW)
    with pytest.raises(TimeError, match="nothing lies between"):
        period("1d", "1d", NOW)


def test_without_an_end_a_period_is_open_and_holds_this_very_second() -> None:
    found = period("2h", None, NOW)
    assert found.open
    assert found.holds(NOW)


def test_the_days_of_a_period_are_those_of_utc_and_some_after_it() -> None:
    found = period("2026-11-19T23:59Z", "2026-11-20T00:01Z", NOW)
    assert [date(2026, 11, 19), date(2026, 11, 20)] == list(found.days(timedelta()))
    assert [date(2026, 11, 19), date(2026, 11, 20), date(2026, 11, 21)] == list(found.days(timedelta(days=1)))


def taken_or_refused(text: str) -> None:
    try:
        found = moment("--since", text, NOW)
    except TimeError:
        return
    assert found.tzinfo is UTC
    assert NOW - LONGEST <= found <= NOW


@given(st.text(max_size=30))
def test_no_text_does_worse_than_being_refused(text: str) -> None:
    taken_or_refused(text)


@given(
    st.one_of(
        st.from_regex(r"[0-9]{1,7}[mhdw]", fullmatch=True),
        st.from_regex(
            r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2})?)?", fullmatch=True
        ),
    )
)
def test_what_looks_like_a_time_is_one_within_bounds_or_refused(text: str) -> None:
    taken_or_refused(text)


@given(st.integers(0, 300_000_000), st.integers(-14, 14))
def test_a_moment_is_the_same_in_every_zone(ago: int, hours: int) -> None:
    at = NOW - timedelta(seconds=ago)
    zone = at + timedelta(hours=hours)
    text = f"{zone:%Y-%m-%dT%H:%M:%S}{'-' if hours < 0 else '+'}{abs(hours):02}:00"
    assert at == moment("--since", text, NOW)
