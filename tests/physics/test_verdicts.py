"""How verdicts on health come about, and how they get about."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from domain import switch
from ops.sandbox.physics.names.verdicts import Delayed, Streak, Watch

SWITCH = Watch(
    statistic="Maximum",
    comparison="GreaterThanOrEqualToThreshold",
    threshold=switch.ON,
    period_seconds=switch.HOLD_SECONDS,
    periods=1,
)


@given(st.lists(st.booleans(), max_size=60), st.integers(1, 5), st.booleans())
def test_a_verdict_turns_when_as_many_results_in_a_row_as_the_threshold_say_so(
    results: list[bool],
    threshold: int,
    begins: bool,  # noqa: FBT001 - generated
) -> None:
    streak, expected = Streak(healthy=begins, threshold=threshold), begins
    for count, passed in enumerate(results, 1):
        recent = results[max(0, count - threshold) : count]
        if len(recent) == threshold and len(set(recent)) == 1:
            expected = passed
        assert expected == streak.take(passed=passed)


def test_two_failures_out_of_three_turn_nothing() -> None:
    streak = Streak(healthy=True, threshold=3)
    assert [True, True, True, True] == [streak.take(passed=passed) for passed in (False, False, True, False)]
    assert [True, False] == [streak.take(passed=False) for _ in range(2)]


@given(st.lists(st.tuples(st.integers(1, 30), st.integers(0, 20), st.booleans()), max_size=40))
def test_every_turn_arrives_in_order_and_no_later_than_its_delay_or_the_one_before_it(
    turns: list[tuple[int, int, bool]],
) -> None:
    delayed, now, latest, due = Delayed(healthy=True), 0, True, 0
    for passed, delay, healthy in turns:
        now += passed
        known = delayed.known(now)
        assert known == latest or now < due, "all that is due has arrived"
        turned = delayed.turn(healthy=healthy, now=now, delay=lambda delay=delay: delay)
        assert turned == (healthy != latest)
        if turned:
            latest, due = healthy, max(due, now + delay)
    assert latest == delayed.known(due)


def test_a_turn_is_not_known_before_its_delay_is_over() -> None:
    delayed = Delayed(healthy=True)
    delayed.turn(healthy=False, now=100, delay=lambda: 10)
    assert [True, True, False] == [delayed.known(now) for now in (100, 109, 110)]


@given(st.lists(st.tuples(st.integers(0, 1000), st.sampled_from([switch.ON, switch.OFF])), max_size=20))
def test_the_switch_is_on_while_a_one_is_within_its_hold_and_no_data_say_nothing(points: list[tuple[int, int]]) -> None:
    now = 1000
    within = [value for at, value in points if now - switch.HOLD_SECONDS < at]
    expected = (switch.ON in within) if within else None
    assert expected is SWITCH.breached([(float(at), float(value)) for at, value in points], now)


def test_all_of_several_periods_must_breach_and_must_have_data() -> None:
    watch = Watch(statistic="Average", comparison="LessThanThreshold", threshold=5.0, period_seconds=60, periods=3)
    low = [(30.0, 1.0), (90.0, 1.0), (150.0, 1.0)]
    assert watch.breached(low, 180) is True
    assert watch.breached([*low, (91.0, 100.0)], 180) is False
    assert watch.breached(low[1:], 180) is None
    assert 180 == watch.seconds
