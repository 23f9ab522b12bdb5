"""The gate before the APIs: what a call costs, and how it ends in a region in trouble."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError

from ops.sandbox.physics.gate import Refusal, Scope, scope
from ops.sandbox.physics.world import World
from tests.small_cell import SmallCell, small_cell
from tests.support import HOME, RECOVERY


@pytest.fixture(scope="module")
def cell() -> Iterator[SmallCell]:
    with small_cell() as small:
        yield small


@pytest.fixture
def world(cell: SmallCell) -> Iterator[World]:
    made = World(cell.account)
    with made.installed():
        made.begin(7)
        yield made


def rds(world: World, cell: SmallCell, region: str) -> Any:  # noqa: ANN401 - boto3's clients have no static type
    return world.gate.attach(cell.client("rds", region))


def test_what_a_call_is_for_is_read_off_its_credential_scope() -> None:
    signed = "AWS4-HMAC-SHA256 Credential=sandbox/20260105/us-east-2/rds/aws4_request, SignedHeaders=host, Signature=0"
    assert Scope(service="rds", region="us-east-2") == scope(signed)
    assert scope("Basic c2FuZGJveA==") is None
    assert scope("") is None


def test_a_call_takes_time_and_is_answered(world: World, cell: SmallCell) -> None:
    before = world.now
    for _ in range(40):
        assert 1 == len(rds(world, cell, HOME).describe_db_instances()["DBInstances"])
    assert 2 <= (world.now - before).total_seconds() <= 10


def test_a_call_to_a_dark_region_ends_without_an_answer_and_costs_seconds(world: World, cell: SmallCell) -> None:
    world.faults.inject("region-dark", HOME)
    before = world.now
    with pytest.raises(ConnectionClosedError):
        rds(world, cell, HOME).describe_db_instances()
    assert 2 <= (world.now - before).total_seconds() <= 10
    assert rds(world, cell, RECOVERY).describe_db_instances()["DBInstances"], "the other region answers"
    world.faults.lift("region-dark", HOME)
    assert rds(world, cell, HOME).describe_db_instances()["DBInstances"]


def test_every_second_call_to_a_brown_region_is_answered_503_and_does_nothing(world: World, cell: SmallCell) -> None:
    world.faults.inject("region-brown", HOME)
    s3 = world.gate.attach(cell.client("s3", HOME))
    bucket = cell.manifest.home.buckets["uploads"]
    codes: list[int] = []
    for number in range(4):
        try:
            s3.put_object(Bucket=bucket, Key=f"brown/{number}")
        except ClientError as error:
            codes.append(error.response["ResponseMetadata"]["HTTPStatusCode"])
    assert [503, 503] == codes
    found = cell.client("s3", HOME).list_objects_v2(Bucket=bucket, Prefix="brown/")["Contents"]
    assert ["brown/0", "brown/2"] == [item["Key"] for item in found]


def test_without_control_planes_global_services_do_not_answer_and_regional_ones_do(
    world: World, cell: SmallCell
) -> None:
    world.faults.inject("control-plane-gone")
    for service, call in (("route53", "list_hosted_zones"), ("iam", "list_roles")):
        with pytest.raises(ConnectionClosedError):
            getattr(world.gate.attach(cell.client(service, HOME)), call)()
    assert Refusal.CONTROL_PLANE_GONE == world.gate.admit("sts", "us-east-1"), "the global endpoint"
    assert world.gate.admit("sts", HOME) is None, "a region's own endpoint"
    assert world.gate.admit("monitoring", RECOVERY) is None, "the switch is turned without them"


def test_before_the_world_begins_and_where_it_follows_the_wall_a_call_costs_nothing(cell: SmallCell) -> None:
    world = World(cell.account)
    world.begin(7)
    world.gate.charges = False
    world.faults.inject("region-dark", HOME)
    assert Refusal.DARK == world.gate.admit("rds", HOME)
    assert world.clock.start == world.now
    world.gate.charges = True
    world.gate.admit("rds", HOME)
    assert world.clock.start < world.now
