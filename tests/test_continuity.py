"""The states of continuity and the moves between them: as a machine, and as what the program declares for each."""

from __future__ import annotations

import json
from functools import cache
from itertools import pairwise, product
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import replacement
from domain.continuity import (
    FIRST,
    HOME,
    MOVES,
    OTHER,
    RECOVERY,
    SIDES,
    ContinuityError,
    Instance,
    Phase,
    Role,
    State,
    move,
    releasable,
    standing,
)
from ops.engine import project, runner
from ops.engine.record import Program, Registration, reveal
from ops.engine.synthetic import Synthetic, Unknown
from settings import SettingsError
from tests.support import CELLS, whole

INSTANCE: Final = "aws:rds/instance:Instance"
GROUP: Final = "aws:rds/parameterGroup:ParameterGroup"
NAMES: Final = ("failover", "rebuild home", "switch", "rebuild recovery")


def state(writer: str, home: int, recovery: int) -> State:
    return State(writer=writer, home_generation=home, recovery_generation=recovery)


def walk(steps: int) -> list[State]:
    """The states from the first on, after none to `steps` moves."""
    found = [FIRST]
    for _ in range(steps):
        found.append(found[-1].next)
    return found


ROUNDS: Final = walk(8)
TRIPLES: Final = list(product((HOME, RECOVERY), range(4), range(4)))
STATES: Final = [triple for triple in TRIPLES if min(triple[1:]) >= 1 and triple[1] - triple[2] in (0, 1)]
NO_STATES: Final = [triple for triple in TRIPLES if triple not in STATES]


def told(instances: dict[str, tuple[Instance, ...]]) -> dict[str, str]:
    """Each instance by name, with what it is in a word or two."""
    return {
        item.name: " ".join(
            word
            for word in (
                item.role.value,
                item.source,
                "aside" * item.aside,
                "writes" * item.writes,
                "alone" * item.alone,
            )
            if word
        )
        for side in SIDES
        for item in instances[side]
    }


# The machine


@pytest.mark.parametrize(
    ("place", "phase", "stands"),
    [
        (0, Phase.NORMAL, {"home-1": "original writes", "recovery-1": "replica home-1"}),
        (1, Phase.FAILED_OVER, {"home-1": "original aside", "recovery-1": "promoted writes alone"}),
        (
            2,
            Phase.REBUILT,
            {"home-1": "original aside", "home-2": "replica recovery-1", "recovery-1": "promoted writes"},
        ),
        (
            3,
            Phase.SWITCHED_BACK,
            {"home-1": "original aside", "home-2": "promoted writes alone", "recovery-1": "promoted aside"},
        ),
        (
            4,
            Phase.NORMAL,
            {
                "home-1": "original aside",
                "home-2": "promoted writes",
                "recovery-1": "promoted aside",
                "recovery-2": "replica home-2",
            },
        ),
    ],
)
def test_each_state_has_its_instances(place: int, phase: Phase, stands: dict[str, str]) -> None:
    assert (phase, stands) == (ROUNDS[place].phase, told(standing(ROUNDS[place])))


def test_the_moves_lead_round_and_end_where_they_began_a_generation_later() -> None:
    names = [move(before, after) for before, after in pairwise(ROUNDS)]
    assert [*NAMES, *NAMES] == names
    assert set(NAMES) == set(MOVES)
    assert [state(HOME, 1, 1), state(HOME, 2, 2), state(HOME, 3, 3)] == ROUNDS[::4]


def test_to_stay_is_no_move() -> None:
    assert {""} == {move(item, item) for item in ROUNDS}


@pytest.mark.parametrize("before", STATES)
def test_every_move_that_the_machine_has_not_is_refused_with_the_one_that_it_has(before: tuple[str, int, int]) -> None:
    start = state(*before)
    illegal = [state(*triple) for triple in STATES if state(*triple) not in (start, start.next)]
    assert len(STATES) - 2 <= len(illegal)
    for after in illegal:
        with pytest.raises(ContinuityError) as caught:
            move(start, after)
        for word in (str(start), str(after), move(start, start.next), str(start.next)):
            assert word in str(caught.value)


