"""The web tier, declared and standing."""

from __future__ import annotations

import base64
import itertools
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi_aws import ec2, lb, s3

from components.web import boot
from components.web.args import Bucket, Buckets, Fleet, Front, Place, Store, WebArgs
from components.web.release import Release
from components.web.role import SESSION_MANAGER
from components.web.sessions import SessionsArgs
from components.web.web import Web
from domain.naming import Names
from ops.engine import runner
from ops.engine.record import Program, Registration, reveal
from ops.engine.synthetic import Unknown
from ops.sandbox.cloud import Cloud
from tests.support import ACCOUNT, BOUNDARY, HOME, RECOVERY, STACK, declare, only, opts_in, standing, statements

ZONES = ("use2-az1", "use2-az2", "use2-az3")
KEY = f"arn:aws:kms:{HOME}:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555"
LABEL = "app/medical-us-use2/0123456789abcdef/targetgroup/medical-us-use2/0123456789abcdef"
DRILLS = f"arn:aws:iam::{ACCOUNT}:role/medical-us-global-drill"
TAGS = {"System": "medical", "Cell": "us", "Side": "home"}
PARAMETER = "aws:ssm/parameter:Parameter"
OWN = Release(key="web/1.4.2.zip", sha256="ab" * 32)


def secret(name: str) -> str:
    return f"arn:aws:secretsmanager:{HOME}:{ACCOUNT}:secret:medical/us/use2/{name}-AbCdEf"


def topic(name: str) -> str:
    return f"arn:aws:sns:{HOME}:{ACCOUNT}:medical-us-use2-{name}"


def queue(name: str) -> str:
    return topic(name).replace(":sns:", ":sqs:")


class Beside(pulumi.ComponentResource):
    """What other components make, as small as the web tier can stand beside."""

    args: WebArgs

    def __init__(self, release: Release, opts: pulumi.ResourceOptions) -> None:
        """Make it in the region of `opts`."""
        super().__init__("test:web:Beside", "home-beside", None, opts)
        child = pulumi.ResourceOptions(parent=self)
        vpc = ec2.Vpc("home-vpc", cidr_block="10.10.0.0/16", opts=child)
        subnets = [
            ec2.Subnet(
                f"home-{zone}",
                vpc_id=vpc.id,
                availability_zone_id=zone,
                cidr_block=f"10.10.{place}.0/24",
                map_public_ip_on_launch=False,
                opts=child,
            )
            for place, zone in enumerate(ZONES)
        ]
        groups = {
            role: ec2.SecurityGroup(f"home-{role}", name=role, description=role, vpc_id=vpc.id, opts=child)
            for role in ("edge", "database", "cache")
        }
        targets = lb.TargetGroup(
            "home-edge",
            name="home-edge",
            port=8443,
            protocol="HTTPS",
            target_type="instance",
            vpc_id=vpc.id,
            opts=child,
        )
        buckets = {
            role: s3.Bucket(f"home-{role}", bucket=f"medical-us-use2-{role}-{ACCOUNT}", opts=child)
            for role in ("releases", "uploads", "derived")
        }
        listener = Listener("home-listener", child)
        self.args = WebArgs(
            names=Names(cell="us", place="use2"),
            region=HOME,
            side="home",
            tags=TAGS,
            boundary_arn=BOUNDARY,
            key_arn=KEY,
            release=release,
            place=Place(
                vpc_id=vpc.id,
                private_subnet_ids=[item.id for item in subnets],
                network=vpc,
                endpoints=("secretsmanager",),
            ),
            fleet=Fleet(instance_type="t4g.small", minimum=2, maximum=6, volume_gib=12),
            front=Front(
                security_group_id=groups["edge"].id,
                target_group_arn=targets.arn,
                request_label=LABEL,
                listener=listener,
                target_port=8443,
            ),
            database=Store(
                host="db.example", port=3306, secret_arn=secret("db"), security_group_id=groups["database"].id
            ),
            database_name="medical",
            cache=Store(
                host="cache.example", port=6379, secret_arn=secret("cache"), security_group_id=groups["cache"].id
            ),
            buckets=Buckets(
                **{role: Bucket(name=bucket.id, arn=bucket.arn) for role, bucket in buckets.items()},
            ),
            topics={name: topic(name) for name in ("payments", "appointments")},
            queues={name: queue(name) for name in ("payments", "appointments")},
            sessions=SessionsArgs(
                names=Names(cell="us", place="use2"),
                account_id=ACCOUNT,
                region=HOME,
                owned=True,
                key_arn=KEY,
                log_days=365,
            ),
            account_id=ACCOUNT,
            other_region=RECOVERY,
            drill_role=DRILLS,
        )


