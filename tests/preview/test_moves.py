"""A move of continuity in the preview: what it tells, and what it refuses."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from domain.continuity import FIRST, State
from ops import cli
from ops.engine import project
from ops.preview import diff, model, moves

Capture = pytest.CaptureFixture[str]
SAFE = "No database is replaced or deleted."
WAY = ("failover", "rebuild home", "switch", "rebuild recovery")


def called(capsys: Capture, *argv: str) -> tuple[int, str, str]:
    """The exit status, stdout and stderr of a call."""
    status = cli.main(["preview", *argv])
    printed = capsys.readouterr()
    return status, printed.out, printed.err


def options(state: State) -> tuple[str, ...]:
    """`state` as it is asked for."""
    return (
        *("--writer", state.writer),
        *("--home-generation", str(state.home_generation)),
        *("--recovery-generation", str(state.recovery_generation)),
    )


def stacks_in(folder: Path, state: State, *, released: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The option that takes a cell `us` whose file says `state`."""
    text = (project.ROOT / "Pulumi.us.yaml").read_text(encoding="utf-8")
    said = {
        "writer": state.writer,
        "homeGeneration": state.home_generation,
        "recoveryGeneration": state.recovery_generation,
        "released": json.dumps(released),
    }
    lines = "".join(f"  medical-platform:{key}: {value}\n" for key, value in said.items())
    (folder / "Pulumi.us.yaml").write_text(text + lines, encoding="utf-8")
    return ("--stacks", str(folder))


def after(moves_made: int) -> State:
    state = FIRST
    for _ in range(moves_made):
        state = state.next
    return state


@pytest.mark.parametrize(
    ("place", "told"),
    [
        (0, {"home-1": ["fenced", "renamed in place"], "recovery-1": ["promoted in place, and writes"]}),
        (1, {"home-2": ["created, as a replica of arn:aws:rds:us-west-2"], "recovery-1": ["maintenance window"]}),
        (2, {"home-2": ["promoted in place, and writes"], "recovery-1": ["fenced", "renamed in place"]}),
        (3, {"recovery-2": ["created, as a replica of arn:aws:rds:us-east-2"], "home-2": ["maintenance window"]}),
    ],
)
def test_each_move_is_told_with_what_becomes_of_every_database(
    capsys: Capture, tmp_path: Path, place: int, told: dict[str, list[str]]
) -> None:
    stacks = stacks_in(tmp_path, after(place))
    status, out, err = called(capsys, "us", *options(after(place + 1)), *stacks, "--json")
    assert (0, "") == (status, err)
    found = json.loads(out)
    assert (WAY[place], True, SAFE) == (found["move"], found["safe"], found["verdict"])
    said = {item["instance"]: "; ".join(item["changes"]) for item in found["databases"]}
    assert set(told) == set(said)
    assert [] == [(name, word) for name, words in told.items() for word in words if word not in said[name]]
    assert [] == [item for item in found["databases"] if item["replaced"] or item["deleted"]]
    assert found["difference"]["different"]


def test_a_failover_is_asked_for_with_one_option(capsys: Capture) -> None:
    status, out, err = called(capsys, "us", "--writer", "recovery")
    assert (0, "") == (status, err)
    assert "failover: writer=home homeGeneration=1 recoveryGeneration=1 -> writer=recovery" in out
    assert "  home-1: fenced" in out
    assert "~ recovery-database-1  rds:Instance" in out
    assert out.endswith(f"{SAFE}\n")
    assert "engine: mysql" not in out, "what the engine ignores is no change"
    assert out.splitlines()[-4:] == called(capsys, "us", "--writer", "recovery", "--summary")[1].splitlines()
    assert out == called(capsys, "us", "--set", "writer=recovery")[1]


