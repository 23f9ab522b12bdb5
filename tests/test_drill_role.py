"""The role for drills on AWS: who may take it, and that it can fail a cell over and do nothing else."""

from __future__ import annotations

import fnmatch
import json
from typing import Any, Final, TypeAlias

import pytest

from components.access.people import trust
from components.drill.rights import DrillSide
from components.drill.role import SESSION_SECONDS, DrillRole, DrillRoleArgs
from domain import drills, manifest, markers, switch
from domain.naming import CELL_LIMIT, Names
from ops.engine.record import Program
from tests.support import ACCOUNT, BOUNDARY, HOME, RECOVERY, declare, only, opts_in, statements

ELSEWHERE: Final = "eu-central-1"
LARGEST: Final = 10_240  # characters of a role's inline policies; source: IAM quotas
ID: Final = "11111111-2222-3333-4444-555555555555"
# An action, what it is about, and the condition keys of the request beside its region.
Request: TypeAlias = tuple[str, str, dict[str, str]]
NEEDED: Final[list[Request]] = [
    ("rds:PromoteReadReplica", f"arn:aws:rds:{RECOVERY}:{ACCOUNT}:db:medical-us-usw2-db-1", {}),
    ("rds:PromoteReadReplica", f"arn:aws:rds:{HOME}:{ACCOUNT}:db:medical-us-use2-db-2", {}),
    ("rds:ModifyDBParameterGroup", f"arn:aws:rds:{HOME}:{ACCOUNT}:pg:medical-us-use2-db-1-mysql84", {}),
    ("rds:ResetDBParameterGroup", f"arn:aws:rds:{HOME}:{ACCOUNT}:pg:medical-us-use2-db-1-mysql84", {}),
    ("rds:DescribeDBInstances", f"arn:aws:rds:{RECOVERY}:{ACCOUNT}:db:*", {}),
    (
        "autoscaling:UpdateAutoScalingGroup",
        f"arn:aws:autoscaling:{RECOVERY}:{ACCOUNT}:autoScalingGroup:{ID}:autoScalingGroupName/medical-us-usw2-web",
        {"autoscaling:MinSize": "2"},
    ),
    ("cloudwatch:PutMetricData", "*", {"cloudwatch:namespace": switch.NAMESPACE}),
    ("cloudwatch:GetMetricStatistics", "*", {}),
    ("cloudwatch:DescribeAlarms", f"arn:aws:cloudwatch:{RECOVERY}:{ACCOUNT}:alarm:medical-us-usw2-switch", {}),
    ("ssm:GetParameter", f"arn:aws:ssm:{RECOVERY}:{ACCOUNT}:parameter{manifest.parameter_name('us')}", {}),
    ("ssm:PutParameter", f"arn:aws:ssm:{RECOVERY}:{ACCOUNT}:parameter{drills.lock_parameter('us')}", {}),
    ("ssm:DeleteParameter", f"arn:aws:ssm:{RECOVERY}:{ACCOUNT}:parameter{drills.lock_parameter('us')}", {}),
    ("ssm:GetParameterHistory", f"arn:aws:ssm:{HOME}:{ACCOUNT}:parameter{drills.approvals_path('us')}/abc", {}),
    ("ssm:GetParametersByPath", f"arn:aws:ssm:{RECOVERY}:{ACCOUNT}:parameter{drills.approvals_path('us')}", {}),
    ("s3:ListBucket", "arn:aws:s3:::us-use2-releases", {}),
    ("s3:GetObject", f"arn:aws:s3:::us-usw2-uploads/{markers.object_key('run', 1)}", {}),
    ("s3:GetReplicationConfiguration", "arn:aws:s3:::us-use2-audit", {}),
    (
        "kms:Decrypt",
        f"arn:aws:kms:{RECOVERY}:{ACCOUNT}:key/{ID}",
        {
            "kms:ViaService": f"ssm.{RECOVERY}.amazonaws.com",
            "kms:EncryptionContext:PARAMETER_ARN": (
                f"arn:aws:ssm:{RECOVERY}:{ACCOUNT}:parameter{manifest.parameter_name('us')}"
            ),
        },
    ),
    ("secretsmanager:DescribeSecret", f"arn:aws:secretsmanager:{RECOVERY}:{ACCOUNT}:secret:database-AbCdEf", {}),
    ("servicequotas:GetServiceQuota", "*", {}),
    ("ec2:DescribeSecurityGroups", "*", {}),
    ("elasticloadbalancing:DescribeTargetHealth", "*", {}),
    ("iam:SimulatePrincipalPolicy", drills.role_arn(ACCOUNT, "us"), {}),
    ("iam:GetRole", drills.role_arn(ACCOUNT, "us"), {}),
    ("kms:ListAliases", "*", {}),
    ("kms:GetKeyPolicy", f"arn:aws:kms:{RECOVERY}:{ACCOUNT}:key/{ID}", {}),
    ("route53:GetHealthCheckStatus", f"arn:aws:route53:::healthcheck/{ID}", {}),
]
FORBIDDEN: Final[dict[str, Request]] = {
    "another cell's database": (
        "rds:PromoteReadReplica",
        f"arn:aws:rds:{RECOVERY}:{ACCOUNT}:db:medical-eu-usw2-db-1",
        {},
    ),
    "a change of an instance": ("rds:ModifyDBInstance", f"arn:aws:rds:{HOME}:{ACCOUNT}:db:medical-us-use2-db-1", {}),
    "the deletion of one": ("rds:DeleteDBInstance", f"arn:aws:rds:{HOME}:{ACCOUNT}:db:medical-us-use2-db-1", {}),
    "another group": (
        "autoscaling:UpdateAutoScalingGroup",
        f"arn:aws:autoscaling:{HOME}:{ACCOUNT}:autoScalingGroup:{ID}:autoScalingGroupName/medical-us-use2-other",
        {"autoscaling:MinSize": "1"},
    ),
    "a group of none": (
        "autoscaling:UpdateAutoScalingGroup",
        f"arn:aws:autoscaling:{HOME}:{ACCOUNT}:autoScalingGroup:{ID}:autoScalingGroupName/medical-us-use2-web",
        {"autoscaling:MinSize": "0"},
    ),
    "other metrics": ("cloudwatch:PutMetricData", "*", {"cloudwatch:namespace": "AWS/RDS"}),
    "the manifest's change": (
        "ssm:PutParameter",
        f"arn:aws:ssm:{RECOVERY}:{ACCOUNT}:parameter{manifest.parameter_name('us')}",
        {},
    ),
    "an approval": (
        "ssm:PutParameter",
        f"arn:aws:ssm:{RECOVERY}:{ACCOUNT}:parameter{drills.approvals_path('us')}/abc",
        {},
    ),
    "an approval's deletion": (
        "ssm:DeleteParameter",
        f"arn:aws:ssm:{RECOVERY}:{ACCOUNT}:parameter{drills.approvals_path('us')}/abc",
        {},
    ),
    "a list of patients' documents": ("s3:ListBucket", "arn:aws:s3:::us-use2-uploads", {}),
    "another cell's lock": (
        "ssm:DeleteParameter",
        f"arn:aws:ssm:{RECOVERY}:{ACCOUNT}:parameter{drills.lock_parameter('eu')}",
        {},
    ),
    "a patient's document": ("s3:GetObject", "arn:aws:s3:::us-use2-uploads/scans/1.pdf", {}),
    "a marker's change": ("s3:PutObject", f"arn:aws:s3:::us-use2-uploads/{markers.object_key('run', 1)}", {}),
    "a marker's deletion": ("s3:DeleteObject", f"arn:aws:s3:::us-use2-uploads/{markers.object_key('run', 1)}", {}),
    "evidence": ("s3:GetObject", "arn:aws:s3:::us-use2-audit/log", {}),
    "a list of evidence": ("s3:ListBucket", "arn:aws:s3:::us-use2-audit", {}),
    "a secret's value": (
        "secretsmanager:GetSecretValue",
        f"arn:aws:secretsmanager:{HOME}:{ACCOUNT}:secret:database-AbCdEf",
        {},
    ),
    "the key without a service": ("kms:Decrypt", f"arn:aws:kms:{HOME}:{ACCOUNT}:key/{ID}", {}),
    "another role's rights": ("iam:GetRole", f"arn:aws:iam::{ACCOUNT}:role/medical-us-use2-web", {}),
    "rights of its own making": ("iam:PutRolePolicy", drills.role_arn(ACCOUNT, "us"), {}),
    "a DNS record": ("route53:ChangeResourceRecordSets", "arn:aws:route53:::hostedzone/Z1", {}),
    "a recovery point": ("backup:DeleteRecoveryPoint", f"arn:aws:backup:{HOME}:{ACCOUNT}:recovery-point:1", {}),
}