class Listener(pulumi.ComponentResource):
    """Stands for the listener: only that the group waits for it matters."""

    def __init__(self, name: str, opts: pulumi.ResourceOptions) -> None:
        """Make something to wait for."""
        super().__init__("test:web:Listener", name, None, opts)
        s3.Bucket(name, bucket="stands-for-the-listener", opts=pulumi.ResourceOptions(parent=self))


def web(release: Release = OWN) -> Web:
    opts = opts_in()
    return Web("home-web", Beside(release, opts).args, opts)


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Release:
    path: Path = tmp_path_factory.mktemp("build") / "starter-0123456789ab.zip"
    path.write_bytes(b"a zip, as far as the component can tell")
    return Release(key=path.name, sha256="cd" * 32, path=path)


@pytest.fixture(scope="module")
def program() -> Program:
    return declare(web)


@pytest.fixture(scope="module")
def stood(packed: Release) -> Iterator[tuple[Program, Cloud]]:
    with standing(lambda: web(packed)) as both:
        yield both


def of_web(program: Program, type_: str) -> list[Registration]:
    return [item for item in program.of_type(type_) if item.name.startswith("home-web")]


def template(program: Program) -> Registration:
    return only(program, "aws:ec2/launchTemplate:LaunchTemplate")


def group(program: Program) -> Registration:
    return only(program, "aws:autoscaling/group:Group")


def policy(program: Program) -> dict[str, dict[str, Any]]:
    """The statements of the instances' policy by their ids."""
    found = statements(only(program, "aws:iam/rolePolicy:RolePolicy").inputs["policy"])
    return {item["Sid"]: item for item in found}


def test_the_role_reads_its_own_two_secrets_and_no_other(program: Program) -> None:
    reading = [
        item for item in policy(program).values() if any("secretsmanager" in action for action in item["Action"])
    ]
    assert [{"secretsmanager:GetSecretValue"}] == [set(item["Action"]) for item in reading]
    assert [[secret("db"), secret("cache")]] == [item["Resource"] for item in reading]


def test_only_session_manager_is_allowed_on_every_resource(program: Program) -> None:
    everywhere = [item for item in policy(program).values() if "*" in item["Resource"]]
    assert [sorted(SESSION_MANAGER), ["cloudwatch:PutMetricData"]] == [item["Action"] for item in everywhere]
    assert {"StringEquals": {"cloudwatch:namespace": "Medical/Instances"}} == everywhere[1]["Condition"]
    assert {"ssm", "ssmmessages", "ec2messages"} == {action.partition(":")[0] for action in everywhere[0]["Action"]}
    actions = [action for item in policy(program).values() for action in item["Action"]]
    assert not [action for action in actions if "*" in action], "no wildcard actions"
    assert 1 == actions.count("ssm:GetParameter"), "a parameter may be anybody's secret"


def test_the_agent_reads_its_own_parameter_and_writes_to_its_own_log_group(program: Program) -> None:
    found = policy(program)
    parameter = only(program, PARAMETER)
    group = only(program, "aws:cloudwatch/logGroup:LogGroup", "home-web-agent")
    assert [parameter.outputs["arn"]] == found["AgentConfiguration"]["Resource"]
    assert [f"{group.outputs['arn']}:*"] == found["AgentJournal"]["Resource"]
    condition = found["AgentKey"]["Condition"]["StringEquals"]
    assert parameter.outputs["arn"] == condition["kms:EncryptionContext:PARAMETER_ARN"]


