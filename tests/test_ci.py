"""The roles for CI: who may take each, what a deployment may not do, and that it can make all that is declared."""

from __future__ import annotations

import json
import re
from typing import Any, Final

import pytest

from components.access import ci_trust, limits
from components.access.ci import Ci, CiArgs
from ops.engine.record import Program, reveal
from ops.sandbox.creator import Creator
from ops.sandbox.creators import CREATORS, RECORDED
from tests.rights import allows, as_list, matches
from tests.support import ACCOUNT, CELLS, HOME, RECOVERY, only, opts_in, standing, statements, whole

POLICY: Final = "aws:iam/policy:Policy"
ROLE: Final = "aws:iam/role:Role"
PROVIDER: Final = "aws:iam/openIdConnectProvider:OpenIdConnectProvider"
REPOSITORY: Final = "clinic/platform"
BOUNDARY: Final = f"arn:aws:iam::{ACCOUNT}:policy/medical-us-global-boundary"
ROLES: Final = f"arn:aws:iam::{ACCOUNT}:role/medical-us"
AUDIT: Final = f"arn:aws:s3:::medical-us-use2-audit-{ACCOUNT}"
# boto3's services and operations whose actions IAM calls otherwise.
SERVICES: Final = {"elbv2": "elasticloadbalancing"}
ACTIONS: Final = {
    "budgets:CreateBudget": "budgets:ModifyBudget",
    "s3:PutBucketEncryption": "s3:PutEncryptionConfiguration",
    "s3:PutBucketLifecycleConfiguration": "s3:PutLifecycleConfiguration",
    "s3:PutBucketNotificationConfiguration": "s3:PutBucketNotification",
    "s3:PutBucketReplication": "s3:PutReplicationConfiguration",
    "s3:PutObjectLockConfiguration": "s3:PutBucketObjectLockConfiguration",
    "s3:PutPublicAccessBlock": "s3:PutBucketPublicAccessBlock",
    "s3control:PutPublicAccessBlock": "s3:PutAccountPublicAccessBlock",
    "iam:CreateOpenIdConnectProvider": "iam:CreateOpenIDConnectProvider",
}
# What makes the types that the local cloud cannot hold.
RECORDED_ACTIONS: Final = {
    "aws:accessanalyzer/analyzer:Analyzer": "access-analyzer:CreateAnalyzer",
    "aws:backup/restoreTestingPlan:RestoreTestingPlan": "backup:CreateRestoreTestingPlan",
    "aws:backup/restoreTestingSelection:RestoreTestingSelection": "backup:CreateRestoreTestingSelection",
    "aws:backup/selection:Selection": "backup:CreateBackupSelection",
    "aws:backup/vaultNotifications:VaultNotifications": "backup:PutBackupVaultNotifications",
    "aws:backup/vaultPolicy:VaultPolicy": "backup:PutBackupVaultAccessPolicy",
    "aws:cfg/conformancePack:ConformancePack": "config:PutConformancePack",
    "aws:costexplorer/anomalyMonitor:AnomalyMonitor": "ce:CreateAnomalyMonitor",
    "aws:costexplorer/anomalySubscription:AnomalySubscription": "ce:CreateAnomalySubscription",
    "aws:ebs/snapshotBlockPublicAccess:SnapshotBlockPublicAccess": "ec2:EnableSnapshotBlockPublicAccess",
    "aws:ec2/imageBlockPublicAccess:ImageBlockPublicAccess": "ec2:EnableImageBlockPublicAccess",
    "aws:ec2/instanceMetadataDefaults:InstanceMetadataDefaults": "ec2:ModifyInstanceMetadataDefaults",
    "aws:elasticache/parameterGroup:ParameterGroup": "elasticache:CreateCacheParameterGroup",
    "aws:guardduty/malwareProtectionPlan:MalwareProtectionPlan": "guardduty:CreateMalwareProtectionPlan",
    "aws:rds/optionGroup:OptionGroup": "rds:CreateOptionGroup",
    "aws:securityhub/standardsSubscription:StandardsSubscription": "securityhub:BatchEnableStandards",
    "aws:ssm/serviceSetting:ServiceSetting": "ssm:UpdateServiceSetting",
    "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": "sqs:SetQueueAttributes",
    "aws:secretsmanager/secretRotation:SecretRotation": "secretsmanager:RotateSecret",
}
# What a person makes, in the first deployment or with rights of their own, and no machine changes.
BY_A_PERSON: Final = {
    "backup:PutBackupVaultLockConfiguration": "a lock that can be changed by a machine is none",
    "iam:CreateOpenIDConnectProvider": "who may sign in is decided by no workflow",
    "iam:CreatePolicy": "boundaries and the deploying role's own rights",
    "s3:PutBucketObjectLockConfiguration": "a lock that can be changed by a machine is none",
}
FORBIDDEN: Final = (
    ("s3:BypassGovernanceRetention", f"{AUDIT}/1"),
    ("s3:DeleteObjectVersion", f"{AUDIT}/1"),
    ("s3:PutObjectRetention", f"{AUDIT}/1"),
    ("s3:PutObject", f"{AUDIT}/1"),
    ("s3:GetObject", f"arn:aws:s3:::medical-us-use2-uploads-{ACCOUNT}/1"),
    ("s3:DeleteBucket", AUDIT),
    ("s3:PutBucketPolicy", f"arn:aws:s3:::medical-eu-euc1-audit-{ACCOUNT}"),
    ("cloudtrail:DeleteTrail", f"arn:aws:cloudtrail:{HOME}:{ACCOUNT}:trail/medical-us-global-trail"),
    ("cloudtrail:StopLogging", f"arn:aws:cloudtrail:{HOME}:{ACCOUNT}:trail/medical-us-global-trail"),
    ("config:StopConfigurationRecorder", "*"),
    ("guardduty:DeleteDetector", "*"),
    ("securityhub:DisableSecurityHub", "*"),
    ("backup:DeleteRecoveryPoint", "*"),
    ("backup:DeleteBackupVaultLockConfiguration", f"arn:aws:backup:{HOME}:{ACCOUNT}:backup-vault:medical-us-use2-1"),
    ("logs:DeleteLogGroup", f"arn:aws:logs:{HOME}:{ACCOUNT}:log-group:/medical/us/use2/flow-logs"),
    ("kms:ScheduleKeyDeletion", f"arn:aws:kms:{HOME}:{ACCOUNT}:key/1"),
    ("rds:DeleteDBInstance", f"arn:aws:rds:{HOME}:{ACCOUNT}:db:medical-us-use2-db-1"),
    ("rds:ModifyDBInstance", f"arn:aws:rds:{HOME}:{ACCOUNT}:db:medical-eu-euc1-db-1"),
    ("iam:CreateUser", f"arn:aws:iam::{ACCOUNT}:user/new"),
    ("iam:CreateAccessKey", f"arn:aws:iam::{ACCOUNT}:user/new"),
    ("iam:CreatePolicyVersion", BOUNDARY),
    ("iam:SetDefaultPolicyVersion", BOUNDARY),
    ("iam:DeleteRolePermissionsBoundary", f"{ROLES}-use2-web"),
    ("iam:PutRolePolicy", f"{ROLES}-global-ci-deploy"),
    ("iam:AttachRolePolicy", f"{ROLES}-global-ci-deploy"),
    ("iam:UpdateAssumeRolePolicy", f"{ROLES}-global-ci-preview"),
    ("iam:PassRole", f"{ROLES}-global-ci-deploy"),
    ("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/somebody-elses"),
    ("iam:CreateOpenIDConnectProvider", "*"),
    ("sts:AssumeRole", f"{ROLES}-global-auditor"),
    ("organizations:LeaveOrganization", "*"),
)


