"""Each real stack, whole, as the engine records it; and the three stacks against each other."""

from __future__ import annotations

import re

import pytest

import settings
from domain.regions import REGIONS
from ops.engine import project, runner
from ops.engine.record import Program
from ops.engine.synthetic import Unknown
from tests import invariants
from tests.case import Case, Invariant
from tests.support import CELLS, whole


@pytest.fixture(scope="module", params=CELLS)
def program(request: pytest.FixtureRequest) -> Program:
    return whole(request.param)


@pytest.fixture(scope="module")
def case(program: Program) -> Case:
    stated = project.load(program.stack).stated
    return Case(program=program, settings=settings.load(program.stack, stated))


@pytest.mark.parametrize("invariant", invariants.EVERY, ids=lambda invariant: invariant.__name__)
def test_what_must_hold_of_every_cell_holds_of_the_shipped_ones(case: Case, invariant: Invariant) -> None:
    assert [] == list(invariant(case))


def test_the_same_resources_are_registered_when_nothing_is_known_yet(program: Program) -> None:
    unknown = runner.run(project.load(program.stack), Unknown())
    assert {item.urn for item in program.registrations} == {item.urn for item in unknown.registrations}


def test_a_load_balancer_waits_for_the_way_to_the_internet(program: Program) -> None:
    known = program.by_urn()
    for balancer in program.of_type("aws:lb/loadBalancer:LoadBalancer"):
        subnets = balancer.property_dependencies["subnets"]
        assert 3 == sum(known[urn].type == "aws:ec2/route:Route" for urn in subnets)


def test_the_databases_secrets_are_copied_to_recovery_and_nothing_else_is(program: Program) -> None:
    copies = [
        (item.name, copy["region"])
        for item in program.of_type("aws:secretsmanager/secret:Secret")
        for copy in item.inputs.get("replicas", [])
    ]
    recovery = next(item for item in program.of_type("pulumi:providers:aws") if item.name == "recovery")
    region = recovery.inputs["region"]
    assert [("database-credentials", region), ("database-credentials-application", region)] == sorted(copies)


def test_a_throw_away_stack_and_only_that_one_gives_its_data_up() -> None:
    thrown = whole("us", throwAway=True, deletionProtection=False)
    assert [] == [item.urn for item in thrown.registrations if item.protect]
    assert {True} == {item.inputs["forceDestroy"] for item in thrown.of_type("aws:s3/bucket:Bucket")}
    assert {True} == {item.inputs["skipFinalSnapshot"] for item in thrown.of_type("aws:rds/instance:Instance")}
    assert not any(item.inputs.get("forceDestroy") for item in whole("us").of_type("aws:s3/bucket:Bucket"))


def plain(program: Program) -> set[tuple[str, str]]:
    """The resources of a stack, with its own names for cell, regions and zones taken out."""
    sides = {item.name: str(item.inputs["region"]) for item in program.of_type("pulumi:providers:aws")}
    zones = {
        zone: f"<{side} zone {place}>"
        for side, region in sides.items()
        for place, zone in enumerate(REGIONS[region].zone_ids)
    }

    def strip(name: str) -> str:
        for zone, mark in zones.items():
            name = name.replace(zone, mark)
        return re.sub(rf"\b{program.stack}\b", "<cell>", name)

    return {(item.type, strip(item.name)) for item in program.registrations}


@pytest.mark.parametrize("other", CELLS[1:])
def test_all_cells_are_made_of_the_same_resources(other: str) -> None:
    assert plain(whole("us")) == plain(whole(other, accountOwner="own")), "but for what an account has once"


def test_a_setting_is_what_makes_a_cell_differ() -> None:
    changed = whole("us", natPerAz=True)
    assert plain(whole("us")) != plain(changed), "the comparison above can fail"
