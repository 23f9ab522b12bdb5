"""The real us stack, standing in a local AWS: what the program declared is what boto3 finds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from components.audit import cis
from domain import detection, manifest
from ops.engine import project, runner
from ops.engine.record import Program, reveal
from ops.sandbox.cloud import Cloud
from ops.sandbox.creators import RECORDED
from ops.sandbox.local import local_aws
from service import config
from tests.support import ACCOUNT, HOME, RECOVERY, told

SIDES = {HOME: "use2", RECOVERY: "usw2"}


@pytest.fixture(scope="module")
def built() -> Iterator[tuple[Program, Cloud]]:
    with local_aws(ACCOUNT):
        cloud = Cloud()
        yield runner.run(project.load("us"), cloud), cloud


@pytest.fixture(scope="module")
def program(built: tuple[Program, Cloud]) -> Program:
    return built[0]


@pytest.fixture(scope="module")
def cloud(built: tuple[Program, Cloud]) -> Cloud:
    return built[1]


@pytest.fixture(params=SIDES)
def region(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def the_key(cloud: Cloud, region: str) -> str:
    """The ARN of a side's key, as its alias leads to it."""
    alias = f"alias/medical-us-{SIDES[region]}-data"
    return str(cloud.client("kms", region).describe_key(KeyId=alias)["KeyMetadata"]["Arn"])


def the_side(program: Program, region: str) -> dict[str, Any]:
    """What the stack exports of the side in a region."""
    sides = (reveal(program.exports[side]) for side in ("home", "recovery"))
    return next(side for side in sides if side["region"] == region)


def test_everything_is_made_but_what_the_table_says_cannot_be(program: Program, cloud: Cloud) -> None:
    assert {item.type for item in cloud.recorded} <= set(RECORDED)
    assert len(cloud.recorded) < 0.1 * len(program.registrations), "recording is the exception"


def test_the_recovery_database_replicates_homes_under_its_own_key(program: Program, cloud: Cloud) -> None:
    (primary,) = cloud.client("rds", HOME).describe_db_instances()["DBInstances"]
    (replica,) = cloud.client("rds", RECOVERY).describe_db_instances()["DBInstances"]
    assert primary["DBInstanceArn"] == replica["ReadReplicaSourceDBInstanceIdentifier"]
    assert the_key(cloud, RECOVERY) == replica["KmsKeyId"]
    assert the_key(cloud, HOME) == primary["KmsKeyId"]
    assert primary["MultiAZ"]
    assert primary["DeletionProtection"]
    assert replica["DeletionProtection"], "protection is not inherited from the source"
    assert the_side(program, RECOVERY)["database_identifier"] == replica["DBInstanceIdentifier"]


def test_recovery_holds_a_copy_of_the_databases_password(program: Program, cloud: Cloud) -> None:
    arn = the_side(program, RECOVERY)["database_secret_arn"]
    secrets = cloud.client("secretsmanager", RECOVERY)
    (copy,) = cloud.client("secretsmanager", HOME).describe_secret(SecretId=arn.replace(RECOVERY, HOME))[
        "ReplicationStatus"
    ]
    assert (RECOVERY, "InSync") == (copy["Region"], copy["Status"])
    home = cloud.client("secretsmanager", HOME).get_secret_value(
        SecretId=the_side(program, HOME)["database_secret_arn"]
    )
    assert home["SecretString"] == secrets.get_secret_value(SecretId=arn)["SecretString"]
    assert {"username", "password"} == set(json.loads(home["SecretString"]))


def test_each_side_has_three_tiers_in_three_zones(cloud: Cloud, program: Program, region: str) -> None:
    mine = [{"Name": "vpc-id", "Values": [the_side(program, region)["vpc_id"]]}]
    subnets = cloud.client("ec2", region).describe_subnets(Filters=mine)["Subnets"]
    places = {
        (next(tag["Value"] for tag in item["Tags"] if tag["Key"] == "Tier"), item["AvailabilityZoneId"])
        for item in subnets
    }
    zones = [f"{SIDES[region]}-az{number}" for number in (1, 2, 3)]
    assert {(tier, zone) for tier in ("public", "private", "data") for zone in zones} == places