def made(cell: str = "us", **settings: str) -> Program:
    return whole(cell, ciRepository=REPOSITORY, **settings)


def deploys(program: Program) -> list[dict[str, Any]]:
    """All that the deploying role's own policies say."""
    found = [item for item in program.of_type(POLICY) if item.name.startswith("global-ci-deploy-")]
    assert 6 == len(found)
    return [statement for item in found for statement in statements(item.inputs["policy"])]


def around(program: Program) -> list[dict[str, Any]]:
    return statements(only(program, POLICY, "global-ci-boundary").inputs["policy"])


def may(program: Program, action: str, resource: str, region: str = HOME) -> bool:
    return allows(deploys(program), action, resource, region=region) and allows(
        around(program), action, resource, region=region
    )


def creation(type_: str) -> set[str]:
    """The actions that make a resource of `type_`, by the table of the local cloud's creators."""
    if type_ in RECORDED:
        return {RECORDED_ACTIONS[type_]}
    creator: Creator = CREATORS[type_]
    calls = [
        (creator.service, creator.operation),
        *((call.service or creator.service, call.operation) for call in creator.then),
    ]
    found = set()
    for service, operation in calls:
        verb = "".join(part.capitalize() for part in operation.split("_"))
        verb = verb.replace("Db", "DB").replace("Acl", "ACL") if service in {"rds", "wafv2"} else verb
        action = f"{SERVICES.get(service, service)}:{verb}"
        found.add(ACTIONS.get(action, action))
    return found