def test_the_agent_sends_memory_and_disk_by_group_and_the_journal(program: Program) -> None:
    found = json.loads(reveal(only(program, PARAMETER).inputs["value"]))
    fleet = only(program, "aws:autoscaling/group:Group").inputs["name"]
    measured = found["metrics"]["metrics_collected"]
    assert {"mem", "disk"} == set(measured)
    assert {fleet} == {item["append_dimensions"]["AutoScalingGroupName"] for item in measured.values()}
    assert [["AutoScalingGroupName"]] == found["metrics"]["aggregation_dimensions"]
    (journal,) = found["logs"]["logs_collected"]["files"]["collect_list"]
    group = only(program, "aws:cloudwatch/logGroup:LogGroup", "home-web-agent")
    assert (boot.JOURNAL, group.inputs["name"]) == (journal["file_path"], journal["log_group_name"])


def test_instances_wait_for_the_agents_configuration(program: Program) -> None:
    waited = template(program).property_dependencies["userData"]
    assert only(program, PARAMETER).urn in waited


def test_the_role_fetches_exactly_the_release_that_is_configured(program: Program) -> None:
    found = policy(program)["Release"]
    releases = only(program, "aws:s3/bucket:Bucket", "home-releases").outputs["arn"]
    assert (["s3:GetObject"], [f"{releases}/web/1.4.2.zip"]) == (found["Action"], found["Resource"])


def test_secrets_and_the_release_are_fetched_from_inside_the_vpc_only(program: Program) -> None:
    vpc = only(program, "aws:ec2/vpc:Vpc").id
    conditioned = {sid for sid, item in policy(program).items() if "aws:SourceVpc" in str(item.get("Condition"))}
    assert {"OwnSecrets", "Release"} == conditioned, "documents go to and from users by addresses that are signed"
    for sid in conditioned:
        assert {"StringEquals": {"aws:SourceVpc": vpc}} == policy(program)[sid]["Condition"]


def test_the_key_is_used_for_what_the_role_may_use_only(program: Program) -> None:
    found = {sid: item for sid, item in policy(program).items() if sid.startswith("KeyThrough")}
    assert {
        "KeyThroughS3": f"s3.{HOME}.amazonaws.com",
        "KeyThroughSecretsmanager": f"secretsmanager.{HOME}.amazonaws.com",
        "KeyThroughSns": f"sns.{HOME}.amazonaws.com",
        "KeyThroughSqs": f"sqs.{HOME}.amazonaws.com",
    } == {sid: item["Condition"]["StringEquals"]["kms:ViaService"] for sid, item in found.items()}
    (secrets,) = found["KeyThroughSecretsmanager"]["Condition"]["StringLike"].values()
    assert [secret("db"), secret("cache")] == secrets
    assert ["kms:Decrypt"] == found["KeyThroughSecretsmanager"]["Action"]
    (queues,) = found["KeyThroughSqs"]["Condition"]["StringLike"].values()
    assert ([queue("appointments"), queue("payments")], ["kms:Decrypt"]) == (queues, found["KeyThroughSqs"]["Action"])
    (objects,) = found["KeyThroughS3"]["Condition"]["StringLike"].values()
    assert {"releases", "uploads", "derived"} == {arn.split("-")[3] for arn in objects}


def test_the_role_writes_uploads_only(program: Program) -> None:
    uploads = only(program, "aws:s3/bucket:Bucket", "home-uploads").outputs["arn"]
    derived = only(program, "aws:s3/bucket:Bucket", "home-derived").outputs["arn"]
    found = policy(program)
    assert {("Uploads", (f"{uploads}/*",))} == {
        (sid, tuple(item["Resource"])) for sid, item in found.items() if "s3:PutObject" in item["Action"]
    }
    assert (["s3:ListBucket"], [uploads]) == (found["UploadsThere"]["Action"], found["UploadsThere"]["Resource"])
    for part in ("texts", "status", "images"):
        reading = found[part.title()]
        assert (["s3:GetObject"], [f"{derived}/{part}/*"]) == (reading["Action"], reading["Resource"])


def test_the_role_publishes_to_exactly_the_topics(program: Program) -> None:
    assert [topic("appointments"), topic("payments")] == policy(program)["Publish"]["Resource"]


