"""Each parity check: recovery has it, lacks it, or nobody can say."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator

import pytest
from botocore.stub import Stubber

from ops.drill.catalog import observe
from ops.drill.model import Condition, Observation
from ops.drill.parity import compute, ties
from ops.drill.readiness import CHECKS
from tests.drill.stage import Stage, StageSite, at, lone_client
from tests.small_cell import RELEASE, small_cell
from tests.support import HOME, RECOVERY


@pytest.fixture
def stage() -> Iterator[Stage]:
    with small_cell() as small:
        yield Stage(small=small, site=StageSite(small=small, time=at(600)))


def ask(stage: Stage, name: str) -> Observation:
    return observe(Condition(probe="parity", arguments={"check": name}), stage.context)


def backlog(stage: Stage, size: float) -> None:
    for metric, value in (("OperationsPendingReplication", 3), ("BytesPendingReplication", size)):
        dimensions = [{"Name": "SourceBucket", "Value": stage.manifest.home.buckets["uploads"]}]
        stage.client("cloudwatch", RECOVERY).put_metric_data(
            Namespace="AWS/S3",
            MetricData=[{"MetricName": metric, "Dimensions": dimensions, "Timestamp": at(540), "Value": value}],
        )


def test_a_whole_cell_is_ready_but_for_what_has_no_data(stage: Stage) -> None:
    stage.lag(0, at(540))
    backlog(stage, 1000)
    found = {name: ask(stage, name).holds for name in CHECKS}
    # moto knows no quotas, and this manifest no promises of journeys.
    assert {name: None if name in {"quotas", "journeys"} else True for name in CHECKS} == found


def _no_instances(stage: Stage) -> None:
    stage.client("autoscaling", RECOVERY).update_auto_scaling_group(
        AutoScalingGroupName=stage.manifest.recovery.fleet.autoscaling_group, MinSize=0, DesiredCapacity=0
    )


def _small_maximum(stage: Stage) -> None:
    stage.client("autoscaling", RECOVERY).update_auto_scaling_group(
        AutoScalingGroupName=stage.manifest.recovery.fleet.autoscaling_group, MaxSize=1
    )


def _other_image(stage: Stage) -> None:
    ec2 = stage.client("ec2", RECOVERY)
    ec2.create_launch_template_version(
        LaunchTemplateName="medical-us-usw2-web", LaunchTemplateData={"ImageId": "ami-12345678"}
    )


def _no_release(stage: Stage) -> None:
    stage.client("s3", RECOVERY).delete_object(Bucket=stage.manifest.recovery.buckets["releases"], Key="release.zip")


def _other_release(stage: Stage) -> None:
    stage.client("s3", RECOVERY).put_object(
        Bucket=stage.manifest.recovery.buckets["releases"],
        Key="release.zip",
        Body=b"another",
        ChecksumAlgorithm="SHA256",
    )


def _no_secret(stage: Stage) -> None:
    stage.client("secretsmanager", HOME).remove_regions_from_replication(
        SecretId=stage.manifest.home.secrets.database, RemoveReplicaRegions=[RECOVERY]
    )


def _key_disabled(stage: Stage) -> None:
    stage.client("kms", RECOVERY).disable_key(KeyId=stage.manifest.recovery.key.rpartition("/")[2])


def _other_policy(stage: Stage) -> None:
    policy = json.dumps({"Version": "2012-10-17", "Statement": []})
    stage.client("kms", RECOVERY).put_key_policy(KeyId=stage.manifest.recovery.key, PolicyName="default", Policy=policy)


def _no_alias(stage: Stage) -> None:
    stage.client("kms", RECOVERY).delete_alias(AliasName="alias/medical-us-usw2-data")


def _other_parameter(stage: Stage) -> None:
    stage.client("rds", RECOVERY).modify_db_parameter_group(
        DBParameterGroupName=stage.manifest.recovery.database.parameter_group,
        Parameters=[{"ParameterName": "long_query_time", "ParameterValue": "9", "ApplyMethod": "immediate"}],
    )


def _default_group(stage: Stage) -> None:
    (group,) = stage.client("ec2", RECOVERY).describe_security_groups(
        GroupNames=["default"], Filters=[{"Name": "description", "Values": ["default VPC security group"]}]
    )["SecurityGroups"][:1]
    stage.client("rds", RECOVERY).modify_db_instance(
        DBInstanceIdentifier=stage.manifest.recovery.database.identifier,
        VpcSecurityGroupIds=[group["GroupId"]],
        ApplyImmediately=True,
    )


def _no_delete_markers(stage: Stage) -> None:
    s3, bucket = stage.client("s3", HOME), stage.manifest.home.buckets["uploads"]
    found = s3.get_bucket_replication(Bucket=bucket)["ReplicationConfiguration"]
    found["Rules"][0]["DeleteMarkerReplication"]["Status"] = "Disabled"
    s3.put_bucket_replication(Bucket=bucket, ReplicationConfiguration=found)


def _one_way(stage: Stage) -> None:
    stage.client("s3", RECOVERY).delete_bucket_replication(Bucket=stage.manifest.recovery.buckets["audit"])


def _switch_on(stage: Stage) -> None:
    stage.client("cloudwatch", RECOVERY).set_alarm_state(
        AlarmName=stage.manifest.switch.alarm, StateValue="ALARM", StateReason="test"
    )


def _no_manifest(stage: Stage) -> None:
    stage.client("ssm", RECOVERY).delete_parameter(Name="/medical/us/continuity/manifest")


def _untrue_manifest(stage: Stage) -> None:
    stage.instance("recovery").is_replica = False
    stage.instance("recovery").source_db_instance_identifier = None


@pytest.mark.parametrize(
    ("name", "harm", "words"),
    [
        ("fleet", _no_instances, "no instance in service"),
        ("fleet", _small_maximum, "may have 1 instances, and 2 carry the load"),
        ("image", _other_image, "takes ami-12345678"),
        ("release", _no_release, "has no release.zip"),
        ("release", _other_release, "manifest's SHA-256"),
        ("secrets", _no_secret, "database secret"),
        ("keys", _key_disabled, "Disabled"),
        ("keys", _other_policy, "policies differ"),
        ("keys", _no_alias, "alias/medical-us-usw2-data"),
        ("parameter-groups", _other_parameter, "long_query_time is None at home and 9 in recovery"),
        ("security-groups", _default_group, "default security group"),
        ("replication-rules", _no_delete_markers, "delete markers"),
        ("replication-rules", _one_way, "audit is not replicated from recovery"),
        ("switch", _switch_on, "ALARM"),
        ("manifest", _no_manifest, "us-west-2 keeps no manifest"),
        ("manifest", _untrue_manifest, "is no replica"),
    ],
)
def test_what_recovery_lacks_is_named_with_its_remedy(
    stage: Stage, name: str, harm: Callable[[Stage], None], words: str
) -> None:
    harm(stage)
    found = ask(stage, name)
    assert (False, True) == (found.holds, words in found.text), found.text
    assert CHECKS[name].remedy == found.values["remedy"]


def test_a_fence_is_no_difference_of_parameters(stage: Stage) -> None:
    stage.fence(RECOVERY)
    assert ask(stage, "parameter-groups").holds is True


def test_a_game_day_asks_whether_a_check_finds_the_fault(stage: Stage) -> None:
    asked = Condition(probe="parity", arguments={"check": "switch", "holds": False})
    assert observe(asked, stage.context).holds is False
    _switch_on(stage)
    assert observe(asked, stage.context).holds is True


def test_the_lag_and_the_backlog_need_datapoints(stage: Stage) -> None:
    assert (None, None) == (ask(stage, "replica-lag").holds, ask(stage, "replication-backlog").holds)


@pytest.mark.parametrize(("seconds", "holds"), [(60, True), (61, False), (-1, False)])
def test_a_lag_is_held_against_its_alarm(stage: Stage, seconds: float, *, holds: bool) -> None:
    stage.lag(seconds, at(540))
    assert holds is ask(stage, "replica-lag").holds


def test_a_backlog_that_s3_cannot_move_in_time_is_found(stage: Stage) -> None:
    backlog(stage, ties.PENDING_BYTES + 1)
    assert ask(stage, "replication-backlog").holds is False


def test_releases_with_a_checksum_of_the_manifest_are_the_same(stage: Stage) -> None:
    for side, region in (("home", HOME), ("recovery", RECOVERY)):
        stage.client("s3", region).put_object(
            Bucket=stage.manifest.side(side).buckets["releases"],  # type: ignore[arg-type]
            Key="release.zip",
            Body=RELEASE,
            ChecksumAlgorithm="SHA256",
        )
    found = ask(stage, "release")
    assert (True, hashlib.sha256(RELEASE).hexdigest()) == (found.holds, found.values["sha256"])


def test_releases_without_a_checksum_cannot_be_told_apart_by_unequal_tags(stage: Stage) -> None:
    stage.client("s3", RECOVERY).put_object(
        Bucket=stage.manifest.recovery.buckets["releases"], Key="release.zip", Body=b"encrypted with another key"
    )
    assert ask(stage, "release").holds is None


@pytest.mark.parametrize(("value", "holds"), [(24.0, True), (23.0, False)])
def test_a_quota_suffices_or_does_not(value: float, *, holds: bool) -> None:
    client = lone_client("service-quotas")
    with Stubber(client) as stub:
        stub.add_response(
            "get_service_quota", {"Quota": {"Value": value}}, {"ServiceCode": "ec2", "QuotaCode": "L-1216C47A"}
        )
        assert holds is compute.quotas({RECOVERY: client}, {"ec2/L-1216C47A": 24}).holds


def test_a_quota_that_is_too_small_counts_though_another_is_not_known() -> None:
    client = lone_client("service-quotas")
    with Stubber(client) as stub:
        stub.add_client_error("get_service_quota", "NoSuchResourceException", "none", 404)
        stub.add_response("list_aws_default_service_quotas", {"Quotas": []})
        stub.add_response("get_service_quota", {"Quota": {"Value": 1}})
        found = compute.quotas({RECOVERY: client}, {"vpc/L-F678F1CE": 1, "rds/L-7B6409FD": 3})
    assert (False, 1) == (found.holds, found.values["unknown"])


@pytest.mark.parametrize(("value", "holds"), [(24.0, True), (5.0, False)])
def test_a_quota_that_was_never_changed_is_the_default_of_aws(value: float, *, holds: bool) -> None:
    client = lone_client("service-quotas")
    others = [{"QuotaCode": "L-0", "Value": 99.0}, {"QuotaCode": "L-1216C47A", "Value": value}]
    with Stubber(client) as stub:
        stub.add_client_error("get_service_quota", "NoSuchResourceException", "none", 404)
        stub.add_response("list_aws_default_service_quotas", {"Quotas": others}, {"ServiceCode": "ec2"})
        assert holds is compute.quotas({RECOVERY: client}, {"ec2/L-1216C47A": 24}).holds


@pytest.mark.parametrize(
    ("said", "holds"),
    [
        (["Success: HTTP Status Code 200", "Failure: timeout"], True),
        (["Failure: HTTP Status Code 503", "Failure: timeout"], False),
        ([], None),
    ],
)
def test_health_checks_are_judged_as_route_53_does(said: list[str], *, holds: bool | None) -> None:
    client = lone_client("route53")
    observations = [{"StatusReport": {"Status": status}} for status in said]
    with Stubber(client) as stub:
        for _ in range(2):
            stub.add_response("get_health_check_status", {"HealthCheckObservations": observations})
        assert holds is ties.health_checks(client, {"home": "h", "recovery": "r"}).holds


def test_a_switch_that_was_never_told_anything_is_off(stage: Stage) -> None:
    stage.client("cloudwatch", RECOVERY).set_alarm_state(
        AlarmName=stage.manifest.switch.alarm, StateValue="INSUFFICIENT_DATA", StateReason="test"
    )
    assert "home" == stage.manifest.writer
    assert ask(stage, "switch").holds is True
    moved = stage.manifest.model_copy(update={"writer": "recovery"})
    assert ties.switch(stage.client("cloudwatch", RECOVERY), moved).holds is False, "its users are led to home"