def covered(program: Program, action: str) -> bool:
    """Whether the role may take `action` on something at least."""
    (home,) = (str(item.inputs["region"]) for item in program.of_type("pulumi:providers:aws") if item.name == "home")
    allowed = any(
        matches(as_list(item["Action"]), action, any_case=True)
        for item in deploys(program)
        if item["Effect"] == "Allow"
    )
    on = f"arn:aws:s3:::medical-{program.stack}-home-releases-{ACCOUNT}/1" if action == "s3:PutObject" else "*"
    return allowed and allows(around(program), action, on, region=home)


def subjects(program: Program, role: str) -> list[str]:
    (statement,) = statements(only(program, ROLE, role).inputs["assumeRolePolicy"])
    assert {"Federated": ci_trust.provider_arn(ACCOUNT)} == statement["Principal"]
    assert "sts:AssumeRoleWithWebIdentity" == statement["Action"]
    assert "sts.amazonaws.com" == statement["Condition"]["StringEquals"][f"{ci_trust.ISSUER}:aud"]
    return [
        subject
        for pairs in statement["Condition"].values()
        for key, value in pairs.items()
        if key.endswith(":sub")
        for subject in as_list(value)
    ]


def test_without_a_repository_no_workflow_may_take_anything() -> None:
    program = whole("us")
    assert () == tuple(program.of_type(PROVIDER))
    assert [] == [item.name for item in program.of_type(ROLE) if "ci" in item.name.split("-")]


@pytest.mark.parametrize("cell", CELLS)
def test_only_the_cells_own_environment_deploys_and_the_repositorys_branches_preview(cell: str) -> None:
    program = made(cell)
    assert [f"repo:{REPOSITORY}:environment:{cell}"] == subjects(program, "global-ci-deploy")
    assert [f"repo:{REPOSITORY}:pull_request", f"repo:{REPOSITORY}:ref:refs/heads/*"] == subjects(
        program, "global-ci-preview"
    )


def test_the_accounts_one_provider_is_made_by_the_stack_that_owns_the_account() -> None:
    provider = only(made("us"), PROVIDER)
    assert ("https://token.actions.githubusercontent.com", ["sts.amazonaws.com"]) == (
        provider.inputs["url"],
        provider.inputs["clientIdLists"],
    )
    assert () == tuple(made("eu").of_type(PROVIDER)), "the European stack names the American one as owner"


