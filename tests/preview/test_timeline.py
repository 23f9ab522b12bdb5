"""How long a first deployment takes, and how much of that nobody could avoid."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ops.engine.record import Program, Registration
from ops.preview import timeline
from ops.preview.durations import DURATIONS, ELSE, NEEDS, REPLICA
from ops.preview.timeline_table import clock
from tests.support import CELLS, whole

MOST_RATIO = 1.05  # the critical path against the longest chain that cannot be avoided
DATABASE = "aws:rds/instance:Instance"
GROUP = "aws:rds/subnetGroup:SubnetGroup"
QUEUE = "aws:sqs/queue:Queue"


def registration(name: str, type_: str, *after: str, **inputs: object) -> Registration:
    return Registration(
        urn=name,
        type=type_,
        name=name,
        parent="",
        custom=True,
        provider="",
        inputs=inputs,
        dependencies=after,
        property_dependencies={},
        protect=False,
        retain_on_delete=False,
        ignore_changes=(),
        id=name,
        outputs={},
    )


def built(*items: Registration) -> timeline.Timeline:
    return timeline.build(Program(stack="us", registrations=items, exports={}))


@pytest.mark.parametrize("cell", CELLS)
def test_a_cells_critical_path_is_hardly_longer_than_what_cannot_be_avoided(cell: str) -> None:
    found = timeline.build(whole(cell))
    assert found.ratio <= MOST_RATIO
    assert {DATABASE, "aws:autoscaling/group:Group"} <= {stage.type for stage in found.critical}


def test_an_edge_that_nothing_needs_makes_the_path_longer_than_it_had_to_be() -> None:
    group, queue = registration("group", GROUP), registration("queue", QUEUE, "group")
    straight = built(group, queue, registration("database", DATABASE, "group"))
    detour = built(group, queue, registration("database", DATABASE, "queue"))
    assert 1.0 == straight.ratio
    assert ELSE.seconds == detour.seconds - straight.seconds
    assert detour.ratio > straight.ratio


def test_a_replica_takes_longer_than_its_source_and_waits_for_it() -> None:
    found = built(
        registration("writer", DATABASE), registration("replica", DATABASE, "writer", replicateSourceDb="arn")
    )
    assert DURATIONS[DATABASE].seconds + REPLICA.seconds == found.seconds
    assert ["writer", "replica"] == [stage.name for stage in found.unavoidable]


def test_whoever_waits_for_a_component_waits_for_what_the_component_waited_for() -> None:
    parts = registration("writer", DATABASE)
    component = replace(registration("part", "medical:x:X", "writer"), custom=False)
    found = built(parts, component, registration("queue", QUEUE, "part"))
    assert ["writer", "queue"] == [stage.name for stage in found.critical]


def test_resources_that_wait_for_each_other_are_no_timeline() -> None:
    with pytest.raises(ValueError, match="a, b"):
        built(registration("a", QUEUE, "b"), registration("b", QUEUE, "a"))


def test_what_is_needed_is_of_types_that_a_cell_has() -> None:
    types = {item.type for item in whole("us").registrations}
    assert set() == (set(NEEDS) | {need for needs in NEEDS.values() for need in needs}) - types


@pytest.mark.parametrize(("seconds", "said"), [(0, "0s"), (59, "59s"), (60, "1m00s"), (1344, "22m24s")])
def test_a_time_is_said_as_people_say_it(seconds: int, said: str) -> None:
    assert said == clock(seconds)
