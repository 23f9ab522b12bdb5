"""Who may do what, and who is reached from where, over each whole stack: a short list of exceptions, each explained."""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import pytest

from components.access import people
from ops.engine.record import Program, Registration, reveal
from tests.rights import Statement, as_list, managed, matches
from tests.support import ACCOUNT, CELLS, statements, whole

AWS_MANAGED: Final = "arn:aws:iam::aws:policy"
BACKUP: Final = "backup.amazonaws.com"
# The managed policies that are attached, and the only service whose roles may carry each. They are AWS's own words for
# what the service does with the role; a copy of ours would lag behind it.
MANAGED: Final = {
    # RDS writes the figures of enhanced monitoring into its own log group.
    (f"{AWS_MANAGED}/service-role/AmazonRDSEnhancedMonitoringRole", "monitoring.rds.amazonaws.com"),
    # AWS Config records what it can read, of more types every month.
    (f"{AWS_MANAGED}/service-role/AWS_ConfigRole", "config.amazonaws.com"),
    # AWS Backup takes recovery points; S3 has policies of its own.
    (f"{AWS_MANAGED}/service-role/AWSBackupServiceRolePolicyForBackup", BACKUP),
    (f"{AWS_MANAGED}/AWSBackupServiceRolePolicyForS3Backup", BACKUP),
    # AWS Backup restores them, to prove that they can be.
    (f"{AWS_MANAGED}/service-role/AWSBackupServiceRolePolicyForRestores", BACKUP),
    (f"{AWS_MANAGED}/AWSBackupServiceRolePolicyForS3Restore", BACKUP),
}
TOO_MUCH: Final = re.compile(r"Admin|FullAccess|PowerUser|ReadOnlyAccess", re.IGNORECASE)
# (policy, statement) that are allowed on every resource.
ON_EVERYTHING: Final = {
    ("canaries", "Buckets"),  # the list of an account's buckets is no resource
    ("canaries", "Report"),  # metrics are no resource; the condition names the namespace
    ("web", "SessionManager"),  # IAM knows no narrower resource for what the agent calls
    ("web", "AgentMetrics"),  # a metric has no ARN: the condition names the namespace
    ("drill", "Switch"),  # a metric has no ARN: the condition names its namespace and its region
    *((f"documents-{name}", "Trace") for name in ("convert", "text", "erase")),  # traces have no ARN; own region only
    *((f"documents-{name}", "ReadText") for name in ("convert", "text")),  # nor have Textract's documents
    ("auditor", "GlobalEvents"),  # event history has no ARN; what global services were asked is in one region
    ("auditor", "Look"),  # what detectors, recorder and trail say, in the cell's two regions by condition
    ("auditor", "Rights"),  # an auditor asks of every role and user of the account, and changes none
    ("rotation", "NetworkLook"),  # descriptions have no resources; its own code is denied them
    ("operations-redrive", "Look"),  # figures without resources, in the side's region by condition
    ("operations-repair", "Look"),  # as the drill's, in the side's region by condition
    ("drill", "Look"),  # descriptions and figures without resources, in the cell's two regions by condition
}
EVERYTHING: Final = re.compile(r"\*|arn:[^:]*:[^:]*:[^:]*:[^:]*:\*")
# IAM by resource types: whatever else would hand rights out must be judged here first (users have keys that leak).
IAM_TYPES: Final = {
    "aws:iam/instanceProfile:InstanceProfile",
    "aws:iam/policy:Policy",
    "aws:iam/role:Role",
    "aws:iam/rolePolicy:RolePolicy",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
}
BOUNDARY: Final = "global-boundary"
# Roles that people take; tests/test_drill_role.py and tests/test_auditor.py have who and what.
PEOPLE: Final = {"global-auditor", "global-drill"}
NO_SOURCE: Final = {"ec2.amazonaws.com"}  # services that never say for whom they take a role
# Neither S3 documents that replication says it, nor GuardDuty that its scanner does, nor Lambda that a function does,
# nor CloudTrail that a trail does.
SOURCE_IF_TOLD: Final = {
    "cloudtrail.amazonaws.com",
    "lambda.amazonaws.com",
    "malware-protection-plan.guardduty.amazonaws.com",
    "s3.amazonaws.com",
}
ACTION: Final = re.compile(r"`([a-z0-9-]+:[A-Za-z0-9]+)`")
ROLE: Final = "aws:iam/role:Role"
WORLD: Final = "0.0.0.0/0"
ENDPOINT: Final = "aws:ec2/vpcEndpoint:"  # no store: what may pass through is in tests/test_endpoint_policies.py
INGRESS: Final = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"


@pytest.fixture(scope="module", params=CELLS)
def program(request: pytest.FixtureRequest) -> Program:
    return whole(request.param)


