"""Each invariant of every program can fail: a program that breaks it is told so."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any, Final

import pytest

import settings
from ops.engine import project
from ops.engine.record import Program, Registration, reveal
from tests import invariants, limits, watching
from tests.case import Case, Invariant
from tests.support import whole

PASSWORD: Final = "random:index/randomPassword:RandomPassword"  # noqa: S105 - a type's name
BUCKET: Final = "aws:s3/bucket:Bucket"
LIFECYCLE: Final = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
INGRESS: Final = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"


@cache
def us() -> Case:
    return Case(program=whole("us"), settings=settings.load("us", project.load("us").stated))


def changed(type_: str, change: Callable[[Registration], Registration], *, name: str = "") -> Program:
    """The shipped cell with the first resource of a type (whose name holds `name`) changed."""
    program = us().program
    first = next(item for item in program.of_type(type_) if name in item.name)
    rest = tuple(change(item) if item is first else item for item in program.registrations)
    return replace(program, registrations=rest)


def said(type_: str, *, name: str = "", **inputs: Any) -> Program:  # noqa: ANN401 - a property tree is any JSON
    """As above, with other inputs; an input that is None is not given."""

    def change(item: Registration) -> Registration:
        laid = {**item.inputs, **inputs}
        return replace(item, inputs={key: value for key, value in laid.items() if value is not None})

    return changed(type_, change, name=name)


def waits_for_itself(item: Registration) -> Registration:
    return replace(item, dependencies=(item.urn,))


def waits_for_nothing(item: Registration) -> Registration:
    return replace(item, property_dependencies={"vpcId": ("urn:of:nothing",)})


def leak() -> Program:
    program = us().program
    password = str(reveal(program.of_type(PASSWORD)[0].outputs["result"]))
    return replace(program, exports={**program.exports, "password": [{"of": f"x{password}y"}]})


BREAKS: Final[Mapping[Invariant, tuple[Callable[[], Program], ...]]] = {
    invariants.every_aws_resource_is_carried_by_its_own_sides_provider: (
        lambda: changed(BUCKET, lambda item: replace(item, provider="")),
        lambda: changed(BUCKET, lambda item: replace(item, provider=providers()[1]), name="home"),
    ),
    invariants.no_resource_chooses_a_region_of_its_own: (lambda: said(BUCKET, region="eu-west-1"),),
    invariants.each_side_has_a_provider_that_refuses_every_account_but_the_cells: (
        lambda: said("pulumi:providers:aws", allowedAccountIds=None),
        lambda: said("pulumi:providers:aws", region="us-east-1"),
    ),
    invariants.every_edge_leads_to_a_resource_that_is_there_and_none_leads_back: (
        lambda: changed(BUCKET, waits_for_itself),
        lambda: changed(BUCKET, waits_for_nothing),
    ),
    invariants.every_input_says_something: (lambda: said(BUCKET, tags={"Dataset": "None"}),),
    invariants.no_two_physical_names_collide: (
        lambda: said(BUCKET, name="recovery-storage-uploads", bucket="medical-us-use2-uploads-111122223333"),
    ),
    invariants.every_physical_name_is_the_platforms_and_within_its_services_limit: (
        lambda: said(BUCKET, bucket="uploads"),
        lambda: said(BUCKET, bucket=f"medical-us-{'a' * 60}"),
        lambda: said(BUCKET, bucket=None),
    ),
    invariants.the_world_reaches_the_load_balancers_on_80_and_443_and_nothing_else: (
        lambda: said(INGRESS, name="web", cidrIpv4="0.0.0.0/0"),
        lambda: said(INGRESS, name="database", cidrIpv6="::/0"),
        lambda: said(INGRESS, name="443", cidrIpv4="10.0.0.0/8"),
    ),
    invariants.no_security_group_holds_rules_of_its_own: (
        lambda: said("aws:ec2/securityGroup:SecurityGroup", ingress=[{"fromPort": 22}]),
    ),
    invariants.only_load_balancers_and_nat_gateways_have_public_addresses: (
        lambda: said("aws:ec2/subnet:Subnet", mapPublicIpOnLaunch=True),
        lambda: said("aws:rds/instance:Instance", publiclyAccessible=None),
        lambda: said("aws:ec2/launchTemplate:LaunchTemplate", networkInterfaces=[{"associatePublicIpAddress": "true"}]),
    ),
    invariants.whatever_holds_data_is_encrypted_with_its_own_sides_key: (
        lambda: said("aws:sqs/queue:Queue", kmsMasterKeyId=None),
        lambda: said("aws:sns/topic:Topic", kmsMasterKeyId="alias/aws/sns"),
        lambda: changed(BUCKET, lambda item: replace(item, type="aws:dynamodb/table:Table")),
    ),
    invariants.each_copy_of_a_secret_is_encrypted_with_the_key_of_where_it_goes: (
        lambda: said("aws:secretsmanager/secret:Secret", replicas=[{"region": "us-west-2"}]),
        lambda: said("aws:secretsmanager/secret:Secret", replicas=[{"region": "eu-west-1"}]),
    ),
    invariants.every_bucket_but_the_log_buckets_is_encrypted_with_its_own_sides_key: (
        lambda: said(
            "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
            name="uploads",
            rules=[{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}],
        ),
        lambda: said(
            "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
            bucket="another",
        ),
    ),
    invariants.what_holds_data_is_protected_unless_the_stack_may_be_thrown_away: (
        lambda: changed(BUCKET, lambda item: replace(item, protect=False)),
        lambda: said(BUCKET, forceDestroy=True),
        lambda: said("aws:rds/instance:Instance", deletionProtection=False),
    ),
    invariants.no_secret_is_an_output_or_an_input_in_clear: (leak,),
    invariants.no_region_is_named_but_the_cells_own: (lambda: said(BUCKET, tags={"Home": "eu-west-1"}),),
    invariants.no_data_lie_or_go_outside_the_jurisdiction: (
        lambda: said("pulumi:providers:aws", region="eu-west-1"),
        lambda: said(
            "aws:secretsmanager/secret:Secret", name="database", replicas=[{"region": "eu-west-1", "kmsKeyId": "k"}]
        ),
    ),
    invariants.every_role_is_bound_by_the_cells_boundary: (
        lambda: said("aws:iam/role:Role", permissionsBoundary=None),
        lambda: said("aws:iam/role:Role", permissionsBoundary="arn:aws:iam::aws:policy/AdministratorAccess"),
    ),
    invariants.the_guardrails_find_nothing_but_what_was_asked_for: (
        lambda: said("aws:rds/instance:Instance", publiclyAccessible=True),
    ),
    limits.every_document_is_within_its_services_limit: (
        lambda: said("aws:iam/rolePolicy:RolePolicy", policy="a" * 10_241),
        lambda: said("aws:iam/role:Role", assumeRolePolicy="a" * 2_049),
        lambda: said("aws:ssm/parameter:Parameter", value="\u00fc" * 2_049),
        lambda: said("aws:ec2/launchTemplate:LaunchTemplate", userData=base64.b64encode(b"a" * 16_385).decode()),
        lambda: said("aws:lambda/function:Function", environment={"variables": {"A": "a" * 4_097}}),
        lambda: said(BUCKET, tags={"Dataset": "a" * 257}),
    ),
    limits.no_backup_is_kept_for_less_or_longer_than_its_vault_admits: (
        lambda: said("aws:backup/vaultLockConfiguration:VaultLockConfiguration", minRetentionDays=36),
        lambda: said("aws:backup/vaultLockConfiguration:VaultLockConfiguration", maxRetentionDays=2191),
    ),
    limits.nothing_expires_before_it_is_moved_to_where_it_costs_less: (
        lambda: said(LIFECYCLE, rules=[{"transitions": [{"days": 30}], "expiration": {"days": 30}}]),
        lambda: said(LIFECYCLE, rules=[{"transitions": [{"days": 29, "storageClass": "STANDARD_IA"}]}]),
    ),
    limits.no_two_subnets_overlap_and_each_lies_in_its_network: (
        lambda: said("aws:ec2/subnet:Subnet", cidrBlock="10.99.0.0/22"),
        lambda: said("aws:ec2/subnet:Subnet", name="data", cidrBlock="10.10.0.0/22"),
    ),
    watching.whatever_can_log_does: (
        lambda: said("aws:rds/instance:Instance", enabledCloudwatchLogsExports=["error", "slowquery"]),
        lambda: said("aws:lb/loadBalancer:LoadBalancer", connectionLogs=None),
        lambda: said("aws:ec2/flowLog:FlowLog", vpcId="vpc-of-another"),
    ),
    watching.no_load_balancer_is_open_before_its_firewall: (
        lambda: said(watching.ASSOCIATION, resourceArn="arn:of:another"),
        lambda: changed("aws:lb/listener:Listener", lambda item: replace(item, property_dependencies={})),
    ),
}


def providers() -> list[str]:
    return [item.urn for item in us().program.of_type("pulumi:providers:aws")]


def test_every_invariant_is_broken_here() -> None:
    assert set(invariants.EVERY) == set(BREAKS)
    assert [] == invariants.broken(us())


@pytest.mark.parametrize(
    ("invariant", "program"),
    [(invariant, program) for invariant, programs in BREAKS.items() for program in programs],
    ids=lambda item: item.__name__.strip("<>"),
)
def test_what_breaks_an_invariant_is_found(invariant: Invariant, program: Callable[[], Program]) -> None:
    assert [] != list(invariant(replace(us(), program=program())))


def test_a_throw_away_stack_that_keeps_its_data_is_found() -> None:
    thrown = us().settings.model_copy(update={"throw_away": True})
    assert [] != list(
        invariants.what_holds_data_is_protected_unless_the_stack_may_be_thrown_away(replace(us(), settings=thrown))
    )
