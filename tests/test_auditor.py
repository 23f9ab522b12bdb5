"""The auditors' role: it reads the evidence, and nothing else, and changes nothing."""

from __future__ import annotations

from typing import Any, Final

import pytest

from components.access.auditor import SESSION_SECONDS
from domain import drills
from ops.engine.record import Program, Registration
from tests.rights import allows, as_list
from tests.support import ACCOUNT, CELLS, HOME, RECOVERY, only, statements, whole

ROLE: Final = "aws:iam/role:Role"
POLICY: Final = "aws:iam/rolePolicy:RolePolicy"
LARGEST: Final = 10_240  # characters of a role's inline policies; source: IAM quotas
AUDIT: Final = f"arn:aws:s3:::medical-us-use2-audit-{ACCOUNT}"
READ: Final = (
    ("s3:GetObject", f"{AUDIT}/AWSLogs/1"),
    ("s3:GetObjectVersion", f"arn:aws:s3:::medical-us-usw2-audit-{ACCOUNT}/AWSLogs/1"),
    ("s3:GetObjectRetention", f"{AUDIT}/AWSLogs/1"),
    ("s3:GetObject", f"arn:aws:s3:::medical-us-use2-logs-{ACCOUNT}/alb/1"),
    ("s3:ListBucketVersions", AUDIT),
    ("s3:GetBucketObjectLockConfiguration", AUDIT),
    ("cloudtrail:LookupEvents", "*"),
    ("logs:FilterLogEvents", f"arn:aws:logs:{HOME}:{ACCOUNT}:log-group:/medical/us/use2/flow-logs"),
    ("logs:StartQuery", f"arn:aws:logs:{HOME}:{ACCOUNT}:log-group:/aws/rds/instance/medical-us-use2-db-1/error"),
    ("config:DescribeConformancePackCompliance", "*"),
    ("securityhub:GetFindings", "*"),
    ("guardduty:GetFindings", "*"),
    ("access-analyzer:ListFindings", "*"),
    ("backup:ListReportJobs", "*"),
    ("iam:GetAccountAuthorizationDetails", "*"),
    ("ssm:GetParameterHistory", f"arn:aws:ssm:{HOME}:{ACCOUNT}:parameter{drills.approvals_path('us')}/abc"),
)
FORBIDDEN: Final = (
    ("s3:GetObject", f"arn:aws:s3:::medical-us-use2-uploads-{ACCOUNT}/1"),
    ("s3:GetObjectVersion", f"arn:aws:s3:::medical-us-use2-derived-{ACCOUNT}/texts/1"),
    ("s3:ListBucket", f"arn:aws:s3:::medical-us-use2-uploads-{ACCOUNT}"),
    ("s3:GetObject", f"arn:aws:s3:::medical-eu-euc1-audit-{ACCOUNT}/1"),
    ("secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:{HOME}:{ACCOUNT}:secret:medical/us/use2/db-AbCdEf"),
    ("logs:FilterLogEvents", f"arn:aws:logs:{HOME}:{ACCOUNT}:log-group:/medical/eu/euc1/flow-logs"),
    ("ssm:GetParameter", f"arn:aws:ssm:{HOME}:{ACCOUNT}:parameter/other"),
    ("s3:PutObject", f"{AUDIT}/1"),
    ("s3:DeleteObjectVersion", f"{AUDIT}/1"),
    ("s3:BypassGovernanceRetention", f"{AUDIT}/1"),
    ("cloudtrail:StopLogging", "*"),
    ("logs:DeleteLogGroup", "*"),
    ("iam:CreateUser", "*"),
    ("ssm:PutParameter", f"arn:aws:ssm:{HOME}:{ACCOUNT}:parameter{drills.approvals_path('us')}/abc"),
    ("rds:PromoteReadReplica", "*"),
    ("sts:AssumeRole", "*"),
)


@pytest.fixture(scope="module", params=CELLS)
def program(request: pytest.FixtureRequest) -> Program:
    return whole(request.param)


def role(program: Program) -> Registration:
    return only(program, ROLE, "global-auditor")


def policy(program: Program) -> list[dict[str, Any]]:
    return statements(only(program, POLICY, "global-auditor").inputs["policy"])


@pytest.mark.parametrize(("action", "resource"), READ)
def test_the_evidence_can_be_read(action: str, resource: str) -> None:
    assert allows(policy(whole("us")), action, resource, region=HOME)


@pytest.mark.parametrize(("action", "resource"), FORBIDDEN)
def test_nothing_else_can_be_read_or_changed(action: str, resource: str) -> None:
    assert not allows(policy(whole("us")), action, resource, region=HOME)


@pytest.mark.parametrize(
    "action", ["s3:PutObject", "secretsmanager:GetSecretValue", "iam:CreateRole", "dynamodb:GetItem", "kms:Encrypt"]
)
def test_what_is_not_listed_stays_denied_whatever_else_is_attached(program: Program, action: str) -> None:
    generous = [*policy(program), {"Effect": "Allow", "Action": ["*"], "Resource": ["*"]}]
    assert not allows(generous, action, "*", region=HOME)
    assert not allows(generous, "s3:GetObject", "arn:aws:s3:::any-other/1", region=HOME)
    assert allows(generous, "guardduty:GetFindings", "*", region=HOME), "what is listed is not"


def test_only_verbs_of_reading_are_allowed(program: Program) -> None:
    verbs = {
        action.partition(":")[2]
        for statement in policy(program)
        if statement["Effect"] == "Allow"
        for action in as_list(statement["Action"])
    }
    reading = ("Decrypt", "Describe", "Filter", "Get", "List", "Lookup", "Select", "StartQuery", "StopQuery")
    assert set() == {verb for verb in verbs if not verb.startswith(reading)}


def test_only_the_evidences_own_objects_are_decrypted(program: Program) -> None:
    found = [item for item in policy(program) if as_list(item.get("Action", [])) == ["kms:Decrypt"]]
    assert 2 == len(found)
    for statement in found:
        (context,) = statement["Condition"]["StringLike"].values()
        assert all("-audit-" in arn for arn in context)
        assert statement["Condition"]["StringEquals"]["kms:ViaService"].startswith("s3.")


def test_only_event_history_is_asked_where_global_services_are(program: Program) -> None:
    (found,) = [item for item in policy(program) if "us-east-1" in str(item.get("Condition", ""))]
    assert (["cloudtrail:LookupEvents"], {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}) == (
        found["Action"],
        found["Condition"],
    )
    around = statements(only(program, "aws:iam/policy:Policy", "global-boundary").inputs["policy"])
    assert allows(around, "cloudtrail:LookupEvents", "*", region="us-east-1")
    assert not allows(around, "cloudtrail:GetTrail", "*", region="us-east-1")


def test_the_policy_fits_and_the_session_lasts_a_working_day(program: Program) -> None:
    assert LARGEST >= len(str(only(program, POLICY, "global-auditor").inputs["policy"]))
    assert SESSION_SECONDS == role(program).inputs["maxSessionDuration"] == 8 * 60 * 60


def test_a_cell_of_one_side_has_auditors_too() -> None:
    alone = whole("us", posture="backup-only", recoveryRegion="none", recoveryCidr="none")
    assert allows(policy(alone), "s3:GetObject", f"{AUDIT}/1", region=HOME)
    assert RECOVERY not in str(policy(alone))