def trusted(role: Registration) -> list[dict[str, Any]]:
    """The statements that say who may take a role."""
    return statements(role.inputs["assumeRolePolicy"])


def attached(program: Program) -> Iterator[tuple[str, str]]:
    """Each managed policy that a role carries, and the service that takes the role."""
    roles = program.of_type("aws:iam/role:Role")
    by_name = {name: role for role in roles for name in (role.id, role.inputs["name"])}
    for item in program.of_type("aws:iam/rolePolicyAttachment:RolePolicyAttachment"):
        for statement in trusted(by_name[item.inputs["role"]]):
            yield item.inputs["policyArn"], statement["Principal"]["Service"]


def granted(program: Program) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each statement of an identity policy, with the policy's name less its side's."""
    for item in program.of_type("aws:iam/rolePolicy:RolePolicy"):
        for statement in statements(item.inputs["policy"]):
            yield item.name.partition("-")[2], statement


def allowed(program: Program) -> Iterator[tuple[str, dict[str, Any]]]:
    """As `granted`, but only what allows: what denies may well name everything."""
    return ((name, statement) for name, statement in granted(program) if statement["Effect"] == "Allow")


def test_rights_are_handed_out_by_roles_and_their_policies_only(program: Program) -> None:
    # Of users, of whom the platform makes none: one an account, made by the stack that owns it.
    of_account = {"aws:iam/accountPasswordPolicy:AccountPasswordPolicy"} if program.stack == "us" else set()
    assert {item.type for item in program.registrations if item.type.startswith("aws:iam/")} == IAM_TYPES | of_account
    for role in program.of_type("aws:iam/role:Role"):
        assert not {"managedPolicyArns", "inlinePolicies"} & set(role.inputs), "policies are resources"


def test_exactly_the_explained_managed_policies_are_attached_to_roles_of_their_service(program: Program) -> None:
    assert set(attached(program)) == MANAGED


def test_no_role_carries_a_policy_for_people(program: Program) -> None:
    assert [] == [arn for arn, _ in attached(program) if TOO_MUCH.search(arn)]
    assert TOO_MUCH.search(f"{AWS_MANAGED}/AdministratorAccess"), "the search can find one"


def test_every_statement_names_its_actions(program: Program) -> None:
    found = list(allowed(program))
    assert {"web", "replication", "network-flow-logs", "drill"} <= {name for name, _ in found}
    for name, statement in found:
        assert {"Action", "Resource"} <= set(statement), "no NotAction, no NotResource"
        wild = [action for action in as_list(statement["Action"]) if "*" in action]
        assert [] == wild, f"{name}, {statement['Sid']}"


def test_only_what_is_explained_is_allowed_on_every_resource(program: Program) -> None:
    everywhere = {
        (name, statement["Sid"])
        for name, statement in allowed(program)
        if any(EVERYTHING.fullmatch(resource) for resource in as_list(statement["Resource"]))
    }
    reads_text = any(sid == "ReadText" for _, sid in everywhere)
    assert everywhere == {item for item in ON_EVERYTHING if reads_text or item[1] != "ReadText"}
    assert reads_text == (program.stack != "apac"), "there is no Textract in Japan"


def test_every_role_but_peoples_is_taken_by_one_service_for_this_account_only(program: Program) -> None:
    roles = program.of_type("aws:iam/role:Role")
    assert PEOPLE <= {role.name for role in roles}
    for role in roles:
        if role.name in PEOPLE:
            assert people.trust(ACCOUNT) == role.inputs["assumeRolePolicy"]
            continue
        (statement,) = trusted(role)
        assert {"Service"} == set(statement["Principal"]), f"{role.name} is for a service, not for people or accounts"
        service, condition = statement["Principal"]["Service"], statement.get("Condition", {})
        if service in NO_SOURCE:
            assert {} == condition
            continue
        operator = "StringEqualsIfExists" if service in SOURCE_IF_TOLD else "StringEquals"
        assert {"aws:SourceAccount": ACCOUNT} == condition[operator], f"{role.name} could be taken for another account"


def test_whatever_comes_from_an_address_comes_from_the_world_to_the_load_balancer_or_from_the_own_vpc(
    program: Program,
) -> None:
    networks = {
        program.region_of(item): ipaddress.IPv4Network(item.inputs["cidrBlock"])
        for item in program.of_type("aws:ec2/vpc:Vpc")
    }
    balancers = program.of_type("aws:lb/loadBalancer:LoadBalancer")
    edges = {(program.region_of(item), group) for item in balancers for group in item.inputs["securityGroups"]}
    open_ = set()
    for rule in program.of_type(INGRESS):
        assert "cidrIpv6" not in rule.inputs, f"{rule.name}: the networks have no IPv6"
        source, region = rule.inputs.get("cidrIpv4"), program.region_of(rule)
        if source == WORLD:
            assert (region, rule.inputs["securityGroupId"]) in edges, f"{rule.name} lets the world in"
            open_.add((rule.inputs["ipProtocol"], rule.inputs["fromPort"], rule.inputs["toPort"]))
        elif source is not None:
            own = networks[region]
            assert ipaddress.IPv4Network(source).subnet_of(own), f"{rule.name} admits {source}, beyond {own}"
    assert {("tcp", 80, 80), ("tcp", 443, 443)} == open_


def test_every_ingress_rule_has_one_source_that_is_no_prefix_list(program: Program) -> None:
    for rule in program.of_type(INGRESS):
        sources = {"cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId"} & set(rule.inputs)
        assert 1 == len(sources), f"{rule.name}: {sources}"
        assert "prefixListId" not in sources, f"{rule.name}: others decide what is in a prefix list"


def test_no_rule_is_of_a_type_that_these_tests_do_not_see(program: Program) -> None:
    known = {INGRESS, INGRESS.replace("Ingress", "Egress").replace("ingress", "egress")}
    rules = {item.type for item in program.registrations if re.search(r"securityGroup\w*Rule", item.type)}
    assert known == rules
    inline = [item.name for item in program.of_type("aws:ec2/securityGroup:SecurityGroup") if "ingress" in item.inputs]
    assert [] == inline


def test_no_resource_policy_of_a_store_lets_everybody_in(program: Program) -> None:
    """A policy that is no role's: who it allows is a service, this account, or everybody under a condition."""
    for item in program.registrations:
        if item.type.startswith(("aws:iam/", ENDPOINT)) or not isinstance(reveal(item.inputs.get("policy")), str):
            continue
        for statement in json.loads(reveal(item.inputs["policy"]))["Statement"]:
            everybody = "*" in json.dumps(statement.get("Principal", ""))
            assert statement["Effect"] == "Deny" or not everybody or statement.get("Condition"), item.name