def test_the_preview_reads_the_state_and_nothing_else() -> None:
    (policy,) = (item for item in made().of_type("aws:iam/rolePolicy:RolePolicy") if item.name == "global-ci-preview")
    state = f"arn:aws:s3:::medical-platform-state-us-{ACCOUNT}"
    assert {
        "StateThere": [state],
        "State": [f"{state}/*"],
        "StateKey": [f"arn:aws:kms:{RECOVERY}:{ACCOUNT}:key/*"],
    } == {item["Sid"]: item["Resource"] for item in statements(policy.inputs["policy"])}
    actions = {action for item in statements(policy.inputs["policy"]) for action in item["Action"]}
    assert {"kms:Decrypt", "kms:DescribeKey", "s3:GetBucketLocation", "s3:GetObject", "s3:ListBucket"} == actions
    assert only(made(), ROLE, "global-ci-preview").inputs["permissionsBoundary"] == BOUNDARY


@pytest.mark.parametrize("cell", CELLS)
def test_all_that_is_declared_can_be_made_by_a_deployment_or_is_left_to_a_person(cell: str) -> None:
    program = made(cell)
    types = {item.type for item in program.registrations if item.type.startswith("aws:")}
    needed = {action for type_ in types for action in creation(type_)}
    missing = {action for action in needed if not covered(program, action)}
    expected = set(BY_A_PERSON) & needed
    assert expected == missing, "give the deploying role the action, or say why a person does it"


def test_what_is_left_to_a_person_is_really_declared() -> None:
    types = {item.type for item in made().registrations if item.type.startswith("aws:")}
    assert set(BY_A_PERSON) <= {action for type_ in types for action in creation(type_)}


@pytest.mark.parametrize(("action", "resource"), FORBIDDEN)
def test_a_deployment_may_not(action: str, resource: str) -> None:
    assert not may(made(), action, resource)


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("s3:PutObject", f"arn:aws:s3:::medical-us-use2-releases-{ACCOUNT}/starter.zip"),
        ("s3:PutBucketPolicy", AUDIT),
        ("s3:DeleteObject", f"arn:aws:s3:::medical-platform-state-us-{ACCOUNT}/.pulumi/locks/1"),
        ("cloudtrail:UpdateTrail", f"arn:aws:cloudtrail:{HOME}:{ACCOUNT}:trail/medical-us-global-trail"),
        ("rds:ModifyDBInstance", f"arn:aws:rds:{HOME}:{ACCOUNT}:db:medical-us-use2-db-1"),
        ("iam:PassRole", f"{ROLES}-use2-web"),
    ],
)
def test_the_like_of_it_that_is_needed_it_may(action: str, resource: str) -> None:
    assert may(made(), action, resource)
    assert not may(made(), action, resource, region="eu-central-1") or action.startswith("iam:")


# Who a deployment does not hand a role to, though it is theirs to take.
TAKEN_OTHERWISE: Final = {
    "ssm.amazonaws.com": "EventBridge's role hands it over when it starts the automation",
    "textract.amazonaws.com": "the function that converts hands it over with each document",
}


def test_every_role_may_be_handed_to_whoever_takes_it() -> None:
    (hand,) = [item for item in deploys(made()) if item["Sid"] == "HandRolesOut"]
    handed = set(hand["Condition"]["StringEquals"]["iam:PassedToService"])
    roles = [json.loads(reveal(item.inputs["assumeRolePolicy"])) for item in made().of_type("aws:iam/role:Role")]
    principals = [item["Principal"] for role in roles for item in role["Statement"]]
    taking = {principal["Service"] for principal in principals if "Service" in principal}
    assert {"ec2.amazonaws.com", "events.amazonaws.com", *TAKEN_OTHERWISE} <= taking, "else this looks at nothing"
    # Synthetics is handed the role by name, and hands it to the function that it makes.
    assert taking - set(TAKEN_OTHERWISE) | {"synthetics.amazonaws.com"} <= handed
    assert not handed & set(TAKEN_OTHERWISE)