def side(cell: str, region: str, abbreviation: str, key: str) -> DrillSide:
    def bucket(role: str) -> str:
        return f"arn:aws:s3:::{cell}-{abbreviation}-{role}"

    return DrillSide(
        names=Names(cell=cell, place=abbreviation),
        region=region,
        key_arn=f"arn:aws:kms:{region}:{ACCOUNT}:key/{key}",
        replicated_arns=[bucket("uploads"), bucket("derived")],
        uploads_arn=bucket("uploads"),
        releases_arn=bucket("releases"),
        release_key="starter-0123456789ab.zip",
        audit_arn=bucket("audit"),
        secret_arns=[
            f"arn:aws:secretsmanager:{region}:{ACCOUNT}:secret:{name}-AbCdEf" for name in ("database", "cache")
        ],
    )


def made(cell: str = "us", home: str = HOME, recovery: str = RECOVERY) -> Program:
    args = DrillRoleArgs(
        cell=cell,
        account_id=ACCOUNT,
        boundary_arn=BOUNDARY,
        home=side(cell, home, "use2", ID),
        recovery=side(cell, recovery, "usw2", ID),
        health_check_ids=[ID] * 4,
    )
    return declare(lambda: DrillRole("global-drill", args, opts_in()))


@pytest.fixture(scope="module")
def program() -> Program:
    return made()