def test_the_load_balancer_leads_to_the_instances_and_to_nothing_else(cloud: Cloud, region: str) -> None:
    elb = cloud.client("elbv2", region)
    (balancer,) = elb.describe_load_balancers()["LoadBalancers"]
    assert "internet-facing" == balancer["Scheme"]
    assert 3 == len(balancer["AvailabilityZones"])
    listeners = {
        item["Port"]: item for item in elb.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]
    }
    assert {80, 443} == set(listeners)
    assert "redirect" == listeners[80]["DefaultActions"][0]["Type"]
    (targets,) = elb.describe_target_groups()["TargetGroups"]
    assert targets["TargetGroupArn"] == listeners[443]["DefaultActions"][0]["TargetGroupArn"]
    assert "HTTPS" == targets["Protocol"], "traffic to the instances is encrypted too"
    (group,) = cloud.client("autoscaling", region).describe_auto_scaling_groups()["AutoScalingGroups"]
    assert [targets["TargetGroupArn"]] == group["TargetGroupARNs"]


def test_the_firewall_stands_before_the_load_balancer_and_refuses(cloud: Cloud, region: str) -> None:
    (balancer,) = cloud.client("elbv2", region).describe_load_balancers()["LoadBalancers"]
    waf = cloud.client("wafv2", region)
    acl = waf.get_web_acl_for_resource(ResourceArn=balancer["LoadBalancerArn"])["WebACL"]
    assert f"medical-us-{SIDES[region]}-edge" == acl["Name"]
    assert 6 == len(acl["Rules"])
    assert not any("Count" in {**rule.get("Action", {}), **rule.get("OverrideAction", {})} for rule in acl["Rules"])
    logging = waf.get_logging_configuration(ResourceArn=acl["ARN"])["LoggingConfiguration"]
    assert {"authorization", "cookie"} <= {field["SingleHeader"]["Name"] for field in logging["RedactedFields"]}


def test_connections_and_names_asked_for_are_logged(cloud: Cloud, program: Program, region: str) -> None:
    side = the_side(program, region)
    elb, resolver = cloud.client("elbv2", region), cloud.client("route53resolver", region)
    (balancer,) = elb.describe_load_balancers()["LoadBalancers"]
    found = elb.describe_load_balancer_attributes(LoadBalancerArn=balancer["LoadBalancerArn"])["Attributes"]
    attributes = {item["Key"]: item["Value"] for item in found}
    for log in ("access_logs", "connection_logs"):
        assert ("true", side["buckets"]["logs"]) == (attributes[f"{log}.s3.enabled"], attributes[f"{log}.s3.bucket"])
    (link,) = resolver.list_resolver_query_log_config_associations()["ResolverQueryLogConfigAssociations"]
    assert side["vpc_id"] == link["ResourceId"]


def test_sessions_on_instances_are_logged_under_the_sides_key(cloud: Cloud, region: str) -> None:
    document = cloud.client("ssm", region).get_document(Name="SSM-SessionManagerRunShell")
    inputs = json.loads(document["Content"])["inputs"]
    assert the_key(cloud, region) == inputs["kmsKeyId"]
    logs = cloud.client("logs", region)
    (group,) = logs.describe_log_groups(logGroupNamePrefix=inputs["cloudWatchLogGroupName"])["logGroups"]
    assert (365, the_key(cloud, region)) == (group["retentionInDays"], group["kmsKeyId"])


def test_the_certificate_is_issued_for_the_cells_name_and_the_shared_one(cloud: Cloud, region: str) -> None:
    acm = cloud.client("acm", region)
    (summary,) = acm.list_certificates()["CertificateSummaryList"]
    certificate = acm.describe_certificate(CertificateArn=summary["CertificateArn"])["Certificate"]
    assert "ISSUED" == certificate["Status"]
    assert {"us.app.example.com", "app.example.com"} == set(certificate["SubjectAlternativeNames"])