def test_a_buckets_policy_opens_nothing_to_a_deployment() -> None:
    """It may put one, and so could allow itself what its own policies do not."""
    for bucket in ("uploads", "derived", "audit"):
        for verb in ("GetObject", "GetObjectVersion", "PutObject"):
            assert not allows(
                around(made()), f"s3:{verb}", f"arn:aws:s3:::medical-us-use2-{bucket}-{ACCOUNT}/1", region=HOME
            )
    assert allows(around(made()), "s3:PutObject", f"arn:aws:s3:::medical-us-use2-releases-{ACCOUNT}/1", region=HOME)


def test_roles_are_made_with_the_cells_boundary_only() -> None:
    (statement,) = (item for item in around(made()) if item["Sid"] == "OnlyWithinTheBoundary")
    assert {"StringNotEquals": {"iam:PermissionsBoundary": BOUNDARY}} == statement["Condition"]
    assert {"iam:AttachRolePolicy", "iam:CreateRole", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy"} == set(
        statement["Action"]
    )


def test_the_deploying_role_carries_limits_of_its_own() -> None:
    program = made()
    role, own = only(program, ROLE, "global-ci-deploy"), only(program, POLICY, "global-ci-boundary")
    assert own.outputs["arn"] == role.inputs["permissionsBoundary"]


@pytest.mark.parametrize("cell", CELLS)
def test_every_policy_fits(cell: str) -> None:
    for item in made(cell).of_type(POLICY):
        text = reveal(item.inputs["policy"]).replace(f"-{cell}-", f"-{'c' * 16}-").replace(f"/{cell}/", f"/{'c' * 16}/")
        assert limits.MOST_CHARACTERS >= len(text), f"{item.name}: {len(text)} characters"
        assert json.loads(text)


def test_whatever_has_a_name_of_ours_is_named() -> None:
    """Every resource holds the cell's name, unless nothing of the kind has a name, or AWS's own is meant."""
    open_ = {
        item["Sid"]
        for item in deploys(made())
        if not all(re.search(r"medical(-us|/us/)|-us-1", resource) for resource in item["Resource"])
        and "Tag/Cell" not in str(item.get("Condition", ""))
    }
    assert {
        "Account",
        "Anomalies",
        "CanaryRuntime",
        "Databases",
        "Detectors",
        "Firewall",
        "Images",
        "LinkedRoles",
        "Look",
        "LookAtAlarms",
        "LookAtAliases",
        "LookAtAwssPolicies",
        "LookAtBalancers",
        "LookAtDatabases",
        "LookAtFleets",
        "LookAtLogs",
        "LookAtMappings",
        "LookAtParameters",
        "LookAtPolicies",
        "MakeMappings",
        "MakeNames",
        "Mappings",
        "MountVaults",
        "Names",
        "QueryLogs",
        "Regions",
        "SetFirewall",
        "StateKey",
        "Subscriptions",
        "TryTemplates",
        "Vaults",
    } == open_


def test_the_roles_and_githubs_provider_stand_in_a_local_aws() -> None:
    def program() -> None:
        args = CiArgs(
            cell="us",
            account_id=ACCOUNT,
            boundary_arn=BOUNDARY,
            repository=REPOSITORY,
            regions=(HOME, RECOVERY),
            owns_account=True,
            owns_regions=True,
        )
        Ci("global-ci", args, opts_in())

    with standing(program) as (_, cloud):
        iam = cloud.client("iam", HOME)
        (provider,) = iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]
        found = iam.get_open_id_connect_provider(OpenIDConnectProviderArn=provider["Arn"])
        assert ["sts.amazonaws.com"] == found["ClientIDList"]
        for name in ("ci-preview", "ci-deploy"):
            role = iam.get_role(RoleName=f"medical-us-global-{name}")["Role"]
            (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
            assert provider["Arn"] == statement["Principal"]["Federated"]
            assert REPOSITORY in str(statement["Condition"])
            assert "PermissionsBoundaryArn" in role["PermissionsBoundary"]