def as_list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def matches(patterns: str | list[str], text: str) -> bool:
    return any(fnmatch.fnmatchcase(text, pattern) for pattern in as_list(patterns))


def concerns(statement: dict[str, Any], action: str, resource: str) -> bool:
    acts = (
        matches(statement["Action"], action) if "Action" in statement else not matches(statement["NotAction"], action)
    )
    if "Resource" in statement:
        return acts and matches(statement["Resource"], resource)
    return acts and not matches(statement["NotResource"], resource)


def holds(condition: dict[str, dict[str, Any]], keys: dict[str, str]) -> bool:
    for operator, expected in condition.items():
        for key, values in expected.items():
            if operator == "NumericGreaterThanEqualsIfExists":
                if key in keys and int(keys[key]) < int(values):
                    return False
            elif operator == "StringEquals":
                if keys.get(key) not in as_list(values):
                    return False
            elif operator == "StringLike":
                if key not in keys or not matches(values, keys[key]):
                    return False
            else:
                raise AssertionError(f"{operator} is not judged here")
    return True


def is_allowed(program: Program, action: str, resource: str, keys: dict[str, str]) -> bool:
    """What IAM would say: a denial wins, and what nothing allows is refused."""
    found = statements(only(program, "aws:iam/rolePolicy:RolePolicy").inputs["policy"])
    told = [item for item in found if concerns(item, action, resource) and holds(item.get("Condition", {}), keys)]
    return bool(told) and all(item["Effect"] == "Allow" for item in told)


def placed(resource: str, keys: dict[str, str]) -> dict[str, str]:
    """The condition keys of a request in the region of what it is about; in recovery's, if that says none."""
    region = resource.split(":")[3] if resource.startswith("arn:") else RECOVERY
    return {"aws:RequestedRegion": region or "us-east-1", **keys}


@pytest.mark.parametrize(("action", "resource", "keys"), NEEDED)
def test_what_a_drill_does_is_allowed(program: Program, action: str, resource: str, keys: dict[str, str]) -> None:
    assert is_allowed(program, action, resource, placed(resource, keys))


@pytest.mark.parametrize(("action", "resource", "keys"), FORBIDDEN.values(), ids=FORBIDDEN)
def test_what_no_drill_does_is_refused(program: Program, action: str, resource: str, keys: dict[str, str]) -> None:
    assert not is_allowed(program, action, resource, placed(resource, keys))


# A bucket, a health check and a role have no region in their names, and each is named whole.
@pytest.mark.parametrize(("action", "resource", "keys"), [item for item in NEEDED if "::" not in item[1]])
def test_nothing_that_lies_in_a_region_is_allowed_in_another(
    program: Program, action: str, resource: str, keys: dict[str, str]
) -> None:
    elsewhere = resource.replace(HOME, ELSEWHERE).replace(RECOVERY, ELSEWHERE)
    assert not is_allowed(program, action, elsewhere, {"aws:RequestedRegion": ELSEWHERE, **keys})