def test_instances_are_kept_across_the_private_subnets(cloud: Cloud, program: Program, region: str) -> None:
    (group,) = cloud.client("autoscaling", region).describe_auto_scaling_groups()["AutoScalingGroups"]
    mine = [
        {"Name": "vpc-id", "Values": [the_side(program, region)["vpc_id"]]},
        {"Name": "tag:Tier", "Values": ["private"]},
    ]
    private = {item["SubnetId"] for item in cloud.client("ec2", region).describe_subnets(Filters=mine)["Subnets"]}
    assert private == set(group["VPCZoneIdentifier"].split(","))
    assert {HOME: 2, RECOVERY: 1}[region] == group["MinSize"]
    assert 6 == group["MaxSize"], "recovery may grow to what home may"
    assert "ELB" == group["HealthCheckType"]


def test_instances_speak_imdsv2_only_and_have_encrypted_disks(cloud: Cloud, region: str) -> None:
    ec2 = cloud.client("ec2", region)
    (template,) = ec2.describe_launch_templates()["LaunchTemplates"]
    versions = ec2.describe_launch_template_versions(LaunchTemplateId=template["LaunchTemplateId"])
    data = versions["LaunchTemplateVersions"][0]["LaunchTemplateData"]
    assert ("required", 1) == (
        data["MetadataOptions"]["HttpTokens"],
        data["MetadataOptions"]["HttpPutResponseHopLimit"],
    )
    (disk,) = data["BlockDeviceMappings"]
    assert (True, the_key(cloud, region)) == (disk["Ebs"]["Encrypted"], disk["Ebs"]["KmsKeyId"])
    assert "KeyName" not in data


def test_the_service_takes_what_the_instances_are_told(cloud: Cloud, program: Program, region: str) -> None:
    ec2 = cloud.client("ec2", region)
    (template,) = ec2.describe_launch_templates()["LaunchTemplates"]
    versions = ec2.describe_launch_template_versions(LaunchTemplateId=template["LaunchTemplateId"])
    found = config.parse(told(versions["LaunchTemplateVersions"][0]["LaunchTemplateData"]["UserData"]))
    side = the_side(program, region)
    assert ("us", region) == (found.cell, found.region)
    operations = {"operations": side["topics"]["operations"]}
    assert side["topics"] == {**found.topics, **operations}, "of all topics but the operators'"
    assert "operations" not in found.topics
    assert (side["buckets"]["uploads"], side["buckets"]["derived"]) == (found.buckets.uploads, found.buckets.derived)
    secrets = cloud.client("secretsmanager", region)
    assert {"username", "password"} == set(
        json.loads(secrets.get_secret_value(SecretId=found.database.secret)["SecretString"])
    )
    assert {"token"} == set(json.loads(secrets.get_secret_value(SecretId=found.cache.secret)["SecretString"]))
    (database,) = cloud.client("rds", region).describe_db_instances()["DBInstances"]
    assert (database["Endpoint"]["Address"], database["Endpoint"]["Port"]) == (
        found.database.host,
        found.database.port,
    )