def test_every_role_carries_the_boundary_of_its_cell(program: Program) -> None:
    (boundary,) = (item for item in program.of_type("aws:iam/policy:Policy") if item.name == BOUNDARY)
    roles = program.of_type("aws:iam/role:Role")
    without = [item.name for item in roles if item.inputs.get("permissionsBoundary") != boundary.outputs["arn"]]
    assert [] == without, "give the role permissions_boundary=args.boundary_arn, which a Side carries"
    unordered = [item.name for item in roles if boundary.urn not in item.property_dependencies["permissionsBoundary"]]
    assert [] == unordered, "no role stands before its boundary"


def rows() -> dict[str, tuple[list[str], list[str]]]:
    """What docs/security.md says of each role: the actions that it may take, and those that it may not."""
    page = (Path(__file__).parents[1] / "docs" / "security.md").read_text(encoding="utf-8")
    lines = page.partition("<!-- roles -->")[2].partition("<!-- /roles -->")[0].strip().splitlines()[2:]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {role.strip("`"): (ACTION.findall(may), ACTION.findall(not_)) for role, _, may, not_ in cells}


def acts(program: Program) -> dict[str, set[str]]:
    """The actions that each role's policies allow on anything, by the role's name less cell and side."""
    policies = {item.outputs["arn"]: item.inputs["policy"] for item in program.of_type("aws:iam/policy:Policy")}
    names = {key: item.inputs["name"] for item in program.of_type(ROLE) for key in (item.id, item.inputs["name"])}
    found: dict[str, set[str]] = {name.split("-", 3)[3]: set() for name in names.values()}
    given: list[tuple[str, Sequence[Statement]]] = [
        (item.inputs["role"], statements(item.inputs["policy"]))
        for item in program.of_type("aws:iam/rolePolicy:RolePolicy")
    ]
    for item in program.of_type("aws:iam/rolePolicyAttachment:RolePolicyAttachment"):
        arn = item.inputs["policyArn"]
        given.append((item.inputs["role"], statements(policies[arn]) if arn in policies else managed(arn)))
    for role, said in given:
        for statement in said:
            if statement["Effect"] == "Allow":
                found[names[role].split("-", 3)[3]] |= set(as_list(statement["Action"]))
    return found


def test_the_page_tells_of_every_role_what_it_may_and_may_not() -> None:
    told, real = rows(), acts(whole("us", ciRepository="clinic/platform"))
    assert set(real) == set(told), "docs/security.md has a row for each role in its table"
    for role, (may, may_not) in told.items():
        assert may, f"{role}: name an action that it may take"
        assert may_not, f"{role}: name an action that it may not take"
        for action in may:
            assert matches(sorted(real[role]), action), f"{role} may not {action}"
        for action in may_not:
            assert not matches(sorted(real[role]), action), f"{role} may {action}"
