"""What the client has seen and what is found of its markers: yes, no, and no data. Nothing here changes the cell."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pytest

from domain import markers
from ops.drill.arguments import ArgumentError
from ops.drill.catalog import ACTIONS, PROBES, observe
from ops.drill.model import Condition, Observation, Value
from ops.drill.probes.users import Found, stores_agree
from tests.drill.stage import EVERY, RUN, Stage, StageSite, Tries, at, seen
from tests.small_cell import SmallCell, small_cell

Sides = Literal["home", "recovery"]


@pytest.fixture(scope="module")
def small() -> Iterator[SmallCell]:
    with small_cell() as found:
        yield found


@pytest.fixture
def stage(small: SmallCell) -> Stage:
    return Stage(small=small, site=StageSite(small=small, time=at(600)))


def ask(stage: Stage, probe: str, **arguments: Value) -> Observation:
    return observe(Condition(probe=probe, arguments=arguments), stage.context)


def has(numbers: range, *, text: str | None = None) -> dict[str, str]:
    return {str(number): markers.checksum(text or markers.content(RUN, number)) for number in numbers}


# -- users


def test_markers_flow_once_enough_are_whole_and_recent(stage: Stage) -> None:
    assert ask(stage, "markers-flow", count=2).holds is None
    stage.traffic = Tries(tries=[seen(1, 590), seen(2, 595, object=False), seen(3, 600)])
    assert (True, False) == (ask(stage, "markers-flow", count=2).holds, ask(stage, "markers-flow", count=3).holds)
    stage.site.sleep(4 * EVERY)
    assert ask(stage, "markers-flow", count=2).holds is False, "the last one is old"


def test_home_is_lost_after_so_many_failures_there(stage: Stage) -> None:
    home = stage.manifest.home.load_balancer
    assert ask(stage, "home-lost", failures=2).holds is None
    stage.traffic = Tries(tries=[seen(1, 590, address=home), seen(2, 595, "", address=home, text="no answer")])
    assert ask(stage, "home-lost", failures=2).holds is False
    stage.traffic = Tries(tries=[*stage.traffic.tries, seen(3, 600, "", address=home), seen(4, 601, "recovery")])
    assert ask(stage, "home-lost", failures=2).holds is True


@pytest.mark.parametrize("probe", ["users-read", "users-write"])
def test_users_are_where_their_last_visit_was_served(stage: Stage, probe: str) -> None:
    assert ask(stage, probe, side="recovery").holds is None
    stage.traffic = Tries(tries=[seen(1, 595), seen(2, 600, "recovery")])
    assert (True, False) == (ask(stage, probe, side="recovery").holds, ask(stage, probe, side="home").holds)
    stage.site.sleep(4 * EVERY)
    assert ask(stage, probe, side="recovery").holds is None, "an old visit says nothing of now"


def test_a_read_is_no_write(stage: Stage) -> None:
    stage.traffic = Tries(tries=[seen(1, 600, "recovery", row=False, object=False)])
    found = (ask(stage, "users-read", side="recovery").holds, ask(stage, "users-write", side="recovery").holds)
    assert (True, False) == found


def test_a_side_is_drained_when_tries_go_on_and_it_takes_none(stage: Stage) -> None:
    assert ask(stage, "drained", side="home", seconds=15).holds is None, "nobody has tried"
    stage.traffic = Tries(tries=[seen(1, 590)])
    assert ask(stage, "drained", side="home", seconds=15).holds is False, "a kept connection still writes at home"
    stage.traffic = Tries(tries=[seen(1, 580), seen(2, 595, row=False), seen(3, 600, "recovery")])
    assert ask(stage, "drained", side="home", seconds=15).holds is True


def test_a_client_with_an_old_dns_answer_is_not_drained(stage: Stage) -> None:
    stage.traffic = Tries(tries=[seen(1, 598, cached=True), seen(2, 600, "recovery")])
    assert ask(stage, "drained", side="home", seconds=15).holds is False


def test_a_decision_takes_its_time_here_and_a_person_on_aws(stage: Stage) -> None:
    assert ask(stage, "decided", seconds=300).holds is None
    stage.marks.current, stage.marks.begun["decide"] = "decide", at(400)
    assert (True, False) == tuple(ask(stage, "decided", seconds=least).holds for least in (200, 201))
    stage.place = "aws"
    assert ask(stage, "decided", seconds=0).holds is False
    stage.marks.decided = True
    assert ask(stage, "decided", seconds=9999).holds is True


def test_a_call_was_taken_or_not(stage: Stage) -> None:
    stage.marks.taken.add("lead-away")
    assert (True, False) == (ask(stage, "acted", step="lead-away").holds, ask(stage, "acted", step="grow").holds)


# -- markers


def _told(stage: Stage, side: Sides, rows: range, objects: range) -> None:
    stage.answers(side, markers.path(RUN), {"side": side, "rows": has(rows), "objects": has(objects)})


def test_markers_that_are_all_found_are_none_lost(stage: Stage) -> None:
    stage.traffic = Tries(tries=[seen(number, number * EVERY) for number in range(1, 5)])
    _told(stage, "recovery", range(1, 5), range(1, 5))
    found = ask(stage, "markers-found", side="recovery", of="all", most_seconds=0)
    assert (True, 4, 0) == (found.holds, found.values["rows"], found.values["rows_lost"])


def test_markers_that_are_lost_count_in_seconds_of_writing(stage: Stage) -> None:
    stage.traffic = Tries(tries=[seen(number, number * EVERY) for number in range(1, 5)])
    _told(stage, "recovery", range(1, 3), range(1, 5))
    found = ask(stage, "markers-found", side="recovery", of="all", most_seconds=10)
    assert (True, 2, 10) == (found.holds, found.values["rows_lost"], found.values["rows_lost_seconds"])
    assert ask(stage, "markers-found", side="recovery", of="all", most_seconds=9).holds is False


def test_a_marker_with_another_content_is_lost(stage: Stage) -> None:
    stage.traffic = Tries(tries=[seen(1, 5)])
    body = {"rows": has(range(1, 2), text="something else"), "objects": has(range(1, 2))}
    stage.answers("recovery", markers.path(RUN), body)
    assert ask(stage, "markers-found", side="recovery", of="all", most_seconds=0).holds is False


def test_an_object_may_be_late_in_a_failover_and_not_in_a_switchover(stage: Stage) -> None:
    stage.traffic = Tries(tries=[seen(1, 5), seen(2, 10)])
    _told(stage, "recovery", range(1, 3), range(1, 2))
    holds = [ask(stage, "markers-found", side="recovery", of="all", most_seconds=most).holds for most in (300, 0)]
    assert [True, False] == holds


def test_markers_before_and_after_the_loss_are_told_apart(stage: Stage) -> None:
    stage.traffic = Tries(tries=[seen(1, 5), seen(2, 10, "recovery")])
    _told(stage, "home", range(1, 2), range(1, 2))
    assert ask(stage, "markers-found", side="home", of="before", most_seconds=0).holds is None, "no loss was seen"
    stage.marks.fault_at = at(7)
    holds = [ask(stage, "markers-found", side="home", of=of, most_seconds=0).holds for of in ("before", "after")]
    assert [True, False] == holds, "the outage's marker is not home: the failback is not done"


def test_markers_without_an_answer_or_without_any_are_no_data(stage: Stage) -> None:
    _told(stage, "recovery", range(0), range(0))
    assert ask(stage, "markers-found", side="recovery", of="all", most_seconds=0).holds is None, "none was written"
    stage.traffic = Tries(tries=[seen(1, 5)])
    stage.answers("recovery", markers.path(RUN), {"error": "unready"}, 503)
    assert ask(stage, "markers-found", side="recovery", of="all", most_seconds=0).holds is None


def test_stores_agree_by_count_and_checksum(stage: Stage) -> None:
    stage.traffic = Tries(tries=[seen(1, 5), seen(2, 10, "recovery"), seen(3, 15)])
    _told(stage, "home", range(1, 4), range(1, 4))
    _told(stage, "recovery", range(1, 3), range(1, 4))
    assert ask(stage, "stores-agree").holds is True, "what the new writer took alone is left aside"
    _told(stage, "home", range(2, 4), range(1, 4))
    assert ask(stage, "stores-agree").holds is False
    _told(stage, "home", range(0), range(0))
    _told(stage, "recovery", range(0), range(0))
    assert ask(stage, "stores-agree").holds is None


def test_markers_are_asked_for_page_by_page(stage: Stage) -> None:
    path = markers.path(RUN)
    stage.traffic = Tries(tries=[seen(1, 5), seen(2, 10), seen(3, 15)])
    stage.answers("recovery", path, {"rows": has(range(1, 3)), "objects": has(range(1, 3)), "next": 3})
    stage.answers("recovery", f"{path}?from=3", {"rows": has(range(3, 4)), "objects": has(range(3, 4))})
    found = ask(stage, "markers-found", side="recovery", of="all", most_seconds=0)
    assert (True, 3) == (found.holds, found.values["rows"])
    stage.answers("recovery", f"{path}?from=3", {"error": "timeout"}, 503)
    assert ask(stage, "markers-found", side="recovery", of="all", most_seconds=0).holds is None, "half is no answer"
    stage.answers("recovery", f"{path}?from=3", {"rows": {}, "objects": {}, "next": 3})
    assert ask(stage, "markers-found", side="recovery", of="all", most_seconds=0).holds is None, "it goes in circles"


def test_stores_agree_on_the_markers_of_another_run_too(stage: Stage) -> None:
    for side, rows in (("home", {"1": "a"}), ("recovery", {"1": "a"})):
        stage.answers(side, markers.path("outage"), {"rows": rows, "objects": {}})
    assert ask(stage, "stores-agree", run="outage").holds is True
    stage.answers("home", markers.path("outage"), {"rows": {}, "objects": {}})
    assert ask(stage, "stores-agree", run="outage").holds is False


def test_stores_that_differ_in_content_alone_do_not_agree() -> None:
    one, other = Found(rows={"1": "a"}, objects={}), Found(rows={"1": "b"}, objects={})
    assert (False, True) == (stores_agree(one, other, []).holds, stores_agree(one, one, []).holds)


def test_a_side_that_does_not_tell_of_its_markers_is_no_data() -> None:
    assert stores_agree("HTTP 503", Found(rows={"1": "a"}, objects={}), []).holds is None


# -- the catalog


def test_an_unknown_probe_is_refused_with_a_choice(stage: Stage) -> None:
    with pytest.raises(ArgumentError, match="choose one of markers-flow"):
        ask(stage, "guess")
    with pytest.raises(ArgumentError, match="home or recovery"):
        ask(stage, "ready", side="left")


def test_every_call_of_a_probe_is_written_as_a_permission() -> None:
    assert [] == [call for entry in PROBES.values() for call in entry.calls if call.count(":") != 1]


def test_every_action_names_its_reversal_but_for_what_cannot_be_undone() -> None:
    lasting = {name for name, entry in ACTIONS.items() if not entry.reversal}
    assert {"promote", "declare", "write-config"} == lasting
    assert set() == {entry.reversal for entry in ACTIONS.values() if entry.reversal} - set(ACTIONS)