@pytest.mark.parametrize("triple", NO_STATES)
def test_what_is_no_state_is_refused_with_the_nearest_that_are(triple: tuple[str, int, int]) -> None:
    with pytest.raises(ContinuityError, match=r"is no state: .* choose writer=") as caught:
        state(*triple)
    offered = str(caught.value).partition("choose ")[2].split(" or ")
    assert set(offered) <= {str(state(*found)) for found in STATES} | {str(state(triple[0], 4, 3))}
    assert all(text.startswith(f"writer={triple[0]} ") for text in offered), "who writes is not what was wrong"


def test_a_writer_that_is_no_side_is_refused() -> None:
    with pytest.raises(ContinuityError, match="a side writes"):
        state("both", 1, 1)


@given(st.integers(min_value=0, max_value=200))
def test_any_way_along_the_moves_keeps_one_writer_and_loses_no_instance(steps: int) -> None:
    *_, before, after = [FIRST, *walk(steps)]
    found = [item for side in SIDES for item in standing(after)[side]]
    writers = [item for item in found if item.writes]
    assert [(after.writer, after.generation(after.writer))] == [(item.side, item.generation) for item in writers]
    assert not any(item.aside and item.writes for item in found)
    assert all(item.aside == (not item.writes and item.role is not Role.REPLICA) for item in found)
    assert {item.source for item in found if item.role is Role.REPLICA} <= {writers[0].name}
    assert writers[0].alone == (not any(item.role is Role.REPLICA for item in found))
    for side in SIDES:
        assert list(range(1, after.generation(side) + 1)) == [item.generation for item in standing(after)[side]]
    assert set(told(standing(before))) <= set(told(standing(after)))


@given(st.integers(min_value=1, max_value=200))
def test_no_move_makes_a_promoted_instance_a_replica_or_writes_to_one_that_was_aside(steps: int) -> None:
    before, after = (
        {item.name: item for side in SIDES for item in standing(place)[side]} for place in walk(steps)[-2:]
    )
    for name, was in before.items():
        assert not (was.aside and not after[name].aside), "what was left behind is stale"
        assert not (was.role is not Role.REPLICA and after[name].role is Role.REPLICA), "RDS cannot demote"
    made = [item for name, item in after.items() if name not in before]
    assert {Role.REPLICA} >= {item.role for item in made}, "a new instance is a copy, never empty"


# Released


@pytest.mark.parametrize("place", range(len(ROUNDS)))
def test_what_was_left_behind_and_rebuilt_may_go_and_nothing_else(place: int) -> None:
    here = ROUNDS[place]
    aside = {name for name, words in told(standing(here)).items() if "aside" in words}
    assert set(releasable(here)) <= aside
    for name in told(standing(here)):
        if name in releasable(here):
            assert set(told(standing(here))) - {name} == set(told(standing(here, [name])))
        else:
            with pytest.raises(ContinuityError, match=name):
                standing(here, [name])


@pytest.mark.parametrize(
    ("place", "name", "words"),
    [
        (0, "home-1", "is in use"),
        (0, "home-7", "does not stand .* none may go now"),
        (1, "home-1", "all that home has; rebuild home first"),
        (2, "home-2", "is in use .* choose among home-1"),
        (3, "recovery-1", "rebuild recovery first"),
    ],
)
def test_a_release_that_may_not_be_says_why(place: int, name: str, words: str) -> None:
    with pytest.raises(ContinuityError, match=words):
        standing(ROUNDS[place], [name])


def test_a_released_instance_stays_released_through_later_moves() -> None:
    for later in ROUNDS[2:]:
        assert "home-1" not in told(standing(later, ["home-1"]))


# The program


@cache
def run(cell: str, place: int, released: tuple[str, ...] = ()) -> Program:
    here = ROUNDS[place]
    said = FIRST != here or released
    state = {
        "writer": here.writer,
        "homeGeneration": here.home_generation,
        "recoveryGeneration": here.recovery_generation,
        "released": json.dumps(released),
    }
    return whole(cell, **(state if said else {}))


