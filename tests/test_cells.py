"""Each real stack, whole, as the engine records it; and the three stacks against each other."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import pytest

from domain import naming
from domain.regions import REGIONS
from ops.engine import project, runner
from ops.engine.record import Program, Registration, Secret, reveal
from ops.engine.synthetic import Unknown
from tests.support import CELLS, whole

PORTS_OF_THE_WORLD: Final = {80, 443}

# Where each type that holds data, or passes it on, names the key that encrypts it.
ENCRYPTED_BY: Final[Mapping[str, Callable[[Mapping[str, Any]], list[Any]]]] = {
    "aws:backup/vault:Vault": lambda inputs: [inputs["kmsKeyArn"]],
    "aws:cloudwatch/logGroup:LogGroup": lambda inputs: [inputs["kmsKeyId"]],
    "aws:ec2/launchTemplate:LaunchTemplate": lambda inputs: [
        device["ebs"]["kmsKeyId"] for device in inputs["blockDeviceMappings"]
    ],
    "aws:elasticache/replicationGroup:ReplicationGroup": lambda inputs: [inputs["kmsKeyId"]],
    "aws:lambda/function:Function": lambda inputs: [inputs["kmsKeyArn"]],
    "aws:rds/instance:Instance": lambda inputs: [inputs["kmsKeyId"], inputs["performanceInsightsKmsKeyId"]],
    "aws:s3/bucketObjectv2:BucketObjectv2": lambda inputs: [inputs["kmsKeyId"]],
    "aws:secretsmanager/secret:Secret": lambda inputs: [inputs["kmsKeyId"]],
    "aws:sns/topic:Topic": lambda inputs: [inputs["kmsMasterKeyId"]],
    "aws:sqs/queue:Queue": lambda inputs: [inputs["kmsMasterKeyId"]],
    "aws:ssm/parameter:Parameter": lambda inputs: [inputs["keyId"]],
}
# Types that hold nothing of their own: wiring, rules, names, or settings of another resource.
HOLDS_NOTHING: Final = re.compile(
    r"pulumi:providers:aws|random:index/randomPassword:RandomPassword"
    r"|aws:acm/.*|aws:autoscaling/.*|aws:iam/.*|aws:kms/.*|aws:lb/.*|aws:route53/.*|aws:vpc/.*"
    r"|aws:backup/(?!vault:|logicallyAirGapped).*"
    r"|aws:ec2/(?!launchTemplate|instance|volume).*"
    r"|aws:elasticache/(parameterGroup|subnetGroup):.*|aws:rds/(parameterGroup|subnetGroup):.*"
    r"|aws:cloudwatch/(eventRule|eventTarget|logResourcePolicy|metricAlarm):.*"
    r"|aws:guardduty/malwareProtectionPlan:.*|aws:lambda/eventSourceMapping:.*"
    r"|aws:s3/bucket(?!Objectv2).*"  # the key is in the bucket's encryption configuration, checked on its own
    r"|aws:secretsmanager/secretVersion:.*|aws:sns/topic(Policy|Subscription):.*|aws:sqs/queuePolicy:.*"
    r"|aws:sqs/(redriveAllowPolicy|redrivePolicy):.*",
)
# The inputs that give a resource its physical name, and the longest that its service takes.
NAMED_BY: Final = {
    "aws:autoscaling/group:Group": ("name", 255),
    "aws:backup/plan:Plan": ("name", 50),
    "aws:backup/vault:Vault": ("name", 50),
    "aws:cloudwatch/eventRule:EventRule": ("name", 64),
    "aws:cloudwatch/logGroup:LogGroup": ("name", 512),
    "aws:cloudwatch/metricAlarm:MetricAlarm": ("name", 255),
    "aws:ec2/launchTemplate:LaunchTemplate": ("name", 128),
    "aws:ec2/securityGroup:SecurityGroup": ("name", 255),
    "aws:elasticache/parameterGroup:ParameterGroup": ("name", 255),
    "aws:elasticache/replicationGroup:ReplicationGroup": ("replicationGroupId", 40),
    "aws:elasticache/subnetGroup:SubnetGroup": ("name", 255),
    "aws:iam/instanceProfile:InstanceProfile": ("name", 128),
    "aws:iam/role:Role": ("name", 64),
    "aws:kms/alias:Alias": ("name", 256),
    "aws:lambda/function:Function": ("name", 64),
    "aws:lb/loadBalancer:LoadBalancer": ("name", 32),
    "aws:lb/targetGroup:TargetGroup": ("name", 32),
    "aws:rds/instance:Instance": ("identifier", 63),
    "aws:rds/parameterGroup:ParameterGroup": ("name", 255),
    "aws:rds/subnetGroup:SubnetGroup": ("name", 255),
    "aws:s3/bucket:Bucket": ("bucket", 63),
    "aws:secretsmanager/secret:Secret": ("name", 512),
    "aws:sns/topic:Topic": ("name", 256),
    "aws:sqs/queue:Queue": ("name", 80),
    "aws:ssm/parameter:Parameter": ("name", 1011),
}
GLOBAL_TYPES: Final = ("aws:iam/", "aws:s3/bucket:")  # names that are unique across regions


@pytest.fixture(scope="module", params=CELLS)
def program(request: pytest.FixtureRequest) -> Program:
    return whole(request.param)


def side_of(program: Program, item: Registration) -> str:
    """The side whose part of the tree `item` stands in; empty for what belongs to the cell."""
    known = program.by_urn()
    while item.parent in known:
        if item.type == "medical:regional:RegionalStack":
            return item.name
        item = known[item.parent]
    return ""


def aws_resources(program: Program) -> Iterator[Registration]:
    return (item for item in program.registrations if item.type.startswith("aws:"))


def test_every_aws_resource_is_carried_by_its_own_sides_provider(program: Program) -> None:
    providers = program.by_urn()
    for item in aws_resources(program):
        assert item.provider in providers, f"{item.urn} would land on a default provider"
        carried_by, side = providers[item.provider].name, side_of(program, item)
        assert side in ("", carried_by), f"{item.urn} stands in {side} but is carried by {carried_by}'s provider"


def test_no_resource_chooses_a_region_of_its_own(program: Program) -> None:
    assert [] == [item.urn for item in aws_resources(program) if "region" in item.inputs]


def test_each_provider_refuses_every_account_but_the_cells(program: Program) -> None:
    accounts = {item.name: item.inputs["allowedAccountIds"] for item in program.of_type("pulumi:providers:aws")}
    assert {"home": ["111122223333"], "recovery": ["111122223333"]} == accounts


def test_the_same_resources_are_registered_when_nothing_is_known_yet(program: Program) -> None:
    unknown = runner.run(project.load(program.stack), Unknown())
    assert {item.urn for item in program.registrations} == {item.urn for item in unknown.registrations}


def test_every_edge_leads_to_a_resource_that_is_there_and_none_leads_back(program: Program) -> None:
    known = program.by_urn()
    edges = {
        item.urn: {*item.dependencies, *(urn for urns in item.property_dependencies.values() for urn in urns)}
        for item in program.registrations
    }
    dangling = {(urn, other) for urn, others in edges.items() for other in others if other not in known}
    assert set() == dangling
    done: set[str] = set()
    while len(done) < len(edges):
        ready = {urn for urn, others in edges.items() if urn not in done and others <= done}
        assert ready, f"these wait for each other: {sorted(set(edges) - done)}"
        done |= ready


def test_a_load_balancer_waits_for_the_way_to_the_internet(program: Program) -> None:
    known = program.by_urn()
    for balancer in program.of_type("aws:lb/loadBalancer:LoadBalancer"):
        subnets = balancer.property_dependencies["subnets"]
        assert 3 == sum(known[urn].type == "aws:ec2/route:Route" for urn in subnets)


def test_every_input_says_something(program: Program) -> None:
    said = {item.urn: str(reveal(item.inputs)) for item in aws_resources(program)}
    assert [] == [urn for urn, text in said.items() if "'None'" in text or "${}" in text]


def test_no_two_physical_names_collide(program: Program) -> None:
    names = Counter(
        (
            item.type,
            "" if item.type.startswith(GLOBAL_TYPES) else program.region_of(item),
            item.inputs[NAMED_BY[item.type][0]],
        )
        for item in program.registrations
        if item.type in NAMED_BY
    )
    assert {} == {name: count for name, count in names.items() if count > 1}


def test_every_physical_name_is_the_platforms_and_within_its_services_limit(program: Program) -> None:
    for item in program.registrations:
        if item.type in NAMED_BY:
            key, limit = NAMED_BY[item.type]
            name = item.inputs[key]
            assert limit >= len(name), f"{name} has {len(name)} characters, and {item.type} takes {limit}"
            assert f"{naming.SYSTEM}-{program.stack}" in name.replace("/", "-"), f"{name} does not tell whose it is"


def test_a_type_that_takes_a_name_is_given_one(program: Program) -> None:
    nameless = {
        item.urn
        for item in program.registrations
        if item.type in NAMED_BY and NAMED_BY[item.type][0] not in item.inputs
    }
    assert set() == nameless


def test_the_world_reaches_the_load_balancer_on_80_and_443_and_nothing_else(program: Program) -> None:
    rules = program.of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
    world = [item for item in rules if str(item.inputs.get("cidrIpv4", "")).endswith("/0") or "cidrIpv6" in item.inputs]
    balancers = program.of_type("aws:lb/loadBalancer:LoadBalancer")
    of_balancers = {group for item in balancers for group in item.inputs["securityGroups"]}
    assert of_balancers == {item.inputs["securityGroupId"] for item in world}
    assert {(port, port) for port in PORTS_OF_THE_WORLD} == {
        (item.inputs["fromPort"], item.inputs["toPort"]) for item in world
    }


def test_no_security_group_holds_rules_of_its_own(program: Program) -> None:
    inline = [
        item.urn
        for item in program.of_type("aws:ec2/securityGroup:SecurityGroup")
        if item.inputs.get("ingress") or item.inputs.get("egress")
    ]
    assert [] == inline, "rules are resources, so that one place shows who reaches whom"


def test_only_load_balancers_and_nat_gateways_have_public_addresses(program: Program) -> None:
    assert {False} == {item.inputs["mapPublicIpOnLaunch"] for item in program.of_type("aws:ec2/subnet:Subnet")}
    assert {False} == {item.inputs["publiclyAccessible"] for item in program.of_type("aws:rds/instance:Instance")}
    for template in program.of_type("aws:ec2/launchTemplate:LaunchTemplate"):
        public = [card.get("associatePublicIpAddress") for card in template.inputs.get("networkInterfaces", [])]
        assert all(value in (False, "false") for value in public)


def test_whatever_holds_data_is_encrypted_with_its_own_sides_key(program: Program) -> None:
    keys = {program.region_of(item): item.outputs["arn"] for item in program.of_type("aws:kms/key:Key")}
    for item in program.registrations:
        if item.type in ENCRYPTED_BY:
            region = program.region_of(item)
            for key in ENCRYPTED_BY[item.type](item.inputs):
                assert keys[region] == key, f"{item.urn} is not encrypted with the key of {region}"


def test_every_type_is_either_known_to_be_encrypted_or_known_to_hold_nothing(program: Program) -> None:
    unjudged = {
        item.type
        for item in program.registrations
        if item.custom and item.type not in ENCRYPTED_BY and not HOLDS_NOTHING.fullmatch(item.type)
    }
    assert set() == unjudged, "say of a new type where its key is, or that it holds nothing"


def test_the_copy_of_the_password_is_encrypted_with_recoverys_key(program: Program) -> None:
    keys = {program.region_of(item): item.outputs["arn"] for item in program.of_type("aws:kms/key:Key")}
    copies = [
        (item.name, copy["region"], copy["kmsKeyId"])
        for item in program.of_type("aws:secretsmanager/secret:Secret")
        for copy in item.inputs.get("replicas", [])
    ]
    recovery = next(item for item in program.of_type("pulumi:providers:aws") if item.name == "recovery")
    region = recovery.inputs["region"]
    assert [("database-credentials", region, keys[region])] == copies


def test_every_bucket_but_the_log_buckets_is_encrypted_with_its_own_sides_key(program: Program) -> None:
    keys = {program.region_of(item): item.outputs["arn"] for item in program.of_type("aws:kms/key:Key")}
    type_ = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
    configured = program.of_type(type_)
    assert len(program.of_type("aws:s3/bucket:Bucket")) == len(configured)
    for item in configured:
        (rule,) = item.inputs["rules"]
        default = rule["applyServerSideEncryptionByDefault"]
        if "-logs" in item.name:
            assert "AES256" == default["sseAlgorithm"], "load balancers and S3 deliver logs to no other"
        else:
            assert ("aws:kms", keys[program.region_of(item)]) == (default["sseAlgorithm"], default["kmsMasterKeyId"])


def test_what_holds_data_is_protected(program: Program) -> None:
    stores = (
        "aws:backup/vault:Vault",
        "aws:rds/instance:Instance",
        "aws:s3/bucket:Bucket",
        "aws:kms/key:Key",
        "aws:secretsmanager/secret:Secret",
    )
    unprotected = [item.urn for item in program.registrations if item.type in stores and not item.protect]
    assert [] == unprotected


def test_a_throw_away_stack_and_only_that_one_gives_its_data_up() -> None:
    thrown = whole("us", throwAway=True, deletionProtection=False)
    assert [] == [item.urn for item in thrown.registrations if item.protect]
    assert {True} == {item.inputs["forceDestroy"] for item in thrown.of_type("aws:s3/bucket:Bucket")}
    assert {True} == {item.inputs["skipFinalSnapshot"] for item in thrown.of_type("aws:rds/instance:Instance")}
    assert not any(item.inputs.get("forceDestroy") for item in whole("us").of_type("aws:s3/bucket:Bucket"))


def test_no_secret_is_an_output_or_an_input_in_clear(program: Program) -> None:
    planted = {item.outputs["result"].value for item in program.of_type("random:index/randomPassword:RandomPassword")}
    assert planted, "there are passwords to look for"

    def shows(value: object) -> bool:
        if isinstance(value, Secret):
            return False
        if isinstance(value, dict):
            return any(shows(item) for item in value.values())
        if isinstance(value, list):
            return any(shows(item) for item in value)
        return any(password in str(value) for password in planted)

    assert [] == [item.urn for item in program.registrations if shows(item.inputs)]
    assert not shows(dict(program.exports))


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
    assert plain(whole("us")) == plain(whole(other))


def test_a_setting_is_what_makes_a_cell_differ() -> None:
    changed = whole("us", natPerAz=True)
    assert plain(whole("us")) != plain(changed), "the comparison above can fail"


def test_nothing_of_one_cell_names_a_region_of_another(program: Program) -> None:
    regions = {str(item.inputs["region"]) for item in program.of_type("pulumi:providers:aws")}
    foreign = set(REGIONS) - regions
    text = {item.urn: str(reveal(item.inputs)) for item in program.registrations}
    found = {(urn, name) for urn, inputs in text.items() for name in foreign if re.search(rf"\b{name}\b", inputs)}
    assert set() == found