def test_the_role_takes_from_exactly_the_queues_and_sends_to_none(program: Program) -> None:
    found = policy(program)["WorkOff"]
    assert [queue("appointments"), queue("payments")] == found["Resource"]
    actions = {action for item in policy(program).values() for action in item["Action"] if action.startswith("sqs:")}
    assert {"sqs:ReceiveMessage", "sqs:DeleteMessage"} == actions


def test_only_the_load_balancer_reaches_the_instances(program: Program) -> None:
    ingress = program.of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
    edge = only(program, "aws:ec2/securityGroup:SecurityGroup", "home-edge").id
    own = only(program, "aws:ec2/securityGroup:SecurityGroup", "home-web").id
    assert [(edge, 8443, 8443)] == [
        (rule.inputs.get("referencedSecurityGroupId"), rule.inputs["fromPort"], rule.inputs["toPort"])
        for rule in ingress
        if rule.inputs["securityGroupId"] == own
    ]
    assert not [rule.name for rule in ingress if "cidrIpv4" in rule.inputs or "cidrIpv6" in rule.inputs]


def test_every_way_between_groups_is_open_on_both_sides(program: Program) -> None:
    def ways(type_: str, own: str, other: str) -> set[tuple[str, str, int]]:
        rules = [rule.inputs for rule in program.of_type(type_) if "referencedSecurityGroupId" in rule.inputs]
        return {(rule[own], rule[other], rule["toPort"]) for rule in rules}

    out = ways(
        "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", "securityGroupId", "referencedSecurityGroupId"
    )
    into = ways(
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "referencedSecurityGroupId", "securityGroupId"
    )
    assert out == into
    assert {8443, 3306, 6379} == {port for _, _, port in out}


def test_the_only_way_to_the_world_is_https(program: Program) -> None:
    rules = program.of_type("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule")
    open_ = [rule.inputs for rule in rules if "cidrIpv4" in rule.inputs]
    assert [("0.0.0.0/0", "tcp", 443, 443)] == [
        (rule["cidrIpv4"], rule["ipProtocol"], rule["fromPort"], rule["toPort"]) for rule in open_
    ]


def test_credentials_need_a_session_token_and_stay_on_the_instance(program: Program) -> None:
    options = template(program).inputs["metadataOptions"]
    assert ("required", 1, "disabled") == (
        options["httpTokens"],
        options["httpPutResponseHopLimit"],
        options["instanceMetadataTags"],
    )


def test_an_instance_has_no_public_address_no_key_pair_and_an_encrypted_disk(program: Program) -> None:
    inputs = template(program).inputs
    assert ["false"] == [item["associatePublicIpAddress"] for item in inputs["networkInterfaces"]]
    assert "keyName" not in inputs
    disks = [item["ebs"] for item in inputs["blockDeviceMappings"]]
    assert [("true", KEY, "gp3", 12, "true")] == [
        (disk["encrypted"], disk["kmsKeyId"], disk["volumeType"], disk["volumeSize"], disk["deleteOnTermination"])
        for disk in disks
    ]


def test_everything_that_is_launched_carries_the_tags(program: Program) -> None:
    wanted = {**TAGS, "Name": "medical-us-use2-web"}
    specified = {item["resourceType"]: item["tags"] for item in template(program).inputs["tagSpecifications"]}
    assert dict.fromkeys(("instance", "network-interface", "volume"), wanted) == specified
    tags = group(program).inputs["tags"]
    assert wanted == {item["key"]: item["value"] for item in tags}
    assert all(item["propagateAtLaunch"] for item in tags)


def test_another_release_is_another_template_that_the_group_follows(program: Program, packed: Release) -> None:
    other = declare(lambda: web(packed))
    assert template(program).inputs["userData"] != template(other).inputs["userData"]
    assert template(program).inputs["userData"] == template(declare(web)).inputs["userData"], "and only then"
    launched = group(program)
    assert template(program).urn in launched.property_dependencies["launchTemplate"]
    assert launched.inputs["launchTemplate"]["version"] not in {"$Latest", "$Default"}


