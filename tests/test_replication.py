"""Replication between the sides' buckets, declared and standing."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any, Final

import pulumi
import pytest
from pulumi_aws import kms, sns

from components.observability.catalog import alarms_of as alarms_from
from components.observability.continuity_alarms import BYTES_A_SECOND
from components.observability.register import build_alarm
from components.observability.watched import Watched
from components.storage import rules
from components.storage.replication import MINUTES, REPLICATED, Replication, ReplicationArgs, ReplicationSide, admit
from components.storage.storage import Storage, StorageArgs
from domain.alarms import PROFILES, STEADY
from domain.naming import Names
from domain.regions import region as find_region
from domain.residency import Contract, Dataset, Jurisdiction, Mechanism, ResidencyError
from ops.drill.parity import ties
from ops.engine.record import Program, Registration
from ops.sandbox.cloud import Cloud
from tests.support import ACCOUNT, BOUNDARY, HOME, RECOVERY, declare, only, opts_in, standing, statements

SIDES: Final = {"home": HOME, "recovery": RECOVERY}
WAYS: Final = [("home", "recovery"), ("recovery", "home")]
CONFIG: Final = "aws:s3/bucketReplicationConfig:BucketReplicationConfig"
ALARM: Final = "aws:cloudwatch/metricAlarm:MetricAlarm"
PARTS: Final = {"uploads": ("uploads",), "derived": ("texts", "status", "images"), "audit": ("audit",)}
COPIED: Final = tuple(part for parts in PARTS.values() for part in parts)
PENDING_BYTES: Final = 112_500_000_000
CONTRACT: Final = Contract(Jurisdiction("US"))


def build_side(name: str, region: str, opts: pulumi.ResourceOptions) -> ReplicationSide:
    names = Names(cell="us", place=find_region(region).abbreviation)
    provider = opts.providers[0] if isinstance(opts.providers, list) else None
    carried = pulumi.ResourceOptions(provider=provider)
    key = kms.Key(f"{name}-key", description=name, opts=carried)
    args = StorageArgs(
        names=names,
        account_id=ACCOUNT,
        region=region,
        key_arn=key.arn,
        access_log_days=365,
        noncurrent_days=90,
        audit_days=2192,
        vault_lock="governance",
        throw_away=False,
    )
    storage = Storage(f"{name}-storage", args, opts)
    return ReplicationSide(names=names, region=region, key_arn=key.arn, buckets=storage.buckets)


def build_topic(name: str, side: ReplicationSide, opts: pulumi.ResourceOptions) -> sns.Topic:
    provider = opts.providers[0] if isinstance(opts.providers, list) else None
    return sns.Topic(
        f"{name}-operations", name=side.names.of("operations"), opts=pulumi.ResourceOptions(provider=provider)
    )


def build_alarms(
    name: str, found: tuple[Watched, ...], side: ReplicationSide, topic: sns.Topic, opts: pulumi.ResourceOptions
) -> None:
    provider = opts.providers[0] if isinstance(opts.providers, list) else None
    carried = pulumi.ResourceOptions(provider=provider)
    for item in alarms_from(found, PROFILES[STEADY]):
        for alarm in item.alarms:
            build_alarm(f"{name}-{alarm.role}", alarm, names=side.names, topic=topic.arn, opts=carried)


def both_ways() -> None:
    opts = {name: opts_in(region) for name, region in SIDES.items()}
    sides = {name: build_side(name, region, opts[name]) for name, region in SIDES.items()}
    topics = {name: build_topic(name, side, opts[name]) for name, side in sides.items()}
    for source, destination in WAYS:
        args = ReplicationArgs(
            account_id=ACCOUNT,
            boundary_arn=BOUNDARY,
            source=sides[source],
            destination=sides[destination],
            copies=admit(CONTRACT, sides[source], sides[destination]),
        )
        made = Replication(f"{source}-replication", args, opts[source])
        build_alarms(source, made.watched, sides[source], topics[source], opts[source])
        build_alarms(source, made.arriving, sides[destination], topics[destination], opts[destination])


@pytest.fixture(scope="module")
def declared() -> Program:
    return declare(both_ways)


@pytest.fixture(scope="module")
def stands() -> Iterator[tuple[Program, Cloud]]:
    with standing(both_ways) as found:
        yield found


def physical(side: str, role: str) -> str:
    return f"medical-us-{find_region(SIDES[side]).abbreviation}-{role}-{ACCOUNT}"


def bucket_of(part: str) -> str:
    return next(role for role, parts in PARTS.items() if part in parts)


def prefix_of(part: str) -> str:
    return "" if part in PARTS else f"{part}/"


def rule_of(program: Program, source: str, part: str) -> dict[str, Any]:
    found = only(program, CONFIG, f"{source}-replication-{bucket_of(part)}").inputs["rules"]
    (rule,) = [item for item in found if item["id"].startswith(f"{part}-to-")]
    return dict(rule)


def rights_of(program: Program, source: str) -> list[dict[str, Any]]:
    document = only(program, "aws:iam/rolePolicy:RolePolicy", f"{source}-replication").inputs["policy"]
    return statements(document)


def test_documents_and_evidence_are_replicated_and_nothing_else() -> None:
    assert {"uploads", "derived", "audit"} == set(REPLICATED)
    assert {"releases", "logs", "backups"} == set(rules.ROLES) - set(REPLICATED), "each side has its own"


@pytest.mark.parametrize(("source", "destination"), WAYS)
@pytest.mark.parametrize("part", COPIED)
def test_each_part_of_a_bucket_is_replicated_to_its_twin_within_15_minutes(
    declared: Program, source: str, destination: str, part: str
) -> None:
    role = bucket_of(part)
    assert physical(source, role) == only(declared, CONFIG, f"{source}-replication-{role}").inputs["bucket"]
    rule = rule_of(declared, source, part)
    target = rule["destination"]
    assert f"arn:aws:s3:::{physical(destination, role)}" == target["bucket"]
    filter_ = {"prefix": prefix_of(part)} if prefix_of(part) else {}
    assert ("Enabled", filter_, PARTS[role].index(part) + 1) == (rule["status"], rule["filter"], rule["priority"])
    assert {"status": "Enabled", "time": {"minutes": 15}} == target["replicationTime"]
    assert {"status": "Enabled", "eventThreshold": {"minutes": 15}} == target["metrics"]


@pytest.mark.parametrize(("source", "destination"), WAYS)
@pytest.mark.parametrize("part", COPIED)
def test_a_rule_carries_delete_markers_changed_replicas_and_encrypted_objects(
    declared: Program, source: str, destination: str, part: str
) -> None:
    rule = rule_of(declared, source, part)
    key = only(declared, "aws:kms/key:Key", f"{destination}-key").outputs["arn"]
    assert {"status": "Enabled"} == rule["deleteMarkerReplication"]
    criteria = rule["sourceSelectionCriteria"]
    assert {"status": "Enabled"} == criteria["sseKmsEncryptedObjects"]
    returns = "Disabled" if part == "uploads" else "Enabled"
    assert {"status": returns} == criteria["replicaModifications"], "the scanner's tag would make a replica an original"
    assert {"replicaKmsKeyId": key} == rule["destination"]["encryptionConfiguration"]


@pytest.mark.parametrize("source", SIDES)
def test_a_rule_is_made_by_the_provider_of_its_source(declared: Program, source: str) -> None:
    for role in REPLICATED:
        assert SIDES[source] == declared.region_of(only(declared, CONFIG, f"{source}-replication-{role}"))


@pytest.mark.parametrize(("source", "destination"), WAYS)
@pytest.mark.parametrize("role", REPLICATED)
def test_a_rule_waits_for_both_versionings_the_locks_and_the_roles_rights(
    declared: Program, source: str, destination: str, role: str
) -> None:
    config = only(declared, CONFIG, f"{source}-replication-{role}")
    waited = {*config.dependencies}

    def waits_for(type_: str, name: str) -> bool:
        return only(declared, type_, name).urn in waited

    assert waits_for("aws:iam/rolePolicy:RolePolicy", f"{source}-replication")
    for side in (source, destination):
        assert waits_for("aws:s3/bucketVersioning:BucketVersioning", f"{side}-storage-{role}")
        assert not waits_for("aws:s3/bucketVersioning:BucketVersioning", f"{side}-storage-releases")
    locks = {
        side
        for side in SIDES
        for item in declared.of_type("aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration")
        if item.name == f"{side}-storage-{role}" and item.urn in waited
    }
    assert (set(SIDES) if role == "audit" else set()) == locks


@pytest.mark.parametrize("source", SIDES)
def test_only_s3_and_only_for_this_account_takes_the_role(declared: Program, source: str) -> None:
    role = only(declared, "aws:iam/role:Role", f"{source}-replication")
    (trust,) = statements(role.inputs["assumeRolePolicy"])
    assert {"Service": "s3.amazonaws.com"} == trust["Principal"]
    assert {"StringEqualsIfExists": {"aws:SourceAccount": ACCOUNT}} == trust["Condition"]


@pytest.mark.parametrize(("source", "destination"), WAYS)
def test_the_role_reads_the_sources_and_writes_the_destinations_and_no_more(
    declared: Program, source: str, destination: str
) -> None:
    given = {
        (action, resource)
        for statement in rights_of(declared, source)
        for action in statement["Action"]
        for resource in statement["Resource"]
        if action.startswith("s3:")
    }
    origin = {role: f"arn:aws:s3:::{physical(source, role)}" for role in REPLICATED}
    target = {role: f"arn:aws:s3:::{physical(destination, role)}" for role in REPLICATED}
    on_buckets = {"s3:GetReplicationConfiguration", "s3:ListBucket"}
    on_versions = {"s3:GetObjectVersionAcl", "s3:GetObjectVersionForReplication", "s3:GetObjectVersionTagging"}
    on_locks = {"s3:GetObjectLegalHold", "s3:GetObjectRetention"}
    on_replicas = {"s3:ReplicateDelete", "s3:ReplicateObject", "s3:ReplicateTags"}
    assert {
        *((action, origin[role]) for role in REPLICATED for action in on_buckets),
        *(
            (action, f"{origin[bucket_of(part)]}/{prefix_of(part)}*")
            for part in COPIED
            for action in on_versions | on_locks
        ),
        *((action, f"{target[bucket_of(part)]}/{prefix_of(part)}*") for part in COPIED for action in on_replicas),
    } == given


@pytest.mark.parametrize(("source", "destination"), WAYS)
def test_the_role_decrypts_with_the_sources_key_and_encrypts_with_the_destinations_through_s3_alone(
    declared: Program, source: str, destination: str
) -> None:
    def key_of(side: str) -> str:
        return str(only(declared, "aws:kms/key:Key", f"{side}-key").outputs["arn"])

    uses = [item for item in rights_of(declared, source) if item["Action"][0].startswith("kms:")]
    assert 2 * len(REPLICATED) == len(uses)
    for use in uses:
        decrypts = ["kms:Decrypt"] == use["Action"]
        side = source if decrypts else destination
        assert decrypts or ["kms:Encrypt", "kms:GenerateDataKey"] == use["Action"]
        assert [key_of(side)] == use["Resource"]
        assert {"kms:ViaService": f"s3.{SIDES[side]}.amazonaws.com"} == use["Condition"]["StringEquals"]
        bucket, *objects = use["Condition"]["StringLike"]["kms:EncryptionContext:aws:s3:arn"]
        (role,) = [role for role in REPLICATED if bucket == f"arn:aws:s3:::{physical(side, role)}"]
        assert [f"{bucket}/{prefix_of(part)}*" for part in PARTS[role]] == objects


def test_no_right_is_given_on_everything(declared: Program) -> None:
    for source in SIDES:
        for statement in rights_of(declared, source):
            assert "*" not in statement["Resource"]
            assert not any("*" in action for action in statement["Action"])


def alarms_of(program: Program, source: str, suffix: str) -> list[Registration]:
    names = [f"{source}-replication-{part}-{suffix}" for part in COPIED]
    return [only(program, ALARM, name) for name in names]


@pytest.mark.parametrize(("source", "destination"), WAYS)
@pytest.mark.parametrize(
    ("suffix", "metric", "threshold"),
    [("late", "ReplicationLatency", 900), ("pending", "BytesPendingReplication", PENDING_BYTES)],
)
def test_delay_is_watched_where_s3_reports_it_in_the_destinations_region(
    declared: Program, source: str, destination: str, suffix: str, metric: str, threshold: int
) -> None:
    topic = only(declared, "aws:sns/topic:Topic", f"{destination}-operations").outputs["arn"]
    for part, alarm in zip(COPIED, alarms_of(declared, source, suffix), strict=True):
        assert SIDES[destination] == declared.region_of(alarm)
        assert [topic] == alarm.inputs["alarmActions"] == alarm.inputs["okActions"], "of the alarm's own region"
        assert (metric, threshold, "Maximum") == tuple(
            alarm.inputs[key] for key in ("metricName", "threshold", "statistic")
        )
        assert {
            "SourceBucket": physical(source, bucket_of(part)),
            "DestinationBucket": physical(destination, bucket_of(part)),
            "RuleId": rule_of(declared, source, part)["id"],
        } == alarm.inputs["dimensions"]


def test_a_delay_beyond_15_minutes_is_late() -> None:
    assert 900 == MINUTES * 60
    assert PENDING_BYTES == BYTES_A_SECOND * MINUTES * 60 == ties.PENDING_BYTES, "one gigabit a second for as long"


def test_silence_neither_raises_nor_ends_an_alarm_on_delay(declared: Program) -> None:
    for source in SIDES:
        for suffix in ("late", "pending"):
            assert {"ignore"} == {item.inputs["treatMissingData"] for item in alarms_of(declared, source, suffix)}


@pytest.mark.parametrize("source", SIDES)
def test_what_s3_gives_up_on_is_told_on_the_side_that_reports_it(declared: Program, source: str) -> None:
    topic = only(declared, "aws:sns/topic:Topic", f"{source}-operations").outputs["arn"]
    for alarm in alarms_of(declared, source, "failed"):
        assert SIDES[source] == declared.region_of(alarm)
        assert [topic] == alarm.inputs["alarmActions"]
        assert ("OperationsFailedReplication", 0) == (alarm.inputs["metricName"], alarm.inputs["threshold"])


def test_the_twins_differ_in_names_keys_and_regions_only(declared: Program) -> None:
    def settings(side: str) -> dict[tuple[str, str], str]:
        other = {"home": ("use2", HOME), "recovery": ("usw2", RECOVERY)}[side]
        found = {}
        for item in declared.registrations:
            if item.type.startswith("aws:s3/") and item.name.startswith(f"{side}-storage-"):
                text = str(item.inputs).replace(other[0], "<place>").replace(other[1], "<region>")
                found[item.type, item.name.removeprefix(side)] = text.replace(f"{side}-key", "<key>")
        return found

    home = settings("home")
    assert home == settings("recovery")
    kinds = {type_.rpartition(":")[2] for type_, name in home if name == "-storage-audit"}
    assert {"BucketLifecycleConfiguration", "BucketObjectLockConfiguration", "BucketPolicy"} <= kinds


def test_a_side_abroad_is_refused_before_anything_is_registered() -> None:
    def program() -> None:
        home = build_side("home", HOME, opts_in(HOME))
        abroad = dataclasses.replace(home, region="eu-west-1")
        with pytest.raises(ResidencyError, match="eu-west-1 by S3 replication: it lies in EU, outside jurisdiction US"):
            admit(CONTRACT, home, abroad)

    assert [] == declare(program).of_type(CONFIG)


@pytest.mark.parametrize(
    ("dataset", "mechanism", "to"),
    [
        (Dataset.SECRETS, Mechanism.BUCKET_REPLICATION, RECOVERY),
        (Dataset.UPLOADS, Mechanism.BACKUP_COPY, RECOVERY),
        (Dataset.UPLOADS, Mechanism.BUCKET_REPLICATION, "us-east-1"),
        (Dataset.TEXTS, Mechanism.BUCKET_REPLICATION, RECOVERY),
    ],
)
def test_a_copy_that_was_admitted_for_something_else_is_refused(
    dataset: Dataset, mechanism: Mechanism, to: str
) -> None:
    copy = CONTRACT.admit(dataset, source_region=HOME, destination_region=to, mechanism=mechanism, key="key")

    def program() -> None:
        home = build_side("home", HOME, opts_in(HOME))
        recovery = build_side("recovery", RECOVERY, opts_in(RECOVERY))
        with pytest.raises(ResidencyError, match="a copy was admitted for"):
            ReplicationArgs(
                account_id=ACCOUNT, boundary_arn=BOUNDARY, source=home, destination=recovery, copies={"uploads": copy}
            )

    declare(program)


@pytest.mark.parametrize(("source", "destination"), WAYS)
@pytest.mark.parametrize("role", REPLICATED)
def test_the_standing_rules_are_the_declared_ones(
    stands: tuple[Program, Cloud], source: str, destination: str, role: str
) -> None:
    program, cloud = stands
    found = cloud.client("s3", SIDES[source]).get_bucket_replication(Bucket=physical(source, role))
    configuration = found["ReplicationConfiguration"]
    assert only(program, "aws:iam/role:Role", f"{source}-replication").outputs["arn"] == configuration["Role"]
    key = only(program, "aws:kms/key:Key", f"{destination}-key").outputs["arn"]
    assert [
        {
            "ID": f"{part}-to-{find_region(SIDES[destination]).abbreviation}",
            "Priority": priority,
            "Filter": {"Prefix": prefix_of(part)} if prefix_of(part) else {},
            "Status": "Enabled",
            "SourceSelectionCriteria": {
                "SseKmsEncryptedObjects": {"Status": "Enabled"},
                "ReplicaModifications": {"Status": "Disabled" if part == "uploads" else "Enabled"},
            },
            "Destination": {
                "Bucket": f"arn:aws:s3:::{physical(destination, role)}",
                "EncryptionConfiguration": {"ReplicaKmsKeyID": key},
                "ReplicationTime": {"Status": "Enabled", "Time": {"Minutes": 15}},
                "Metrics": {"Status": "Enabled", "EventThreshold": {"Minutes": 15}},
            },
            "DeleteMarkerReplication": {"Status": "Enabled"},
        }
        for priority, part in enumerate(PARTS[role], start=1)
    ] == configuration["Rules"]


def test_a_bucket_that_is_not_replicated_has_no_rules(stands: tuple[Program, Cloud]) -> None:
    _, cloud = stands
    s3 = cloud.client("s3", HOME)
    with pytest.raises(s3.exceptions.ClientError, match="ReplicationConfigurationNotFound"):
        s3.get_bucket_replication(Bucket=physical("home", "releases"))


@pytest.mark.parametrize(("source", "destination"), WAYS)
def test_the_alarms_stand_in_the_regions_that_report(
    stands: tuple[Program, Cloud], source: str, destination: str
) -> None:
    _, cloud = stands

    def names(side: str) -> set[str]:
        alarms = cloud.client("cloudwatch", SIDES[side]).describe_alarms()["MetricAlarms"]
        wanted = {"Name": "SourceBucket", "Value": physical(source, "uploads")}
        return {item["AlarmName"] for item in alarms if wanted in item["Dimensions"]}

    def called(side: str, suffix: str) -> str:
        return f"medical-us-{find_region(SIDES[side]).abbreviation}-replication-uploads-{suffix}"

    assert {called(source, "failed")} == names(source)
    assert {called(destination, "late"), called(destination, "pending")} == names(destination)