def test_every_bucket_is_private_versioned_encrypted_and_tls_only(cloud: Cloud, program: Program, region: str) -> None:
    s3 = cloud.client("s3", region)
    buckets = the_side(program, region)["buckets"]
    assert {"uploads", "derived", "releases", "logs", "backups", "audit"} == set(buckets)
    for role, name in buckets.items():
        assert region == s3.get_bucket_location(Bucket=name)["LocationConstraint"]
        assert {True} == set(s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"].values())
        assert "Enabled" == s3.get_bucket_versioning(Bucket=name)["Status"]
        (rule,) = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"]
        default = rule["ApplyServerSideEncryptionByDefault"]
        if role == "logs":
            assert "AES256" == default["SSEAlgorithm"]
        else:
            assert the_key(cloud, region) == default["KMSMasterKeyID"]
            assert rule["BucketKeyEnabled"]
            assert buckets["logs"] == s3.get_bucket_logging(Bucket=name)["LoggingEnabled"]["TargetBucket"]
        (ownership,) = s3.get_bucket_ownership_controls(Bucket=name)["OwnershipControls"]["Rules"]
        assert "BucketOwnerEnforced" == ownership["ObjectOwnership"]
        policy = json.loads(s3.get_bucket_policy(Bucket=name)["Policy"])
        assert any(
            item["Effect"] == "Deny" and item.get("Condition", {}).get("Bool") == {"aws:SecureTransport": "false"}
            for item in policy["Statement"]
        )


def test_instances_find_their_release_in_their_own_side(cloud: Cloud, program: Program, region: str) -> None:
    bucket = the_side(program, region)["buckets"]["releases"]
    walks, package, rotates, release = cloud.client("s3", region).list_objects_v2(Bucket=bucket)["Contents"]
    assert rotates["Key"].startswith("functions/rotation-")
    assert release["Key"].startswith("starter-")
    assert package["Key"].startswith("functions/documents-"), "and the functions theirs"
    assert walks["Key"].startswith("functions/canaries-"), "and the canaries theirs"


def test_the_cache_asks_for_a_token_over_tls_in_two_zones(cloud: Cloud, region: str) -> None:
    (group,) = cloud.client("elasticache", region).describe_replication_groups()["ReplicationGroups"]
    assert group["TransitEncryptionEnabled"]
    assert group["AtRestEncryptionEnabled"]
    assert group["AuthTokenEnabled"]
    assert the_key(cloud, region) == group["KmsKeyId"]


def test_a_message_to_a_journeys_topic_arrives_in_its_queue(cloud: Cloud, program: Program, region: str) -> None:
    side = the_side(program, region)
    cloud.client("sns", region).publish(TopicArn=side["topics"]["appointments"], Message='{"slot": 1}')
    sqs = cloud.client("sqs", region)
    (message,) = sqs.receive_message(QueueUrl=side["queues"]["appointments"])["Messages"]
    assert '{"slot": 1}' == message["Body"]
    assert "Messages" not in sqs.receive_message(QueueUrl=side["queues"]["payments"], WaitTimeSeconds=0), (
        "and in no other"
    )


def test_users_are_led_from_the_shared_name_to_the_cell_and_on_to_home(cloud: Cloud, program: Program) -> None:
    zone = reveal(program.exports["zone_id"])
    records = cloud.client("route53", HOME).list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    aliases = {item["Name"]: item for item in records if "AliasTarget" in item}
    shared = aliases["app.example.com."]
    (own,) = [item for item in records if item["Name"] == "us.app.example.com." and item.get("Failover") == "PRIMARY"]
    assert (HOME, "us") == (shared["Region"], shared["SetIdentifier"])
    assert "us.app.example.com" == shared["AliasTarget"]["DNSName"].rstrip(".")
    assert the_side(program, HOME)["load_balancer"] == own["AliasTarget"]["DNSName"].rstrip(".")


def test_only_the_load_balancers_group_is_open_to_the_world(cloud: Cloud, program: Program, region: str) -> None:
    mine = [{"Name": "vpc-id", "Values": [the_side(program, region)["vpc_id"]]}]
    groups = cloud.client("ec2", region).describe_security_groups(Filters=mine)["SecurityGroups"]
    open_ = {
        (group["GroupName"], rule["FromPort"])
        for group in groups
        for rule in group["IpPermissions"]
        if any(item["CidrIp"] == "0.0.0.0/0" for item in rule.get("IpRanges", [])) or rule.get("Ipv6Ranges")
    }
    assert {(f"medical-us-{SIDES[region]}-edge", 80), (f"medical-us-{SIDES[region]}-edge", 443)} == open_


def test_instances_and_rotation_reach_the_database_and_the_cache_and_nobody_else_does(
    cloud: Cloud, program: Program, region: str
) -> None:
    mine = [{"Name": "vpc-id", "Values": [the_side(program, region)["vpc_id"]]}]
    groups = {
        item["GroupName"].removeprefix(f"medical-us-{SIDES[region]}-"): item
        for item in cloud.client("ec2", region).describe_security_groups(Filters=mine)["SecurityGroups"]
    }
    for store, port in (("db", 3306), ("cache", 6379)):
        (rule,) = groups[store]["IpPermissions"]
        assert port == rule["FromPort"] == rule["ToPort"]
        allowed = {groups[name]["GroupId"] for name in ("rotation", "web")}
        assert allowed == {pair["GroupId"] for pair in rule["UserIdGroupPairs"]}
        assert [] == rule.get("IpRanges", [])


def test_documents_and_evidence_are_replicated_to_the_other_side_under_its_key(
    cloud: Cloud, program: Program, region: str
) -> None:
    other = RECOVERY if region == HOME else HOME
    mine, theirs = the_side(program, region)["buckets"], the_side(program, other)["buckets"]
    for role in ("uploads", "derived", "audit"):
        found = cloud.client("s3", region).get_bucket_replication(Bucket=mine[role])["ReplicationConfiguration"]
        assert (3 if role == "derived" else 1) == len(found["Rules"])
        for rule in found["Rules"]:
            assert "Enabled" == rule["Status"] == rule["DeleteMarkerReplication"]["Status"]
            destination = rule["Destination"]
            assert f"arn:aws:s3:::{theirs[role]}" == destination["Bucket"]
            assert the_key(cloud, other) == destination["EncryptionConfiguration"]["ReplicaKmsKeyID"]
            assert 15 == destination["ReplicationTime"]["Time"]["Minutes"]


def test_evidence_is_locked_for_six_years(cloud: Cloud, program: Program, region: str) -> None:
    bucket = the_side(program, region)["buckets"]["audit"]
    lock = cloud.client("s3", region).get_object_lock_configuration(Bucket=bucket)["ObjectLockConfiguration"]
    retention = lock["Rule"]["DefaultRetention"]
    assert ("Enabled", "GOVERNANCE") == (lock["ObjectLockEnabled"], retention["Mode"])
    assert 2192 <= retention["Days"]


def test_each_side_keeps_backups_in_a_vault_under_its_own_key(cloud: Cloud, region: str) -> None:
    (vault,) = cloud.client("backup", region).list_backup_vaults()["BackupVaultList"]
    found = cloud.client("backup", region).describe_backup_vault(BackupVaultName=vault["BackupVaultName"])
    assert the_key(cloud, region) == found["EncryptionKeyArn"]
    assert found["Locked"]


def test_backups_are_copied_into_the_vault_of_the_other_side(cloud: Cloud) -> None:
    (there,) = cloud.client("backup", RECOVERY).list_backup_vaults()["BackupVaultList"]
    backup = cloud.client("backup", HOME)
    plans = [
        backup.get_backup_plan(BackupPlanId=item["BackupPlanId"])["BackupPlan"]
        for item in backup.list_backup_plans()["BackupPlansList"]
    ]
    copies = {
        action["DestinationBackupVaultArn"]
        for plan in plans
        for rule in plan["Rules"]
        for action in rule["CopyActions"]
    }
    assert {there["BackupVaultArn"]} == copies
    assert [] == cloud.client("backup", RECOVERY).list_backup_plans()["BackupPlansList"], (
        "the writer's side is backed up"
    )


def test_the_cells_name_is_a_failover_pair_and_home_is_held_to_its_check(cloud: Cloud, program: Program) -> None:
    route53 = cloud.client("route53", HOME)
    zone = reveal(program.exports["zone_id"])
    records = route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    pair = {item["Failover"]: item for item in records if "Failover" in item}
    for failover, region in (("PRIMARY", HOME), ("SECONDARY", RECOVERY)):
        assert the_side(program, region)["load_balancer"] == pair[failover]["AliasTarget"]["DNSName"].rstrip(".")
        assert pair[failover]["AliasTarget"]["EvaluateTargetHealth"]
    check = route53.get_health_check(HealthCheckId=pair["PRIMARY"]["HealthCheckId"])["HealthCheck"]
    assert "CALCULATED" == check["HealthCheckConfig"]["Type"]
    assert 2 == check["HealthCheckConfig"]["HealthThreshold"], "home is ready AND the switch is off"
    assert "HealthCheckId" not in pair["SECONDARY"]


def test_the_switch_stands_in_recovery_and_nowhere_else(cloud: Cloud, program: Program) -> None:
    name = reveal(program.exports["switch_alarm"])
    (alarm,) = cloud.client("cloudwatch", RECOVERY).describe_alarms(AlarmNames=[name])["MetricAlarms"]
    assert ("Medical/Continuity", "FailoverSwitch", "ignore") == (
        alarm["Namespace"],
        alarm["MetricName"],
        alarm["TreatMissingData"],
    )
    assert [] == cloud.client("cloudwatch", HOME).describe_alarms(AlarmNames=[name])["MetricAlarms"]


def test_what_a_failover_needs_is_kept_in_recovery(cloud: Cloud, program: Program) -> None:
    parameter = cloud.client("ssm", RECOVERY).get_parameter(Name="/medical/us/continuity/manifest", WithDecryption=True)
    found = manifest.read(parameter["Parameter"]["Value"])
    rds = cloud.client("rds", RECOVERY)
    (replica,) = rds.describe_db_instances(DBInstanceIdentifier=found.recovery.database.identifier)["DBInstances"]
    assert "ReadReplicaSourceDBInstanceIdentifier" in replica
    groups = cloud.client("autoscaling", RECOVERY).describe_auto_scaling_groups(
        AutoScalingGroupNames=[found.recovery.fleet.autoscaling_group]
    )["AutoScalingGroups"]
    assert found.recovery.fleet.scale_to <= groups[0]["MaxSize"], "recovery can grow to home's size by itself"
    assert reveal(program.exports["switch_alarm"]) == found.switch.alarm


def test_the_lag_of_the_replica_is_watched_where_the_replica_is(cloud: Cloud) -> None:
    alarms = cloud.client("cloudwatch", RECOVERY).describe_alarms()["MetricAlarms"]
    (lag,) = [item for item in alarms if item["AlarmName"].endswith("replica-lag")]
    assert (60.0, "breaching") == (lag["Threshold"], lag["TreatMissingData"])


def test_the_trail_is_logging_to_homes_audit_bucket_and_to_a_log_group(cloud: Cloud, program: Program) -> None:
    told, buckets = reveal(program.exports["audit"]), the_side(program, HOME)["buckets"]
    client = cloud.client("cloudtrail", HOME)
    assert client.get_trail_status(Name=told["trail"])["IsLogging"]
    trail = client.get_trail(Name=told["trail"])["Trail"]
    assert (buckets["audit"], "trail", the_key(cloud, HOME)) == (
        trail["S3BucketName"],
        trail["S3KeyPrefix"],
        trail["KmsKeyId"],
    )
    assert (buckets["audit"], "trail/", True) == (told["bucket"], told["prefix"], told["management"])
    assert trail["IsMultiRegionTrail"], "what is done where the cell has nothing is recorded too"
    assert trail["LogFileValidationEnabled"]
    (group,) = cloud.client("logs", HOME).describe_log_groups(logGroupNamePrefix=told["log_group"])["logGroups"]
    assert f"{group['arn'].removesuffix(':*')}:*" == trail["CloudWatchLogsLogGroupArn"]
    assert (365, the_key(cloud, HOME)) == (group["retentionInDays"], group["kmsKeyId"])
    selectors = client.get_event_selectors(TrailName=told["trail"])["AdvancedEventSelectors"]
    assert "management" == selectors[-1]["Name"]
    recorded = str(selectors)
    for region in SIDES:
        for role, name in the_side(program, region)["buckets"].items():
            assert (role != "logs") == (f"arn:aws:s3:::{name}/" in recorded)


def test_nobody_deletes_from_the_standing_audit_buckets(cloud: Cloud, program: Program, region: str) -> None:
    buckets, s3 = the_side(program, region)["buckets"], cloud.client("s3", region)
    for role in ("audit", "uploads"):
        version = s3.put_object(Bucket=buckets[role], Key="trail/1", Body=b"{}")["VersionId"]
        asked = {"Bucket": buckets[role], "Key": "trail/1", "VersionId": version}
        if role == "uploads":
            s3.delete_object(**asked)
            continue
        with pytest.raises(ClientError, match="403"):
            s3.delete_object(**asked, BypassGovernanceRetention=True)
        with pytest.raises(ClientError, match="403"):
            s3.delete_object(Bucket=buckets[role], Key="trail/1")


def test_the_cells_budget_stands_and_tells_operations(cloud: Cloud) -> None:
    (budget,) = cloud.client("budgets", "us-east-2").describe_budgets(AccountId=ACCOUNT)["Budgets"]
    assert "medical-us-global-budget" == budget["BudgetName"]
    assert (1000.0, "USD") == (float(budget["BudgetLimit"]["Amount"]), budget["BudgetLimit"]["Unit"])
    assert {"TagKeyValue": ["user:Cell$us"]} == budget["CostFilters"]


def test_what_the_benchmark_watches_for_is_counted_and_alarmed_on_in_home(cloud: Cloud, program: Program) -> None:
    told = reveal(program.exports["audit"])
    filters = cloud.client("logs", HOME).describe_metric_filters(logGroupName=told["log_group"])["metricFilters"]
    counted = {
        (item["metricNamespace"], item["metricName"]) for row in filters for item in row["metricTransformations"]
    }
    pages = cloud.client("cloudwatch", HOME).get_paginator("describe_alarms").paginate()
    alarms = [alarm for page in pages for alarm in page["MetricAlarms"]]
    watched = [alarm for alarm in alarms if (alarm.get("Namespace"), alarm.get("MetricName")) in counted]
    assert len(counted) == len(watched) == len(cis.WATCHES)
    assert {the_side(program, HOME)["topics"]["operations"]} == {
        action for alarm in watched for action in alarm["AlarmActions"]
    }


def test_the_account_and_its_regions_are_set_by_their_owner(cloud: Cloud, region: str) -> None:
    block = cloud.client("s3control", region).get_public_access_block(AccountId=ACCOUNT)
    assert {True} == set(block["PublicAccessBlockConfiguration"].values())
    assert cloud.client("ec2", region).get_ebs_encryption_by_default()["EbsEncryptionByDefault"]
    profiles = cloud.client("iam", region).list_instance_profiles()["InstanceProfiles"]
    names = {item["InstanceProfileName"] for item in profiles}
    assert {"medical-account-owner", f"medical-{SIDES[region]}-owner"} <= names
    passwords = cloud.client("iam", region).get_account_password_policy()["PasswordPolicy"]
    assert (14, 24, True) == (
        passwords["MinimumPasswordLength"],
        passwords["PasswordReusePrevention"],
        passwords["RequireSymbols"],
    )


def test_detectors_are_on_in_both_regions(cloud: Cloud, region: str) -> None:
    guardduty = cloud.client("guardduty", region)
    (id_,) = guardduty.list_detectors()["DetectorIds"]
    detector = guardduty.get_detector(DetectorId=id_)
    assert "ENABLED" == detector["Status"]
    assert {"ENABLED"} == {item["Status"] for item in detector["Features"]}
    assert set(detection.PROTECTIONS) == {item["Name"] for item in detector["Features"]}
    assert f":{region}:" in cloud.client("securityhub", region).describe_hub()["HubArn"]
    (recording,) = cloud.client("config", region).describe_configuration_recorder_status()[
        "ConfigurationRecordersStatus"
    ]
    assert recording["recording"]
    (status,) = cloud.client("inspector2", region).batch_get_account_status(accountIds=[ACCOUNT])["accounts"]
    assert ("ENABLED", "ENABLED") == tuple(status["resourceState"][kind]["status"] for kind in ("ec2", "lambda"))
    held = {item.type for item in cloud.recorded}
    assert "aws:accessanalyzer/analyzer:Analyzer" in held, "moto has none: if it has now, ask it here"
    elsewhere = cloud.client("guardduty", "eu-west-1")
    assert [] == elsewhere.list_detectors()["DetectorIds"], "and nowhere that is not the cell's"


def test_every_role_that_stands_is_bound(cloud: Cloud, program: Program) -> None:
    iam = cloud.client("iam", HOME)
    names = {item["RoleName"] for page in iam.get_paginator("list_roles").paginate() for item in page["Roles"]}
    made = {item.inputs["name"] for item in program.of_type("aws:iam/role:Role")}
    assert made <= names
    boundary = f"arn:aws:iam::{ACCOUNT}:policy/medical-us-global-boundary"
    bound = {
        name: iam.get_role(RoleName=name)["Role"].get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
        for name in made
    }
    assert dict.fromkeys(made, boundary) == bound
    assert iam.get_policy(PolicyArn=boundary)["Policy"]["Arn"] == boundary