def test_a_new_template_replaces_the_instances_without_losing_capacity(program: Program) -> None:
    refresh = group(program).inputs["instanceRefresh"]
    preferences = refresh["preferences"]
    assert ("Rolling", 100, 200) == (
        refresh["strategy"],
        preferences["minHealthyPercentage"],
        preferences["maxHealthyPercentage"],
    )
    assert template(program).inputs["imageId"].startswith("resolve:ssm:")
    assert not preferences["autoRollback"], "Auto Scaling refuses it where the image comes from a parameter"


def test_an_update_does_not_undo_what_scaling_decided(program: Program) -> None:
    inputs = group(program).inputs
    assert "desiredCapacity" not in inputs
    assert (2, 6) == (inputs["minSize"], inputs["maxSize"])


def test_no_instance_is_launched_before_it_can_boot(packed: Release) -> None:
    program = declare(lambda: web(packed))
    by_urn, waiting = program.by_urn(), [group(program).urn]
    needed: set[str] = set()
    while waiting:
        found = set(by_urn[waiting.pop()].dependencies) - needed
        needed |= found
        waiting += found
    names = {(by_urn[urn].type.rpartition(":")[2], by_urn[urn].name) for urn in needed}
    assert {
        ("RolePolicy", "home-web"),
        ("SecurityGroupEgressRule", "home-web-https"),
        ("BucketObjectv2", "home-web-release"),
        ("Bucket", "home-listener"),
        ("Vpc", "home-vpc"),
    } <= names


def test_the_group_scales_in_both_directions_on_processor_and_on_requests(program: Program) -> None:
    found = {}
    for item in program.of_type("aws:autoscaling/policy:Policy"):
        target = item.inputs["targetTrackingConfiguration"]
        metric = target["predefinedMetricSpecification"]
        found[metric["predefinedMetricType"]] = (target["targetValue"], metric.get("resourceLabel"))
        assert target["disableScaleIn"] is False
    assert {"ASGAverageCPUUtilization": (60, None), "ALBRequestCountPerTarget": (1800, LABEL)} == found


def test_the_same_resources_are_registered_when_nothing_is_known_yet(packed: Release) -> None:
    known = declare(lambda: web(packed))
    unknown = runner.run(STACK, Unknown(), program=lambda: (web(packed), None)[1])
    assert {item.urn for item in known.registrations} == {item.urn for item in unknown.registrations}


def test_a_service_without_topics_may_publish_nowhere() -> None:
    def quiet() -> Web:
        opts = opts_in()
        return Web("home-web", replace(Beside(OWN, opts).args, topics={}, queues={}), opts)

    found = policy(declare(quiet))
    assert not {"Publish", "WorkOff"} & set(found), "a statement without resources is refused by IAM"


def test_the_users_own_release_is_not_put_there_by_the_program(program: Program) -> None:
    assert [] == program.of_type("aws:s3/bucketObjectv2:BucketObjectv2")


@pytest.mark.parametrize(("minimum", "maximum"), [(0, 2), (3, 2)])
def test_a_fleet_that_could_be_empty_or_backwards_is_refused(minimum: int, maximum: int) -> None:
    with pytest.raises(ValueError, match=f"{minimum} to {maximum} instances: at least 1"):
        Fleet(instance_type="t4g.small", minimum=minimum, maximum=maximum, volume_gib=8)


def test_the_standing_release_is_encrypted_by_the_sides_key(stood: tuple[Program, Cloud], packed: Release) -> None:
    _, cloud = stood
    bucket = f"medical-us-use2-releases-{ACCOUNT}"
    found = cloud.client("s3", HOME).get_object(Bucket=bucket, Key=packed.key)
    assert b"a zip, as far as the component can tell" == found["Body"].read()
    assert ("aws:kms", KEY) == (found["ServerSideEncryption"], found["SSEKMSKeyId"])


