"""The drill role allows every call that a drill may make, and none that destroys: both sides are held to each other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pytest

from components.drill.rights import DrillSide
from components.drill.role import DrillRole, DrillRoleArgs
from domain import manifest as manifests
from domain import switch
from domain.manifest import Manifest, SideName
from domain.naming import Names
from domain.regions import GLOBAL_REGION
from domain.regions import region as find_region
from ops.drill import permissions, readiness
from ops.drill.calls import permission as permission_of
from ops.drill.catalog import CALLS
from ops.drill.equipment import sampler
from ops.drill.model import Kind
from ops.drill.permissions import Right
from ops.drill.plans import Recipe, build
from ops.engine.record import Program
from tests.drill.stage import Stage, StageSite, at
from tests.small_cell import small_cell
from tests.support import ACCOUNT, BOUNDARY, HOME, RECOVERY, declare, opts_in
from tests.test_drill_role import is_allowed
from tests.test_manifest import content

# What a drill may change, and nothing else: each takes back, or is the failover itself.
CHANGES: Final = {
    "rds:PromoteReadReplica",
    "rds:ModifyDBParameterGroup",
    "autoscaling:UpdateAutoScalingGroup",
    "cloudwatch:PutMetricData",
    "ssm:PutParameter",
    "ssm:DeleteParameter",
}
READS: Final = ("Describe", "Get", "List")


def cell(writer: str = "home") -> Manifest:
    return manifests.read(manifests.write({**content(), "writer": writer}))


def made(kind: Kind, **given: Any) -> tuple[Right, ...]:  # noqa: ANN401 - any field of a recipe
    writer = "recovery" if kind is Kind.FAILBACK else "home"
    recipe = Recipe(
        manifest=cell(writer), site="aws", code="c0de", calls=CALLS, checks=tuple(readiness.CHECKS), **given
    )
    return permissions.needed(build(kind, recipe), recipe.manifest, CALLS)


def side(name: SideName) -> DrillSide:
    place = cell().side(name)

    def bucket(role: str) -> str:
        return f"arn:aws:s3:::{place.buckets[role]}"

    return DrillSide(
        names=Names(cell="us", place=find_region(place.region).abbreviation),
        region=place.region,
        key_arn=place.key,
        replicated_arns=[bucket("uploads"), bucket("derived")],
        uploads_arn=bucket("uploads"),
        releases_arn=bucket("releases"),
        release_key=cell().release.key,
        audit_arn=bucket("audit"),
        secret_arns=[place.secrets.database, place.secrets.master, place.secrets.cache],
    )


@pytest.fixture(scope="module")
def role() -> Program:
    args = DrillRoleArgs(
        cell="us",
        account_id=ACCOUNT,
        boundary_arn=BOUNDARY,
        home=side("home"),
        recovery=side("recovery"),
        health_check_ids=list(cell().health_checks.values()),
    )
    return declare(lambda: DrillRole("global-drill", args, opts_in()))


def allowed(role: Program, right: Right) -> bool:
    keys = {"aws:RequestedRegion": right.region, "cloudwatch:namespace": switch.NAMESPACE}
    return is_allowed(role, right.permission, right.resource, keys)


ON_AWS: Final = (Kind.READINESS, Kind.FAILOVER, Kind.SWITCHOVER, Kind.FAILBACK)


@pytest.mark.parametrize("kind", ON_AWS)
def test_the_role_allows_every_call_of_a_plan(role: Program, kind: Kind) -> None:
    assert [] == [right for right in made(kind) if not allowed(role, right)]


@pytest.mark.parametrize("kind", ON_AWS)
def test_a_plan_changes_what_a_failover_changes_and_no_more(kind: Kind) -> None:
    found = {right.permission for right in made(kind)}
    changing = {name for name in found if not name.partition(":")[2].startswith(READS)}
    assert changing <= CHANGES
    assert {"ssm:PutParameter", "ssm:DeleteParameter"} <= changing, "the lock is taken and given back"


def test_a_failover_asks_nothing_of_iams_and_route_53s_region() -> None:
    assert GLOBAL_REGION not in {right.region for right in made(Kind.FAILOVER)}
    assert GLOBAL_REGION in {right.region for right in made(Kind.READINESS)}, "the health checks are asked there"


def test_what_is_refused_in_another_region_or_namespace_would_be_seen(role: Program) -> None:
    turn = next(right for right in made(Kind.FAILOVER) if right.permission == "cloudwatch:PutMetricData")
    assert allowed(role, turn)
    assert not is_allowed(role, turn.permission, turn.resource, {"aws:RequestedRegion": turn.region})
    assert not allowed(role, Right(permission=turn.permission, region=HOME, resource="*"))
    assert not allowed(role, Right(permission="rds:DescribeDBInstances", region="eu-west-1", resource="*"))


@pytest.fixture
def stage() -> Iterator[Stage]:
    with small_cell() as small:
        yield Stage(small=small, site=StageSite(small=small, time=at(600)))


def recorded(stage: Stage) -> set[str]:
    """The permissions of all calls that the stage's clients make from now on."""
    found: set[str] = set()

    def attach(client: Any) -> None:  # noqa: ANN401 - boto3's clients have no static type
        def asked(model: Any, **_: object) -> None:  # noqa: ANN401 - botocore's model of an operation
            found.add(permission_of(client, model.name))

        client.meta.events.register("before-call", asked)

    services = ("autoscaling", "cloudwatch", "ec2", "elbv2", "kms", "rds", "s3", "secretsmanager", "service-quotas")
    for service in (*services, "ssm"):
        for region in (HOME, RECOVERY):
            attach(stage.client(service, region))
    attach(stage.client("route53", GLOBAL_REGION))
    return found


@pytest.mark.parametrize("name", readiness.CHECKS)
def test_a_check_makes_no_call_that_it_does_not_name(stage: Stage, name: str) -> None:
    found = recorded(stage)
    readiness.check(name, stage.context)
    assert found, "the calls are seen"
    assert found <= set(readiness.CHECKS[name].calls)


def test_the_samples_make_no_call_that_is_not_asked_for_beforehand(stage: Stage) -> None:
    found = recorded(stage)
    sampler(stage.context)()
    assert found <= {right.permission for right in made(Kind.FAILOVER)}
    assert "cloudwatch:ListMetrics" in found