def test_the_switch_is_turned_in_recovery_only(program: Program) -> None:
    keys = {"cloudwatch:namespace": switch.NAMESPACE}
    assert is_allowed(program, "cloudwatch:PutMetricData", "*", {"aws:RequestedRegion": RECOVERY, **keys})
    assert not is_allowed(program, "cloudwatch:PutMetricData", "*", {"aws:RequestedRegion": HOME, **keys})


def test_a_denial_wins_over_whatever_is_allowed_one_day(program: Program) -> None:
    found = statements(only(program, "aws:iam/rolePolicy:RolePolicy").inputs["policy"])
    denied = [item for item in found if item["Effect"] == "Deny"]
    for action, resource in (
        ("s3:GetObject", "arn:aws:s3:::us-usw2-audit/log"),
        ("s3:PutBucketPolicy", "arn:aws:s3:::us-use2-audit"),
        ("backup:DeleteBackupVault", f"arn:aws:backup:{HOME}:{ACCOUNT}:backup-vault:medical-us-use2"),
        ("rds:DeleteDBInstance", f"arn:aws:rds:{HOME}:{ACCOUNT}:db:medical-us-use2-db-1"),
        ("s3:DeleteObjectVersion", "arn:aws:s3:::us-use2-uploads/x"),
        ("kms:ScheduleKeyDeletion", f"arn:aws:kms:{HOME}:{ACCOUNT}:key/{ID}"),
        ("ssm:DeleteParameter", f"arn:aws:ssm:{HOME}:{ACCOUNT}:parameter{manifest.parameter_name('us')}"),
        ("ssm:PutParameter", f"arn:aws:ssm:{RECOVERY}:{ACCOUNT}:parameter{drills.approvals_path('us')}/abc"),
    ):
        assert any(concerns(item, action, resource) for item in denied), action
    assert all("Condition" not in item for item in denied)


def test_people_with_a_second_factor_take_it_and_no_workload_does() -> None:
    found = {item["Sid"]: item for item in statements(trust(ACCOUNT))}
    assert {"PeopleOfIdentityCenter", "UsersWithSecondFactor"} == set(found)
    for item in found.values():
        assert ({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "sts:AssumeRole") == (item["Principal"], item["Action"])
        assert item["Condition"], "no statement is without one"
    path = found["PeopleOfIdentityCenter"]["Condition"]["ArnLike"]["aws:PrincipalArn"]
    role = f"arn:aws:iam::{ACCOUNT}:role"
    assert matches(path, f"{role}/aws-reserved/sso.amazonaws.com/us-east-2/AWSReservedSSO_Operator_0123456789abcdef")
    assert not matches(path, f"{role}/medical-us-use2-web")
    assert not matches(path, f"{role}/AWSReservedSSO_Operator_0123456789abcdef"), "the path is Identity Center's own"
    named = found["PeopleOfIdentityCenter"]["Condition"]["StringLike"]
    assert {"aws:userid": "*:${sts:RoleSessionName}"} == named, "a session names its person"
    factor = found["UsersWithSecondFactor"]["Condition"]
    assert {"aws:MultiFactorAuthPresent": "true"} == factor["Bool"]
    assert {"aws:MultiFactorAuthAge": "3600"} == factor["NumericLessThan"]
    assert {"sts:RoleSessionName": "${aws:username}"} == factor["StringEquals"], "a session names its person"


def test_it_is_called_what_the_service_expects_and_lasts_two_hours(program: Program) -> None:
    role = only(program, "aws:iam/role:Role")
    assert ("medical-us-global-drill", 7200) == (role.inputs["name"], role.inputs["maxSessionDuration"])
    assert 7200 == SESSION_SECONDS
    assert f"arn:aws:iam::{ACCOUNT}:role/{role.inputs['name']}" == drills.role_arn(ACCOUNT, "us")
    assert trust(ACCOUNT) == role.inputs["assumeRolePolicy"]


def test_the_longest_names_fit_into_a_policy() -> None:
    longest = made("c" * CELL_LIMIT, "ap-northeast-1", "ap-southeast-2")
    text = only(longest, "aws:iam/rolePolicy:RolePolicy").inputs["policy"]
    assert json.loads(text)["Statement"]
    assert len(text) < 0.95 * LARGEST, "room for the longer ids that AWS gives"