def test_the_standing_group_spans_three_subnets_behind_the_target_group(stood: tuple[Program, Cloud]) -> None:
    program, cloud = stood
    [found] = cloud.client("autoscaling", HOME).describe_auto_scaling_groups()["AutoScalingGroups"]
    subnets = {item.id for item in program.of_type("aws:ec2/subnet:Subnet")}
    assert subnets == set(found["VPCZoneIdentifier"].split(","))
    assert 3 == len(subnets)
    assert [only(program, "aws:lb/targetGroup:TargetGroup").outputs["arn"]] == found["TargetGroupARNs"]
    assert ("ELB", 300, 2, 6) == (
        found["HealthCheckType"],
        found["HealthCheckGracePeriod"],
        found["MinSize"],
        found["MaxSize"],
    )
    assert {"GroupInServiceInstances", "GroupDesiredCapacity"} <= {item["Metric"] for item in found["EnabledMetrics"]}
    assert group(program).outputs["arn"] == found["AutoScalingGroupARN"]


def test_the_standing_instances_run_from_the_template(stood: tuple[Program, Cloud]) -> None:
    program, cloud = stood
    [found] = cloud.client("autoscaling", HOME).describe_auto_scaling_groups()["AutoScalingGroups"]
    reservations = cloud.client("ec2", HOME).describe_instances()["Reservations"]
    instances = list(itertools.chain.from_iterable(item["Instances"] for item in reservations))
    assert {item["InstanceId"] for item in found["Instances"]} == {item["InstanceId"] for item in instances}
    assert 2 == len(instances)
    assert {"t4g.small"} == {item["InstanceType"] for item in instances}
    assert {item["SubnetId"] for item in instances} <= set(found["VPCZoneIdentifier"].split(","))
    assert {template(program).id} == {item["LaunchTemplate"]["LaunchTemplateId"] for item in found["Instances"]}
    for item in instances:
        tags = {tag["Key"]: tag["Value"] for tag in item["Tags"]}
        assert TAGS.items() <= tags.items()
    targets = only(program, "aws:lb/targetGroup:TargetGroup").outputs["arn"]
    health = cloud.client("elbv2", HOME).describe_target_health(TargetGroupArn=targets)["TargetHealthDescriptions"]
    assert {item["InstanceId"] for item in instances} == {item["Target"]["Id"] for item in health}


def test_the_standing_template_holds_what_was_declared(stood: tuple[Program, Cloud]) -> None:
    program, cloud = stood
    described = cloud.client("ec2", HOME).describe_launch_template_versions(LaunchTemplateId=template(program).id)
    [version] = described["LaunchTemplateVersions"]
    data = version["LaunchTemplateData"]
    assert ("required", 1) == (
        data["MetadataOptions"]["HttpTokens"],
        data["MetadataOptions"]["HttpPutResponseHopLimit"],
    )
    assert only(program, "aws:iam/instanceProfile:InstanceProfile").outputs["arn"] == data["IamInstanceProfile"]["Arn"]
    assert [(True, KEY)] == [
        (item["Ebs"]["Encrypted"], item["Ebs"]["KmsKeyId"]) for item in data["BlockDeviceMappings"]
    ]
    own = only(program, "aws:ec2/securityGroup:SecurityGroup", "home-web").id
    assert [[own]] == [item["Groups"] for item in data["NetworkInterfaces"]]
    assert base64.b64decode(data["UserData"]).startswith(b"#!/bin/bash\n")


def test_the_standing_profile_hands_out_the_role(stood: tuple[Program, Cloud]) -> None:
    _, cloud = stood
    iam = cloud.client("iam", HOME)
    profile = iam.get_instance_profile(InstanceProfileName="medical-us-use2-web")["InstanceProfile"]
    assert ["medical-us-use2-web"] == [role["RoleName"] for role in profile["Roles"]]
    trust = iam.get_role(RoleName="medical-us-use2-web")["Role"]["AssumeRolePolicyDocument"]
    assert [{"Service": "ec2.amazonaws.com"}] == [item["Principal"] for item in trust["Statement"]]


def test_the_standing_policies_track_their_targets(stood: tuple[Program, Cloud]) -> None:
    _, cloud = stood
    found = cloud.client("autoscaling", HOME).describe_policies()["ScalingPolicies"]
    assert {60.0, 1800.0} == {item["TargetTrackingConfiguration"]["TargetValue"] for item in found}
    assert {"TargetTrackingScaling"} == {item["PolicyType"] for item in found}