def test_a_release_says_what_goes_and_how_its_protection_is_lifted(capsys: Capture, tmp_path: Path) -> None:
    stacks = stacks_in(tmp_path, after(2))
    status, out, _ = called(capsys, "us", "--release", "home-1", "--summary", *stacks)
    assert 0 == status
    assert "no move, writer=recovery homeGeneration=2 recoveryGeneration=1, released: home-1" in out
    assert "  home-1: deleted, with a final snapshot" in out
    assert "pulumi state unprotect 'urn:pulumi:us::" in out
    assert "--region us-east-2 --db-instance-identifier medical-us-use2-db-1-aside --no-deletion-protection" in out
    assert "No database is replaced, and none is deleted but what is released: home-1." in out


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (
            ("--writer", "recovery", "--home-generation", "2"),
            "the next one is failover, to writer=recovery homeGeneration=1 recoveryGeneration=1",
        ),
        (("--home-generation", "2"), "the next one is failover"),
        (("--writer", "recovery", "--home-generation", "3"), "is no state"),
        (("--recovery-generation", "2"), "choose writer=home homeGeneration=1 recoveryGeneration=1"),
        (("--home-generation", "0"), "must be a whole number between 1 and 1000"),
        (("--writer", "both"), "must be the side that writes"),
        (("--writer", "home", "--set", "writer=recovery"), "writer twice"),
        (("--release", "home-1"), "home-1 is in use"),
        (("--release", "home-1", "--release", "home-1"), "name each once"),
        (("--release", "home"), "name its side and generation"),
        (("--release", "home-1", "--set", "released=[]"), "use one of them"),
        (("--writer", "recovery", "--home-generation", "many"), "homeGeneration = 'many': must be a whole number"),
    ],
)
def test_what_the_machine_has_not_is_refused(capsys: Capture, argv: tuple[str, ...], words: str) -> None:
    status, out, err = called(capsys, "us", *argv)
    assert (2, "") == (status, out)
    assert words in err


def test_what_was_released_cannot_come_back(capsys: Capture, tmp_path: Path) -> None:
    stacks = stacks_in(tmp_path, after(2), released=("home-1",))
    status, _, err = called(capsys, "us", "--set", "released=[]", *stacks)
    assert 2 == status
    assert "home-1: released is released" in err
    status, _, err = called(capsys, "us", "--release", "home-1", *stacks)
    assert (2, True) == (status, "released already" in err)


def test_to_ask_for_what_is_there_is_no_move(capsys: Capture) -> None:
    status, out, _ = called(capsys, "us", "--writer", "home", "--summary")
    assert (0, f"no move, {FIRST}\n{SAFE}\n") == (status, out)


# A plan that would lose a database must say so, though no state of the machine has one.


def instance(**inputs: object) -> model.Resource:
    return model.Resource(
        urn="urn:pulumi:us::medical-platform::aws:rds/instance:Instance::home-database-1",
        type="aws:rds/instance:Instance",
        name="home-database-1",
        parent="",
        custom=True,
        side="home",
        region="us-east-2",
        key="",
        protect=True,
        inputs={"identifier": "db", **inputs},
        dependencies=(),
        ignore_changes=("engine",),
    )


def planned(before: tuple[model.Resource, ...], later: tuple[model.Resource, ...]) -> moves.Plan:
    place = model.Place(region="us-east-2", cidr="")
    empty = model.Preview(
        cell="us",
        jurisdiction="US",
        account_id="",
        domain="",
        zone="",
        home=place,
        recovery=place,
        resources=(),
        outputs={},
    )
    difference = diff.compare(replace(empty, resources=before), replace(empty, resources=later))
    return moves.plan("failover", FIRST, FIRST.next, (), difference)


@pytest.mark.parametrize(
    ("before", "later", "words"),
    [
        ((instance(kmsKeyId="a"),), (instance(kmsKeyId="b"),), "REPLACED, because of kmsKeyId"),
        ((instance(dbName="a"),), (instance(),), "REPLACED, because of dbName"),
        ((instance(),), (instance(replicateSourceDb="arn"),), "GIVEN A SOURCE, which RDS refuses"),
        ((instance(),), (), "deleted"),
        ((), (instance(),), "CREATED EMPTY"),
    ],
)
def test_a_plan_that_would_lose_a_database_says_so(
    before: tuple[model.Resource, ...], later: tuple[model.Resource, ...], words: str
) -> None:
    found = planned(before, later)
    assert ["home-1"] == [fate.name for fate in found.lost]
    assert words in found.fates[0].words[0]
    assert "DATABASES WOULD BE REPLACED" in moves.verdict(found)


def test_a_plan_that_keeps_every_database_says_that() -> None:
    found = planned(
        (instance(engine="mysql", replicateSourceDb="arn"),), (replace(instance(), ignore_changes=("engine",)),)
    )
    assert () == found.lost
    assert ("promoted in place, and writes",) == found.fates[0].words
    assert SAFE == moves.verdict(found)
