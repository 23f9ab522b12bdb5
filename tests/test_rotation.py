"""What is declared for the rotation of secrets: who may, when, and what the function is told."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest

from functions.rotation import settings as told
from functions.rotation.handler import LOOK
from ops.engine.record import Program, Registration, reveal
from tests.support import CELLS, statements, whole
from tests.test_settings import loaded, refused, rule_of

FUNCTION: Final = "aws:lambda/function:Function"
SCHEDULE: Final = "aws:secretsmanager/secretRotation:SecretRotation"
PERMISSION: Final = "aws:lambda/permission:Permission"
SIDES: Final = ("home", "recovery")


@pytest.fixture(scope="module", params=CELLS)
def program(request: pytest.FixtureRequest) -> Program:
    return whole(request.param)


def of(program: Program, kind: str, name: str) -> Registration:
    (found,) = [item for item in program.of_type(kind) if item.name == name]
    return found


def rights(program: Program, side: str) -> dict[str, Any]:
    policy = of(program, "aws:iam/rolePolicy:RolePolicy", f"{side}-rotation").inputs["policy"]
    return {statement["Sid"]: statement for statement in statements(policy)}


def test_home_rotates_the_databases_secrets_and_each_side_its_caches(program: Program) -> None:
    found = {item.name: item.inputs for item in program.of_type(SCHEDULE)}
    assert {
        "home-rotation-application",
        "home-rotation-master",
        "home-rotation-cache",
        "recovery-rotation-cache",
    } == set(found)
    assert {30} == {item["rotationRules"]["automaticallyAfterDays"] for item in found.values()}
    assert ["home-rotation-master"] == [name for name, item in found.items() if not item["rotateImmediately"]]
    home = program.region_of(of(program, FUNCTION, "home-rotation"))
    assert all(f":{home}:" in found[f"home-rotation-{name}"]["secretId"] for name in ("application", "master"))


def test_a_cell_of_one_side_rotates_without_another() -> None:
    alone = whole("us", posture="backup-only", recoveryRegion="none", recoveryCidr="none")
    assert 3 == len(alone.of_type(SCHEDULE))
    function = of(alone, FUNCTION, "home-rotation")
    assert "" == told.load({**function.inputs["environment"]["variables"], "AWS_REGION": "us-east-2"}).other
    assert not {"AskOtherSide", "ReadOtherSide"} & set(rights(alone, "home"))


@pytest.mark.parametrize("side", SIDES)
def test_the_function_takes_what_it_is_told(program: Program, side: str) -> None:
    function = of(program, FUNCTION, f"{side}-rotation")
    other = of(program, FUNCTION, f"{'recovery' if side == 'home' else 'home'}-rotation")
    region = program.region_of(function)
    found = told.load({**function.inputs["environment"]["variables"], "AWS_REGION": region})
    assert (30, 3306, 6379) == (found.days, found.database.port, found.cache.port)
    assert other.inputs["name"] == found.other.rpartition(":")[2]
    assert program.region_of(other) == found.other.split(":")[3]
    names = {item.inputs["name"] for item in program.of_type("aws:secretsmanager/secret:Secret")}
    assert {found.application, found.master, found.token} <= names
    assert f"{region}.pem" == found.database.authority.name


@pytest.mark.parametrize("side", SIDES)
def test_the_function_stands_in_the_private_subnets_and_nothing_reaches_it(program: Program, side: str) -> None:
    function = of(program, FUNCTION, f"{side}-rotation").inputs
    assert 3 == len(function["vpcConfig"]["subnetIds"])
    group = of(program, "aws:ec2/securityGroup:SecurityGroup", f"{side}-rotation")
    into = [item.name for item in program.of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")]
    assert {f"{side}-rotation-database", f"{side}-rotation-cache"} == {
        name for name in into if "rotation" in name and side in name
    }
    assert "ingress" not in group.inputs
    assert "python3.13" == function["runtime"]


@pytest.mark.parametrize("side", SIDES)
def test_it_may_rotate_its_own_sides_secrets_and_only_read_the_others(program: Program, side: str) -> None:
    found = rights(program, side)
    region = program.region_of(of(program, FUNCTION, f"{side}-rotation"))
    assert 3 == len(found["Rotate"]["Resource"])
    assert all(f":{region}:" in arn for arn in found["Rotate"]["Resource"])
    assert {"secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"} == set(found["ReadOtherSide"]["Action"])
    assert all(f":{region}:" not in arn for arn in found["ReadOtherSide"]["Resource"])
    through = found["OtherKeyThroughSecrets"]["Condition"]["StringEquals"]["kms:ViaService"]
    assert through.startswith("secretsmanager.")
    assert region not in through
    denied = found["NetworkOnlyForLambda"]
    asked = {*found["Network"]["Action"], *found["NetworkLook"]["Action"]}
    assert ("Deny", asked) == (denied["Effect"], set(denied["Action"]))


def test_the_service_reads_its_own_account_and_never_the_masters(program: Program) -> None:
    for side in SIDES:
        policy = of(program, "aws:iam/rolePolicy:RolePolicy", f"{side}-web").inputs["policy"]
        (reads,) = [item for item in statements(policy) if "secretsmanager:GetSecretValue" in item["Action"]]
        known = " ".join(str(reveal(arn)) for arn in reads["Resource"])
        assert "application" in known
        assert "/database" not in known


def test_only_secrets_manager_and_the_daily_look_call_the_function(program: Program) -> None:
    found = [item.inputs for item in program.of_type(PERMISSION)]
    assert {"secretsmanager.amazonaws.com", "events.amazonaws.com"} == {item["principal"] for item in found}
    assert all(item["sourceAccount"] and item["sourceArn"] for item in found)
    targets = [
        item.inputs for item in program.of_type("aws:cloudwatch/eventTarget:EventTarget") if "rotation" in item.name
    ]
    assert [{"ask": LOOK}] * 2 == [json.loads(item["input"]) for item in targets]


def test_a_failure_is_told_to_operations(program: Program) -> None:
    for side in SIDES:
        alarm = of(program, "aws:cloudwatch/metricAlarm:MetricAlarm", f"{side}-alarms-rotation-errors").inputs
        function = of(program, FUNCTION, f"{side}-rotation").inputs["name"]
        assert ("Errors", {"FunctionName": function}) == (alarm["metricName"], alarm["dimensions"])
        assert alarm["alarmActions"]


def test_no_update_undoes_a_rotation(program: Program) -> None:
    versions = program.of_type("aws:secretsmanager/secretVersion:SecretVersion")
    assert 4 == len(versions)
    assert {("secretString", "versionStages")} == {tuple(sorted(item.ignore_changes)) for item in versions}
    for cache in program.of_type("aws:elasticache/replicationGroup:ReplicationGroup"):
        assert "authToken" in cache.ignore_changes


@pytest.mark.parametrize("days", ["0", "91", "true", "thirty", "-1"])
def test_an_interval_that_the_standards_do_not_allow_is_refused(days: str) -> None:
    assert "1 to 90 days" in rule_of(refused(rotationDays=days), "rotationDays")


def test_the_interval_is_what_is_set() -> None:
    assert (1, 90) == tuple(loaded(rotationDays=days).rotation_days for days in ("1", "90"))
