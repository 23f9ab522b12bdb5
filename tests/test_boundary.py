"""The permissions boundary: all that the platform's roles do is inside it, and what nobody may do is not."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest

from components.access import limits
from ops.engine.record import Program, reveal
from tests.rights import allows, as_list, granted, managed, matches
from tests.support import ACCOUNT, CELLS, HOME, RECOVERY, statements, whole

POLICY: Final = "aws:iam/policy:Policy"
AUDIT: Final = f"arn:aws:s3:::medical-us-use2-audit-{ACCOUNT}"
UPLOADS: Final = f"arn:aws:s3:::medical-us-use2-uploads-{ACCOUNT}"
WHOLE: Final = limits.statements("us", ACCOUNT, (HOME, RECOVERY))
# What every role but AWS Config's is held to; that one's may look at all there is.
US: Final = [item for item in WHOLE if item["Sid"] != "Recorder"]
CONFIG: Final = "arn:aws:iam::aws:policy/service-role/AWS_ConfigRole"
# What the platform has AWS Backup and RDS do; the managed policies are for every kind of resource there is.
SERVICES: Final = ("backup", "cloudwatch", "events", "kms", "logs", "rds", "s3", "tag")
# Actions of those policies that the platform has no use for.
UNUSED: Final = {
    # there are no clusters, and no instances with tenant databases
    "rds:CopyDBClusterSnapshot",
    "rds:CreateDBClusterSnapshot",
    "rds:CreateTenantDatabase",
    "rds:DeleteDBCluster",
    "rds:DeleteDBClusterAutomatedBackup",
    "rds:DeleteDBClusterSnapshot",
    "rds:DeleteTenantDatabase",
    "rds:ModifyDBCluster",
    "rds:ModifyDBClusterSnapshotAttribute",
    "rds:RestoreDBClusterFromSnapshot",
    "rds:RestoreDBClusterToPointInTime",
    # point-in-time recovery is RDS's own and not AWS Backup's, which would change it on the instance
    "rds:DeleteDBInstanceAutomatedBackup",
    "rds:ModifyDBInstance",
}
FORBIDDEN: Final = (
    ("iam:CreateUser", f"arn:aws:iam::{ACCOUNT}:user/new"),
    ("iam:CreateAccessKey", f"arn:aws:iam::{ACCOUNT}:user/new"),
    ("iam:CreateRole", f"arn:aws:iam::{ACCOUNT}:role/medical-us-new"),
    ("iam:DeleteRolePermissionsBoundary", f"arn:aws:iam::{ACCOUNT}:role/medical-us-use2-web"),
    ("iam:PutRolePermissionsBoundary", f"arn:aws:iam::{ACCOUNT}:role/medical-us-use2-web"),
    ("iam:PutRolePolicy", f"arn:aws:iam::{ACCOUNT}:role/medical-us-use2-web"),
    ("iam:CreatePolicyVersion", f"arn:aws:iam::{ACCOUNT}:policy/medical-us-global-boundary"),
    ("iam:SetDefaultPolicyVersion", f"arn:aws:iam::{ACCOUNT}:policy/medical-us-global-boundary"),
    ("iam:UpdateAssumeRolePolicy", f"arn:aws:iam::{ACCOUNT}:role/medical-us-use2-web"),
    ("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/somebody-elses"),
    ("organizations:LeaveOrganization", "*"),
    ("account:CloseAccount", "*"),
    ("sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/Administrator"),
    ("s3:DeleteObject", f"{AUDIT}/trail/1"),
    ("s3:DeleteObjectVersion", f"{AUDIT}/trail/1"),
    ("s3:PutLifecycleConfiguration", AUDIT),
    ("s3:PutBucketPolicy", AUDIT),
    ("s3:DeleteBucketPolicy", AUDIT),
    ("s3:PutObjectRetention", f"{AUDIT}/trail/1"),
    ("s3:BypassGovernanceRetention", f"{AUDIT}/trail/1"),
    ("cloudtrail:StopLogging", "*"),
    ("cloudtrail:DeleteTrail", "*"),
    ("cloudtrail:UpdateTrail", "*"),
    ("cloudtrail:PutEventSelectors", "*"),
    ("config:StopConfigurationRecorder", "*"),
    ("config:DeleteConfigurationRecorder", "*"),
    ("guardduty:DeleteDetector", "*"),
    ("guardduty:UpdateDetector", "*"),
    ("securityhub:DisableSecurityHub", "*"),
    ("backup:DeleteBackupVault", "*"),
    ("backup:DeleteRecoveryPoint", "*"),
    ("backup:DeleteBackupVaultLockConfiguration", "*"),
    ("logs:DeleteLogGroup", "*"),
    ("logs:DeleteLogStream", "*"),
    ("kms:ScheduleKeyDeletion", "*"),
    ("kms:DisableKey", "*"),
    ("kms:PutKeyPolicy", "*"),
    ("rds:ModifyDBInstance", "*"),
    ("route53:ChangeResourceRecordSets", "*"),
)


@pytest.fixture(scope="module", params=CELLS)
def program(request: pytest.FixtureRequest) -> Program:
    return whole(request.param)


def boundary(program: Program) -> list[dict[str, Any]]:
    (found,) = (item for item in program.of_type(POLICY) if item.name == "global-boundary")
    return [item for item in statements(found.inputs["policy"]) if item["Sid"] != "Recorder"]


def regions(program: Program) -> set[str]:
    return {str(item.inputs["region"]) for item in program.of_type("pulumi:providers:aws")}


def test_all_that_a_role_is_allowed_is_inside_the_boundary_in_both_regions(program: Program) -> None:
    around = boundary(program)
    asked = set(granted(program))
    assert len(asked) > len(FORBIDDEN), "there is much to ask"
    for region in regions(program):
        outside = {found for found in asked if not allows(around, *found[1:], region=region)}
        assert set() == outside, "the boundary would take these from the roles: widen components/access/limits.py"


def test_what_awss_own_policies_do_for_the_platform_is_inside_the_boundary(program: Program) -> None:
    around = boundary(program)
    attached = {
        item.inputs["policyArn"] for item in program.of_type("aws:iam/rolePolicyAttachment:RolePolicyAttachment")
    } - {CONFIG}
    outside = {
        action
        for arn in attached
        for statement in managed(arn)
        for action in as_list(statement["Action"])
        if action.partition(":")[0] in SERVICES
        for resource in as_list(statement["Resource"])
        if not allows(around, action, resource.replace(":*:*:", f":*:{ACCOUNT}:"), region=min(regions(program)))
    }
    assert UNUSED == outside


def test_only_the_recorders_role_may_be_given_whatever_aws_config_reads_by(program: Program) -> None:
    (found,) = (item for item in program.of_type(POLICY) if item.name == "global-boundary")
    (recorder,) = [item for item in statements(found.inputs["policy"]) if item["Sid"] == "Recorder"]
    named = f"arn:aws:iam::{ACCOUNT}:role/medical-{program.stack}-*-config"
    assert {"ArnLike": {"aws:PrincipalArn": named}} == recorder["Condition"]
    roles = {item.inputs["name"]: item for item in program.of_type("aws:iam/role:Role")}
    fitting = [role for name, role in roles.items() if matches(named.rpartition("/")[2], name)]
    services = {
        item["Principal"]["Service"] for role in fitting for item in statements(role.inputs["assumeRolePolicy"])
    }
    assert (2, {"config.amazonaws.com"}) == (len(fitting), services), "one a side, and for AWS Config alone"


@pytest.mark.parametrize(
    ("action", "resource"), [item for item in FORBIDDEN if item[0].partition(":")[0] in ("iam", "config", "guardduty")]
)
def test_nor_does_the_recorders_role_get_rights_or_end_evidence(action: str, resource: str) -> None:
    assert allows(WHOLE, "dynamodb:DescribeTable", "*", region=HOME), "it may look at what no other role does"
    if action != "iam:PassRole":
        assert not allows(WHOLE, action, resource, region=HOME)


@pytest.mark.parametrize(("action", "resource"), FORBIDDEN)
def test_what_nobody_may_do_is_outside(action: str, resource: str) -> None:
    assert not allows(US, action, resource, region=HOME)


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("s3:DeleteObjectVersion", f"{UPLOADS}/1"),
        ("s3:PutObject", f"{AUDIT}/erasures/1"),
        ("s3:ReplicateObject", f"{AUDIT}/erasures/1"),
        ("cloudtrail:LookupEvents", "*"),
        ("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/medical-us-use2-documents-textract"),
        ("iam:SimulatePrincipalPolicy", f"arn:aws:iam::{ACCOUNT}:role/medical-us-global-drill"),
    ],
)
def test_the_like_of_it_that_is_needed_is_inside(action: str, resource: str) -> None:
    assert allows(US, action, resource, region=HOME)


@pytest.mark.parametrize("region", [HOME, RECOVERY, "us-east-1", "eu-central-1"])
def test_only_the_pairs_regions_are_inside_but_for_what_has_no_region(region: str) -> None:
    assert (region in (HOME, RECOVERY)) == allows(US, "s3:PutObject", f"{UPLOADS}/1", region=region)
    assert allows(US, "iam:GetRole", f"arn:aws:iam::{ACCOUNT}:role/medical-us-global-drill", region=region)
    assert allows(US, "route53:GetHealthCheck", "arn:aws:route53:::healthcheck/1", region=region)


def test_the_boundary_fits_for_the_longest_cell(program: Program) -> None:
    (found,) = (item for item in program.of_type(POLICY) if item.name == "global-boundary")
    assert limits.MOST_CHARACTERS >= len(reveal(found.inputs["policy"]))
    longest = {"Version": "2012-10-17", "Statement": limits.statements("c" * 16, ACCOUNT, ("ap-northeast-1",) * 2)}
    assert limits.MOST_CHARACTERS >= len(json.dumps(longest, separators=(",", ":")))
