"""The arithmetic of a replica's position: what never happens, whatever the source, the network and chance do."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ops.sandbox.physics.databases.positions import BROKEN, Pace, Position, Row, come

TICK = 1.0
PACES = st.builds(
    Pace,
    transit=st.floats(min_value=0, max_value=30),
    delay=st.floats(min_value=0, max_value=1200),
    catch_up=st.floats(min_value=1, max_value=10),
)
STILL = Pace(transit=0.5, delay=2, catch_up=3)


@dataclass(frozen=True)
class Second:
    """What a second brings: whether the source can be written and reached, and how fast the replica is."""

    writable: bool
    connected: bool
    pace: Pace


SECONDS = st.lists(st.builds(Second, writable=st.booleans(), connected=st.booleans(), pace=PACES), max_size=200)


def _passed(seconds: list[Second]) -> list[tuple[float, Position]]:
    """The source's own position and the replica's, after each second."""
    written, position = 0.0, Position(received=0, applied=0)
    passed = [(written, position)]
    for number, second in enumerate(seconds, start=1):
        now = number * TICK
        written = now if second.writable else written
        position = position.moved(now=now, written=written, connected=second.connected, pace=second.pace, seconds=TICK)
        passed.append((written, position))
    return passed


@given(SECONDS)
def test_a_position_never_runs_back(seconds: list[Second]) -> None:
    passed = [position for _, position in _passed(seconds)]

    for before, after in pairwise(passed):
        assert before.received <= after.received
        assert before.applied <= after.applied


@given(SECONDS)
def test_nothing_is_applied_before_it_is_received_nor_received_before_it_is_written(seconds: list[Second]) -> None:
    for written, position in _passed(seconds):
        assert position.applied <= position.received <= written


@given(SECONDS)
def test_what_was_received_is_applied_after_the_source_is_gone(seconds: list[Second]) -> None:
    written, position = _passed(seconds)[-1]
    received = position.received
    gone = Second(writable=False, connected=False, pace=STILL)

    for number in range(len(seconds) + 1, 2 * len(seconds) + 10):
        position = position.moved(
            now=number * TICK, written=written, connected=gone.connected, pace=gone.pace, seconds=TICK
        )

    assert Position(received=received, applied=received) == position
    assert position.lag(written=written, connected=False) == BROKEN, "nothing more will come, which is no zero"


@given(SECONDS)
def test_a_fenced_source_is_caught_up_with_and_then_the_lag_is_zero(seconds: list[Second]) -> None:
    written, position = _passed(seconds)[-1]

    for number in range(len(seconds) + 1, 2 * len(seconds) + 10):
        position = position.moved(now=number * TICK, written=written, connected=True, pace=STILL, seconds=TICK)

    assert Position(received=written, applied=written) == position
    assert position.lag(written=written, connected=True) == 0


@given(SECONDS)
def test_the_lag_is_broken_only_where_all_that_was_received_is_applied(seconds: list[Second]) -> None:
    for written, position in _passed(seconds):
        waiting = position.received > position.applied
        assert waiting == (position.lag(written=written, connected=False) != BROKEN)
        assert position.lag(written=written, connected=True) >= 0


def test_a_replica_catches_up_no_faster_than_its_pace() -> None:
    behind = Position(received=0, applied=0)

    moved = behind.moved(now=100, written=100, connected=True, pace=STILL, seconds=1)

    assert Position(received=99.5, applied=3) == moved


def test_a_row_has_come_when_its_second_is_applied_and_not_before() -> None:
    rows = [Row(run="r", number=number, sha256="", at=at) for number, at in ((1, 5.0), (2, 5.0), (3, 9.0))]

    assert come(rows, 0, 4.9) == 0
    assert come(rows, 0, 5.0) == 2
    assert come(rows, 2, 9.0) == 3
    assert come(rows, 3, 0.0) == 3, "what has come once does not go"
