"""Replication of S3's objects in the local cloud."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, timedelta
from typing import Any, Final

import pytest
from botocore.exceptions import ClientError

from ops.sandbox.physics.clock import START
from ops.sandbox.physics.figures import Figure, Figures
from ops.sandbox.physics.objects.objects import ObjectsGoneError
from tests.physics.small_world import SmallWorld, small_world
from tests.support import HOME, RECOVERY

BUCKETS: Final = {HOME: "medical-us-use2-uploads", RECOVERY: "medical-us-usw2-uploads"}
SECONDS: Final = 16  # longer than any object takes that is none of the few
FIGURES: Final = replace(Figures(), object_tail_share=Figure(0, 0, "test: none takes long", "share"))


class Buckets:
    """A bucket on each side, with keys, replicating to each other."""

    def __init__(self, small: SmallWorld) -> None:
        """Make them."""
        self.small = small
        self.s3 = {region: small.client("s3", region) for region in BUCKETS}
        self.keys: dict[str, str] = {}
        for region, bucket in BUCKETS.items():
            self.keys[region] = small.client("kms", region).create_key()["KeyMetadata"]["Arn"]
            s3 = self.s3[region]
            s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": region})
            s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
            default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": self.keys[region]}
            s3.put_bucket_encryption(
                Bucket=bucket,
                ServerSideEncryptionConfiguration={"Rules": [{"ApplyServerSideEncryptionByDefault": default}]},
            )
        self.replicate(HOME)
        self.replicate(RECOVERY)

    def replicate(self, source: str, **more: Any) -> None:  # noqa: ANN401 - a rule's own settings
        """Put the rule that the program declares, with `more` over it."""
        (destination,) = set(BUCKETS) - {source}
        rule: dict[str, Any] = {
            "ID": f"to-{destination}",
            "Priority": 1,
            "Filter": {},
            "Status": "Enabled",
            "SourceSelectionCriteria": {"SseKmsEncryptedObjects": {"Status": "Enabled"}},
            "DeleteMarkerReplication": {"Status": "Enabled"},
            "Destination": {
                "Bucket": f"arn:aws:s3:::{BUCKETS[destination]}",
                "EncryptionConfiguration": {"ReplicaKmsKeyID": self.keys[destination]},
            },
        }
        self.s3[source].put_bucket_replication(
            Bucket=BUCKETS[source],
            ReplicationConfiguration={
                "Role": "arn:aws:iam::111122223333:role/replication",
                "Rules": [{**rule, **more}],
            },
        )

    def put(self, region: str, key: str, body: str, **more: Any) -> str:  # noqa: ANN401 - S3's own
        return str(self.s3[region].put_object(Bucket=BUCKETS[region], Key=key, Body=body, **more)["VersionId"])

    def head(self, region: str, key: str) -> dict[str, Any]:
        return dict(self.s3[region].head_object(Bucket=BUCKETS[region], Key=key))

    def status(self, region: str, key: str) -> str:
        return str(self.head(region, key)["ReplicationStatus"])

    def has(self, region: str, key: str) -> bool:
        return self.small.world.objects.get(region, BUCKETS[region], key) is not None

    def metric(self, region: str, name: str, *, source: str = HOME) -> list[float]:
        """What S3 has reported in `region` on what goes out of `source`."""
        (destination,) = set(BUCKETS) - {source}
        dimensions = {
            "SourceBucket": BUCKETS[source],
            "DestinationBucket": BUCKETS[destination],
            "RuleId": f"to-{destination}",
        }
        found = self.small.world.metrics.recent(region, "AWS/S3", name, dimensions, 86400)
        return [value for _, value in found]


@pytest.fixture
def buckets() -> Iterator[Buckets]:
    with small_world(FIGURES) as small:
        yield Buckets(small)


def test_an_object_arrives_after_a_while_and_says_so(buckets: Buckets) -> None:
    world = buckets.small.begin()
    buckets.put(HOME, "scan", "one")
    assert "PENDING" == buckets.status(HOME, "scan")
    world.advance(1)
    assert not buckets.has(RECOVERY, "scan")
    world.advance(SECONDS)
    assert "one" == world.objects.get(RECOVERY, BUCKETS[RECOVERY], "scan")
    assert ("COMPLETED", "REPLICA") == (buckets.status(HOME, "scan"), buckets.status(RECOVERY, "scan"))


def test_a_replica_is_the_same_version_with_its_own_sides_key(buckets: Buckets) -> None:
    world = buckets.small.begin()
    version = buckets.put(HOME, "scan", "one", Metadata={"kind": "mri"}, ContentType="text/plain", Tagging="a=b")
    world.advance(SECONDS)
    original, replica = buckets.head(HOME, "scan"), buckets.head(RECOVERY, "scan")
    assert (version, {"kind": "mri"}, "text/plain") == tuple(
        replica[name] for name in ("VersionId", "Metadata", "ContentType")
    )
    assert (original["ETag"], START) == (replica["ETag"], replica["LastModified"].astimezone(UTC))
    assert [buckets.keys[HOME], buckets.keys[RECOVERY]] == [item["SSEKMSKeyId"] for item in (original, replica)]
    tags = buckets.s3[RECOVERY].get_object_tagging(Bucket=BUCKETS[RECOVERY], Key="scan")["TagSet"]
    assert [{"Key": "a", "Value": "b"}] == tags


def test_objects_go_both_ways_and_never_in_a_circle(buckets: Buckets) -> None:
    world = buckets.small.begin()
    buckets.put(HOME, "from-home", "one")
    buckets.put(RECOVERY, "from-recovery", "two")
    world.advance(300)
    for region in BUCKETS:
        listed = buckets.s3[region].list_object_versions(Bucket=BUCKETS[region])["Versions"]
        assert ["from-home", "from-recovery"] == sorted(item["Key"] for item in listed), "each once"
        assert ["from-home", "from-recovery"] == world.objects.keys(region, BUCKETS[region], "from-")
    assert 2 == len(buckets.small.events("replicated"))


def test_a_copy_and_a_multipart_upload_are_replicated_too(buckets: Buckets) -> None:
    world = buckets.small.begin()
    s3, bucket = buckets.s3[HOME], BUCKETS[HOME]
    upload = s3.create_multipart_upload(Bucket=bucket, Key="large")["UploadId"]
    part = s3.upload_part(Bucket=bucket, Key="large", UploadId=upload, PartNumber=1, Body=b"large")["ETag"]
    s3.complete_multipart_upload(
        Bucket=bucket, Key="large", UploadId=upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part}]}
    )
    s3.copy_object(Bucket=bucket, Key="copy", CopySource=f"{bucket}/large")
    world.advance(SECONDS)
    assert ["copy", "large"] == world.objects.keys(RECOVERY, BUCKETS[RECOVERY], "")
    assert buckets.head(HOME, "large")["ETag"] == buckets.head(RECOVERY, "large")["ETag"]


def test_a_delete_marker_follows_if_the_rule_says_so(buckets: Buckets) -> None:
    world = buckets.small.begin()
    for region in BUCKETS:
        buckets.put(region, f"at-{region}", "one")
    buckets.replicate(RECOVERY, DeleteMarkerReplication={"Status": "Disabled"})
    world.advance(SECONDS)
    for region in BUCKETS:
        buckets.s3[region].delete_object(Bucket=BUCKETS[region], Key=f"at-{region}")
    world.advance(SECONDS)
    assert not buckets.has(RECOVERY, f"at-{HOME}")
    assert [f"at-{RECOVERY}"] == world.objects.keys(RECOVERY, BUCKETS[RECOVERY], "") + world.objects.keys(
        HOME, BUCKETS[HOME], ""
    ), "hidden where it was deleted, and there only"


def test_a_version_that_is_deleted_for_good_before_it_is_copied_is_not_copied(buckets: Buckets) -> None:
    world = buckets.small.begin()
    version = buckets.put(HOME, "scan", "one")
    buckets.s3[HOME].delete_object(Bucket=BUCKETS[HOME], Key="scan", VersionId=version)
    world.advance(120)
    assert not buckets.has(RECOVERY, "scan")
    assert [] == buckets.metric(RECOVERY, "OperationsPendingReplication")


def test_an_older_version_that_arrives_late_does_not_hide_the_newer_one() -> None:
    figures = replace(FIGURES, object_copy=Figure(2, 60, "test: far apart"))
    with small_world(figures) as small:
        buckets = Buckets(small)
        world = small.begin()
        for number in range(12):
            buckets.put(HOME, "scan", str(number))
        world.advance(61)
        arrived = [event.facts["seconds"] for event in world.events if event.what == "replicated"]
        assert 12 == len(arrived)
        assert "11" == world.objects.get(RECOVERY, BUCKETS[RECOVERY], "scan")
        listed = [
            [item["VersionId"] for item in buckets.s3[region].list_object_versions(Bucket=bucket)["Versions"]]
            for region, bucket in BUCKETS.items()
        ]
        assert sorted(listed[0]) == sorted(listed[1])


@pytest.mark.parametrize(("fault", "region"), [("region-dark", RECOVERY), ("replication-stalled", RECOVERY)])
def test_what_cannot_be_copied_now_waits_and_arrives_when_it_is_over(buckets: Buckets, fault: str, region: str) -> None:
    world = buckets.small.begin()
    world.faults.inject(fault, region)
    for number in range(3):
        buckets.put(HOME, f"scan-{number}", "four")
    world.advance(600)
    assert ["PENDING"] * 3 == [buckets.status(HOME, f"scan-{number}") for number in range(3)]
    world.faults.lift(fault, region)
    world.advance(SECONDS + 1)
    assert ["COMPLETED"] * 3 == [buckets.status(HOME, f"scan-{number}") for number in range(3)]
    assert 3 == len(world.objects.keys(RECOVERY, BUCKETS[RECOVERY], ""))


def test_a_dark_source_copies_nothing_and_reports_nothing(buckets: Buckets) -> None:
    world = buckets.small.begin()
    buckets.put(HOME, "scan", "one")
    world.faults.inject("region-dark", HOME)
    world.advance(300)
    assert not buckets.has(RECOVERY, "scan")
    assert [] == buckets.metric(RECOVERY, "OperationsPendingReplication")
    world.faults.lift("region-dark", HOME)
    world.advance(60)
    assert buckets.has(RECOVERY, "scan")


def test_a_stall_shows_in_the_destinations_metrics_and_ends_in_zero(buckets: Buckets) -> None:
    world = buckets.small.begin()
    world.faults.inject("replication-stalled", RECOVERY)
    buckets.put(HOME, "scan-1", "four")
    buckets.put(HOME, "scan-2", "five!")
    world.advance(180)
    assert [2, 2, 2] == buckets.metric(RECOVERY, "OperationsPendingReplication")
    assert [9, 9, 9] == buckets.metric(RECOVERY, "BytesPendingReplication")
    assert [60, 120, 180] == buckets.metric(RECOVERY, "ReplicationLatency")
    assert [] == buckets.metric(HOME, "ReplicationLatency"), "the source's region has none of it"
    world.faults.lift("replication-stalled", RECOVERY)
    world.advance(600)
    assert [2, 2, 2, 0, 0] == buckets.metric(RECOVERY, "OperationsPendingReplication"), "once more, then nothing"
    latency = buckets.metric(RECOVERY, "ReplicationLatency")
    assert 180 < latency[3] <= 180 + SECONDS
    assert 0 == latency[4]
    found = buckets.small.client("cloudwatch", RECOVERY).get_metric_statistics(
        Namespace="AWS/S3",
        MetricName="BytesPendingReplication",
        StartTime=START,
        EndTime=START + timedelta(minutes=10),
        Period=60,
        Statistics=["Maximum"],
    )["Datapoints"]
    told = sorted((point["Timestamp"].astimezone(UTC), point["Maximum"]) for point in found)
    assert [(START + timedelta(minutes=minute), [9, 9, 9, 0, 0][minute]) for minute in range(5)] == told


def test_a_bucket_in_which_nothing_happens_reports_nothing(buckets: Buckets) -> None:
    world = buckets.small.begin()
    world.advance(600)
    assert [] == buckets.metric(RECOVERY, "ReplicationLatency")


@pytest.mark.parametrize("how", ["disabled", "fault", "of another region"])
def test_without_the_destinations_key_an_object_fails_for_good(buckets: Buckets, how: str) -> None:
    if how == "of another region":
        wrong = {"Bucket": f"arn:aws:s3:::{BUCKETS[RECOVERY]}"}
        buckets.replicate(
            HOME, Destination={**wrong, "EncryptionConfiguration": {"ReplicaKmsKeyID": buckets.keys[HOME]}}
        )
    world = buckets.small.begin()
    kms = buckets.small.client("kms", RECOVERY)
    if how == "disabled":
        kms.disable_key(KeyId=buckets.keys[RECOVERY].rpartition("/")[2])
    if how == "fault":
        world.faults.inject("key-missing", RECOVERY)
    buckets.put(HOME, "scan", "one")
    world.advance(60)
    assert "FAILED" == buckets.status(HOME, "scan")
    assert [1] == buckets.metric(HOME, "OperationsFailedReplication"), "told where the source is"
    if how == "disabled":
        kms.enable_key(KeyId=buckets.keys[RECOVERY].rpartition("/")[2])
    if how == "fault":
        world.faults.lift("key-missing", RECOVERY)
    world.advance(600)
    assert not buckets.has(RECOVERY, "scan"), "nobody tries again"
    assert [BUCKETS[RECOVERY] in item["reason"] for item in buckets.small.events("replication-failed")] == [True]


def test_a_key_is_known_by_its_alias_too(buckets: Buckets) -> None:
    world = buckets.small.begin()
    kms = buckets.small.client("kms", HOME)
    kms.create_alias(AliasName="alias/data", TargetKeyId=buckets.keys[HOME])
    expected = {"data": "COMPLETED", "aws/s3": "COMPLETED", "nowhere": "FAILED"}
    for alias in expected:
        buckets.put(HOME, alias, "one", ServerSideEncryption="aws:kms", SSEKMSKeyId=f"alias/{alias}")
    world.advance(SECONDS)
    assert expected == {alias: buckets.status(HOME, alias) for alias in expected}


def test_a_bucket_that_is_not_there_or_keeps_no_versions_is_a_failure(buckets: Buckets) -> None:
    world = buckets.small.begin()
    buckets.put(HOME, "late", "one")
    buckets.s3[RECOVERY].put_bucket_versioning(
        Bucket=BUCKETS[RECOVERY], VersioningConfiguration={"Status": "Suspended"}
    )
    world.advance(SECONDS)
    assert "FAILED" == buckets.status(HOME, "late")
    buckets.replicate(HOME, Destination={"Bucket": "arn:aws:s3:::nowhere"})
    buckets.put(HOME, "scan", "one")
    assert "FAILED" == buckets.status(HOME, "scan")


def test_a_rule_leaves_out_what_it_does_not_select(buckets: Buckets) -> None:
    world = buckets.small.begin()
    buckets.replicate(HOME, Filter={"Prefix": "scans/"})
    buckets.put(HOME, "scans/1", "one")
    buckets.put(HOME, "notes/1", "one")
    buckets.replicate(HOME, SourceSelectionCriteria={"SseKmsEncryptedObjects": {"Status": "Disabled"}})
    buckets.put(HOME, "scans/2", "one")
    buckets.put(HOME, "scans/3", "one", ServerSideEncryption="AES256")
    buckets.replicate(HOME, Status="Disabled")
    buckets.put(HOME, "scans/4", "one")
    world.advance(SECONDS)
    assert ["scans/1", "scans/3"] == world.objects.keys(RECOVERY, BUCKETS[RECOVERY], "")
    assert "AES256" == buckets.head(RECOVERY, "scans/3")["ServerSideEncryption"]
    assert "ReplicationStatus" not in buckets.head(HOME, "notes/1")


def test_a_rule_that_selects_by_tags_is_told_as_not_supported(buckets: Buckets) -> None:
    buckets.replicate(
        HOME, Filter={"Tag": {"Key": "kind", "Value": "mri"}}, DeleteMarkerReplication={"Status": "Disabled"}
    )
    buckets.small.begin()
    buckets.put(HOME, "scan", "one")
    (told,) = buckets.small.events("replication-unsupported")
    assert "selects by tags" in told["reason"]


def test_few_objects_take_long_and_most_do_not() -> None:
    figures = replace(Figures(), object_tail_share=Figure(0.1, 0.1, "test: one in ten", "share"))
    with small_world(figures) as small:
        buckets = Buckets(small)
        world = small.begin()
        for number in range(200):
            world.objects.put(HOME, BUCKETS[HOME], f"scan-{number}", "one")
        world.advance(SECONDS)
        late = 200 - len(small.events("replicated"))
        assert 8 <= late <= 34
        world.advance(300)
        assert 200 == len(small.events("replicated"))
        assert buckets.has(RECOVERY, "scan-199")


def test_the_same_seed_gives_the_same_times() -> None:
    def times() -> list[tuple[float, str]]:
        with small_world() as small:
            Buckets(small)
            world = small.begin()
            for number in range(20):
                world.objects.put(HOME, BUCKETS[HOME], f"scan-{number}", "one")
                world.advance(1)
            world.advance(300)
            return [(event.at, event.facts["key"]) for event in world.events]

    first = times()
    assert first == times()
    assert len({at for at, _ in first}) > 5, "and not all at once"


def test_what_stood_before_the_beginning_is_replicated_from_then_on(buckets: Buckets) -> None:
    buckets.put(HOME, "scan", "one")
    world = buckets.small.begin()
    world.faults.inject("replication-stalled", RECOVERY)
    buckets.put(HOME, "later", "two")
    world.advance(SECONDS)
    assert [] == world.objects.keys(RECOVERY, BUCKETS[RECOVERY], "")
    world = buckets.small.begin()
    world.advance(SECONDS)
    assert ["later", "scan"] == world.objects.keys(RECOVERY, BUCKETS[RECOVERY], "")


def test_an_application_reads_and_writes_where_its_region_answers(buckets: Buckets) -> None:
    world = buckets.small.begin()
    world.objects.put(HOME, BUCKETS[HOME], "continuity/run/1", "one")
    assert "one" == world.objects.get(HOME, BUCKETS[HOME], "continuity/run/1")
    assert world.objects.get(HOME, BUCKETS[HOME], "continuity/run/2") is None
    assert ["continuity/run/1"] == world.objects.keys(HOME, BUCKETS[HOME], "continuity/")
    with pytest.raises(ObjectsGoneError, match="no bucket elsewhere"):
        world.objects.get(HOME, "elsewhere", "scan")
    world.faults.inject("region-dark", HOME)
    for region in BUCKETS:
        with pytest.raises(ObjectsGoneError, match=f"{HOME} does not answer"):
            world.objects.put(region, BUCKETS[HOME], "scan", "one")
    with pytest.raises(ObjectsGoneError, match="does not answer"):
        world.objects.keys(HOME, BUCKETS[HOME], "")


def test_before_time_begins_nothing_is_replicated_and_nothing_says_so(buckets: Buckets) -> None:
    buckets.put(HOME, "scan", "one")
    assert "ReplicationStatus" not in buckets.head(HOME, "scan")
    with pytest.raises(ClientError, match="404"):
        buckets.head(RECOVERY, "scan")