def changed(before: Registration, after: Registration) -> set[str]:
    """The inputs that differ, but for those that the engine leaves as they are."""
    differs = {
        name
        for name in {*before.inputs, *after.inputs}
        if plain(before.inputs.get(name)) != plain(after.inputs.get(name))
    }
    return differs - set(after.ignore_changes)


def of_backups(program: Program, item: Registration) -> bool:
    """Whether `item` backs up the side that writes: that moves with the writer, while vaults and backups stay."""
    known = program.by_urn()
    while item.parent in known:
        if item.type in {"medical:backup:BackupPlan", "medical:backup:RestoreTests"}:
            return True
        item = known[item.parent]
    return False


def plain(value: object) -> object:
    """`value` in clear; a file or a text that is uploaded is known by where or what it is."""
    return getattr(value, "path", getattr(value, "text", None)) or reveal(value)


_ALIKE: Final = pytest.mark.slow("runs the program in every state of a cell whose resources are those of us")
PAIRS: Final = [pytest.param(cell, place, marks=() if cell == "us" else _ALIKE) for cell in CELLS for place in range(4)]
ONES_OWN: Final = {INSTANCE, GROUP, "aws:cloudwatch/logGroup:LogGroup", "aws:cloudwatch/metricAlarm:MetricAlarm"}


@pytest.mark.parametrize(("cell", "place"), PAIRS)
def test_no_move_replaces_or_deletes_a_database(cell: str, place: int) -> None:
    before, after = run(cell, place).by_urn(), run(cell, place + 1).by_urn()
    for urn, was in before.items():
        if was.type != INSTANCE:
            continue
        assert urn in after, f"{urn} would be deleted"
        assert was.id, "there is an instance to compare"
        differs = changed(was, after[urn])
        assert set() == differs & replacement.INSTANCE, f"{urn} would be replaced"
        assert not ("replicateSourceDb" in differs and "replicateSourceDb" in after[urn].inputs), "RDS refuses that"
        assert after[urn].protect


@pytest.mark.parametrize(("cell", "place"), PAIRS)
def test_a_database_that_a_move_makes_is_a_replica_of_the_one_that_writes(cell: str, place: int) -> None:
    before, after = run(cell, place).by_urn(), run(cell, place + 1).by_urn()
    made = [item for urn, item in after.items() if item.type == INSTANCE and urn not in before]
    writer = ROUNDS[place + 1].writer
    name = f"{writer}-database-{ROUNDS[place + 1].generation(writer)}"
    arn = next(item.outputs["arn"] for item in after.values() if item.type == INSTANCE and item.name == name)
    assert [arn] * (place % 2) == [item.inputs["replicateSourceDb"] for item in made]


@pytest.mark.parametrize(("cell", "place"), PAIRS)
def test_no_move_removes_or_replaces_anything_that_holds_data_or_a_name(cell: str, place: int) -> None:
    before, after = run(cell, place).by_urn(), run(cell, place + 1).by_urn()
    gone = {
        (item.type, item.name)
        for urn, item in before.items()
        if urn not in after and not of_backups(run(cell, place), item)
    }
    # Only the alarm on the lag of a replica that is none any more.
    follower = OTHER[ROUNDS[place].writer]
    lag = f"{follower}-alarms-db-{ROUNDS[place].generation(follower)}-replica-lag"
    assert {("aws:cloudwatch/metricAlarm:MetricAlarm", lag)} == {*gone} if place % 2 == 0 else not gone
    stores = "aws:s3/bucket:Bucket", "aws:kms/key:Key", "aws:secretsmanager/secret:Secret"
    for urn, was in before.items():
        if was.type in stores or was.type.startswith(("aws:acm/", "aws:rds/subnetGroup")):
            assert set() == changed(was, after[urn]), f"{urn} would change"


@pytest.mark.parametrize(("cell", "place"), PAIRS)
def test_a_move_reaches_only_the_databases_and_what_points_at_them(cell: str, place: int) -> None:
    before, after = run(cell, place).by_urn(), run(cell, place + 1).by_urn()
    others = {
        (item.type, item.name)
        for urn, item in after.items()
        if item.custom
        and item.type not in ONES_OWN
        and not of_backups(run(cell, place + 1), item)
        and (urn not in before or changed(before[urn], item))
    }
    # A rebuilt side's service, and what rotates, are told the address of the side's new instance.
    rebuilt = {"rebuild home": HOME, "rebuild recovery": RECOVERY}.get(move(ROUNDS[place], ROUNDS[place + 1]))
    told = {("aws:ec2/launchTemplate:LaunchTemplate", "web"), ("aws:lambda/function:Function", "rotation")}
    expected = {(kind, f"{rebuilt}-{part}") for kind, part in told} if rebuilt else set()
    assert expected <= others
    # The manifest says which instance is which, the side's and the cell's alarms are put together of theirs, dashboards
    # show them, and a canary must know whether its side is to write.
    pointers = {
        "aws:ssm/parameter:Parameter",
        "aws:cloudwatch/compositeAlarm:CompositeAlarm",
        "aws:cloudwatch/dashboard:Dashboard",
        "aws:synthetics/canary:Canary",
    }
    assert {type_ for type_, _ in others - expected} <= pointers


@pytest.mark.parametrize(("cell", "place"), PAIRS)
def test_in_each_state_what_is_aside_and_nothing_else_is_fenced_renamed_and_changed_at_once(
    cell: str, place: int
) -> None:
    program = run(cell, place)
    found = standing(ROUNDS[place])
    expected = {f"{item.side}-database-{item.generation}": item for side in SIDES for item in found[side]}
    groups = {item.name: item for item in program.of_type(GROUP)}
    instances = {item.name: item for item in program.of_type(INSTANCE)}
    assert set(expected) == set(groups) == set(instances)
    for name, item in expected.items():
        inputs = instances[name].inputs
        fence = [row["value"] for row in groups[name].inputs["parameters"] if row["name"] == "read_only"]
        assert (["1"] if item.aside else []) == fence
        assert item.aside == inputs["identifier"].endswith("-aside")
        assert item.writes == inputs["multiAz"]
        assert (item.role is Role.REPLICA) == ("replicateSourceDb" in inputs)
        assert groups[name].inputs["name"] == inputs["parameterGroupName"]


@pytest.mark.parametrize("place", range(1, 5))
def test_each_state_is_declared_the_same_when_nothing_is_known_yet(place: int) -> None:
    here = ROUNDS[place]
    overrides = {
        "writer": here.writer,
        "homeGeneration": here.home_generation,
        "recoveryGeneration": here.recovery_generation,
    }
    unknown = runner.run(project.load("us", overrides=overrides), Unknown())
    assert set(unknown.by_urn()) == set(run("us", place).by_urn())


def test_a_released_instance_goes_with_what_was_its_own_and_nothing_else_does() -> None:
    before, after = run("us", 2).by_urn(), run("us", 2, ("home-1",)).by_urn()
    gone = {item.name for urn, item in before.items() if urn not in after}
    logs = {f"home-database-1{aside}-{log}" for aside in ("", "-aside") for log in ("audit", "error", "slowquery")}
    alarms = {f"home-alarms-db-1-{what}" for what in ("cpu", "connections", "storage", "memory")}
    assert {"home-database-1", *logs, *alarms} == gone
    assert set() == set(after) - set(before)


@pytest.mark.parametrize(
    ("overrides", "key", "words"),
    [
        ({"homeGeneration": 3}, "homeGeneration", "is no state"),
        ({"recoveryGeneration": 2}, "homeGeneration", "homeGeneration=2 recoveryGeneration=2"),
        ({"writer": "recovery", "homeGeneration": 4, "recoveryGeneration": 2}, "homeGeneration", "is no state"),
        ({"released": '["home-1"]'}, "released", "is in use"),
        ({"writer": "recovery", "released": '["home-1"]'}, "released", "rebuild home first"),
    ],
)
def test_settings_that_are_no_state_are_refused_by_key(overrides: dict[str, object], key: str, words: str) -> None:
    with pytest.raises(SettingsError) as caught:
        runner.run(project.load("us", overrides=overrides), Synthetic())
    assert [key] == [problem.key for problem in caught.value.problems]
    assert words in caught.value.problems[0].rule
