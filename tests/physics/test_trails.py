"""CloudTrail on the local cloud: what a record says, which trail selects it, and when and where it is delivered."""

from __future__ import annotations

import gzip
import http.client
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from ops.sandbox.cells import control
from ops.sandbox.physics.clock import START
from ops.sandbox.physics.trail import trails
from ops.sandbox.physics.world import World
from ops.sandbox.remote import LocalWorld
from tests.small_cell import SmallCell, small_cell
from tests.support import ACCOUNT, HOME, RECOVERY
from tests.trail_of import ARN, DELIVERY, GROUP, NAME, PREFIX, trail


@pytest.fixture
def cell() -> Iterator[SmallCell]:
    with small_cell() as small:
        trail(small)
        yield small


@pytest.fixture
def world(cell: SmallCell) -> Iterator[World]:
    made = World(cell.account)
    with made.installed():
        made.begin(7)
        yield made


def client(world: World, cell: SmallCell, service: str, region: str = HOME) -> Any:  # noqa: ANN401 - boto3's clients
    return world.gate.attach(cell.client(service, region))


def files(world: World, bucket: str) -> dict[str, Any]:
    """The trail's files in a bucket, by key."""
    return {
        name: json.loads(gzip.decompress(key.value))
        for name, key in world.backend("s3", "aws").buckets[bucket].keys.items()
        if name.startswith(PREFIX)
    }


def records(world: World, cell: SmallCell) -> list[dict[str, Any]]:
    """What was delivered home, in order."""
    found = files(world, cell.manifest.home.buckets["audit"]).values()
    return [record for file in found for record in file["Records"]]


def called(world: World, cell: SmallCell) -> list[dict[str, Any]]:
    """What was delivered of calls, without what AWS's own services did."""
    return [record for record in records(world, cell) if "invokedBy" not in record["userIdentity"]]


def named(world: World, cell: SmallCell, name: str) -> dict[str, Any]:
    (found,) = [record for record in called(world, cell) if record["eventName"] == name]
    return found


def put(world: World, cell: SmallCell, key: str, region: str = HOME) -> None:
    side = cell.manifest.home if region == HOME else cell.manifest.recovery
    client(world, cell, "s3", region).put_object(Bucket=side.buckets["uploads"], Key=key, Body=b"findings")


def test_an_upload_becomes_a_record_in_cloudtrails_own_form(world: World, cell: SmallCell) -> None:
    bucket = cell.manifest.home.buckets["uploads"]
    put(world, cell, "consultations/röntgen 1.pdf")
    world.advance(DELIVERY)
    found = named(world, cell, "PutObject")
    assert {
        "eventVersion": "1.11",
        "eventSource": "s3.amazonaws.com",
        "awsRegion": HOME,
        "sourceIPAddress": "127.0.0.1",
        "readOnly": False,
        "eventType": "AwsApiCall",
        "managementEvent": False,
        "eventCategory": "Data",
        "recipientAccountId": ACCOUNT,
    }.items() <= found.items()
    assert {
        "bucketName": bucket,
        "key": "consultations/röntgen 1.pdf",
        "Host": f"{bucket}.s3.{HOME}.amazonaws.com",
    } == found["requestParameters"]
    assert "findings" not in json.dumps(found), "an object's content is in no record"
    assert {"type": "AWS::S3::Object", "ARN": f"arn:aws:s3:::{bucket}/consultations/röntgen 1.pdf"} == found[
        "resources"
    ][0]
    assert ("IAMUser", "sandbox", "sandbox") == tuple(
        found["userIdentity"][name] for name in ("type", "userName", "accessKeyId")
    )
    assert START.isoformat()[:16] == found["eventTime"][:16], "on the virtual clock"


def test_who_has_taken_a_role_is_named_with_the_session(world: World, cell: SmallCell) -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/medical-us-global-auditor"
    sts = client(world, cell, "sts")
    keys = sts.assume_role(RoleArn=role, RoleSessionName="carol@example.com")["Credentials"]
    session: Any = boto3.Session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
    world.gate.attach(session.client("kms", region_name=HOME)).list_keys()
    world.advance(DELIVERY)
    identity = named(world, cell, "ListKeys")["userIdentity"]
    assert "AssumedRole" == identity["type"]
    assert f"arn:aws:sts::{ACCOUNT}:assumed-role/medical-us-global-auditor/carol@example.com" == identity["arn"]
    assert ("medical-us-global-auditor", role) == (
        identity["sessionContext"]["sessionIssuer"]["userName"],
        identity["sessionContext"]["sessionIssuer"]["arn"],
    )
    asked = named(world, cell, "AssumeRole")
    assert asked["readOnly"]
    assert keys["SecretAccessKey"] not in json.dumps(records(world, cell))
    assert [{"accountId": ACCOUNT, "type": "AWS::IAM::Role", "ARN": role}] == asked["resources"]


def test_users_of_iam_and_the_root_user_are_told_apart(world: World, cell: SmallCell) -> None:
    iam = cell.client("iam", HOME)
    iam.create_user(UserName="dave")
    key = iam.create_access_key(UserName="dave")["AccessKey"]
    for id_ in (key["AccessKeyId"], "root"):
        session: Any = boto3.Session(id_, "secret")
        world.gate.attach(session.client("kms", region_name=HOME)).list_keys()
    world.advance(DELIVERY)
    found = [record["userIdentity"] for record in records(world, cell) if record["eventName"] == "ListKeys"]
    assert [("IAMUser", "dave"), ("Root", None)] == [(item["type"], item.get("userName")) for item in found]
    assert f"arn:aws:iam::{ACCOUNT}:root" == found[1]["arn"]


def test_no_secret_is_in_any_record(world: World, cell: SmallCell) -> None:
    planted = "Planted-Secret-1"
    rds, secrets, ssm = (client(world, cell, service) for service in ("rds", "secretsmanager", "ssm"))
    database = cell.manifest.home.database.identifier
    rds.modify_db_instance(DBInstanceIdentifier=database, MasterUserPassword=planted)
    secrets.put_secret_value(SecretId=cell.manifest.home.secrets.cache, SecretString=planted)
    secrets.get_secret_value(SecretId=cell.manifest.home.secrets.cache)
    ssm.put_parameter(Name="/a", Value=planted, Type="SecureString")
    kms = client(world, cell, "kms")
    sealed = kms.encrypt(KeyId=cell.manifest.home.key, Plaintext=planted.encode())["CiphertextBlob"]
    kms.decrypt(CiphertextBlob=sealed)
    world.advance(DELIVERY)
    assert planted not in json.dumps(records(world, cell))
    asked = named(world, cell, "ModifyDBInstance")["requestParameters"]
    assert {"dBInstanceIdentifier": database, "masterUserPassword": "HIDDEN_DUE_TO_SECURITY_REASONS"} == asked
    assert {"name": "/a", "value": "HIDDEN_DUE_TO_SECURITY_REASONS", "type": "SecureString"} == named(
        world, cell, "PutParameter"
    )["requestParameters"]


def test_a_refused_call_says_so(world: World, cell: SmallCell) -> None:
    with pytest.raises(ClientError):
        client(world, cell, "rds").delete_db_instance(DBInstanceIdentifier="nobody", SkipFinalSnapshot=True)
    with pytest.raises(ClientError):
        client(world, cell, "s3").get_object(Bucket=cell.manifest.home.buckets["uploads"], Key="nothing")
    world.advance(DELIVERY)
    assert "DBInstanceNotFound" == named(world, cell, "DeleteDBInstance")["errorCode"]
    assert "NoSuchKey" == named(world, cell, "GetObject")["errorCode"]
    assert named(world, cell, "GetObject")["readOnly"]


def test_only_what_the_selectors_name_is_recorded(world: World, cell: SmallCell) -> None:
    put(world, cell, "of-uploads")
    s3 = client(world, cell, "s3")
    s3.put_object(Bucket=cell.manifest.home.buckets["derived"], Key="of-derived", Body=b"")
    s3.list_objects_v2(Bucket=cell.manifest.home.buckets["uploads"])
    client(world, cell, "sqs").create_queue(QueueName="letters")
    queue = client(world, cell, "sqs").get_queue_url(QueueName="letters")["QueueUrl"]
    client(world, cell, "sqs").send_message(QueueUrl=queue, MessageBody="findings")
    world.advance(DELIVERY)
    found = [(record["eventName"], record["eventCategory"]) for record in records(world, cell)]
    assert ("PutObject", "Data") in found
    assert ("ListObjects", "Data") in found
    assert ("CreateQueue", "Management") in found
    text = json.dumps(records(world, cell))
    assert "of-derived" not in text
    assert "SendMessage" not in text


def test_a_trail_without_management_leaves_it_to_another(world: World, cell: SmallCell) -> None:
    cell.client("cloudtrail", HOME).delete_trail(Name=NAME)
    trail(cell, management=False)
    client(world, cell, "kms").list_keys()
    put(world, cell, "k")
    world.advance(DELIVERY)
    assert ["PutObject"] == [record["eventName"] for record in called(world, cell)]


def test_records_are_delivered_every_five_minutes_into_the_day_of_their_region(world: World, cell: SmallCell) -> None:
    client(world, cell, "kms").list_keys()
    world.advance(DELIVERY - 10)
    assert {} == files(world, cell.manifest.home.buckets["audit"])
    world.advance(10)
    (name,) = files(world, cell.manifest.home.buckets["audit"])
    at = START + timedelta(seconds=DELIVERY)
    assert name.startswith(f"{PREFIX}/{HOME}/{at:%Y/%m/%d}/{ACCOUNT}_CloudTrail_{HOME}_{at:%Y%m%dT%H%M}Z_")
    assert name.endswith(".json.gz")
    kept = world.backend("s3", "aws").buckets[cell.manifest.home.buckets["audit"]].keys[name]
    assert ("aws:kms", cell.manifest.home.key) == (kept.encryption, kept.kms_key_id)
    world.advance(DELIVERY)
    assert [name] == list(files(world, cell.manifest.home.buckets["audit"])), "nothing happened, nothing is delivered"


def test_files_are_copied_to_recovery_and_neither_they_nor_their_copies_are_recorded(
    world: World, cell: SmallCell
) -> None:
    put(world, cell, "k")
    world.advance(DELIVERY + 360)
    here = files(world, cell.manifest.home.buckets["audit"])
    assert here == files(world, cell.manifest.recovery.buckets["audit"])
    world.advance(3 * DELIVERY)
    assert not any("trail/" in json.dumps(record["requestParameters"]) for record in records(world, cell))


def test_a_replica_of_an_upload_is_recorded_where_it_arrives_and_by_the_role_that_makes_it(
    world: World, cell: SmallCell
) -> None:
    put(world, cell, "k")
    world.advance(3 * DELIVERY)
    (found,) = [record for record in records(world, cell) if record["awsRegion"] == RECOVERY]
    assert ("PutObject", "s3.amazonaws.com") == (found["eventName"], found["sourceIPAddress"])
    assert found["userIdentity"]["arn"].endswith(":assumed-role/medical-us-use2-replication/s3-replication")
    assert cell.manifest.recovery.buckets["uploads"] in found["resources"][0]["ARN"]


def test_what_happened_in_a_dark_region_is_delivered_once_it_is_back(world: World, cell: SmallCell) -> None:
    client(world, cell, "kms", RECOVERY).list_keys()
    world.faults.inject("region-dark", RECOVERY)
    world.advance(3 * DELIVERY)
    assert [] == records(world, cell)
    world.faults.lift("region-dark", RECOVERY)
    world.advance(DELIVERY)
    assert RECOVERY == named(world, cell, "ListKeys")["awsRegion"]


def test_while_the_buckets_region_is_dark_nothing_is_delivered_and_nothing_is_lost(
    world: World, cell: SmallCell
) -> None:
    world.faults.inject("region-dark", HOME)
    client(world, cell, "kms", RECOVERY).list_keys()
    world.advance(3 * DELIVERY)
    assert [] == records(world, cell)
    world.faults.lift("region-dark", HOME)
    world.advance(DELIVERY)
    assert "ListKeys" == named(world, cell, "ListKeys")["eventName"]


def test_a_call_that_nobody_answers_is_in_no_record(world: World, cell: SmallCell) -> None:
    world.faults.inject("region-dark", RECOVERY)
    with pytest.raises(Exception, match="closed"):
        client(world, cell, "kms", RECOVERY).list_keys()
    world.faults.lift("region-dark", RECOVERY)
    world.advance(DELIVERY)
    assert [] == records(world, cell)


def test_a_trail_that_is_stopped_records_that_and_nothing_after_it(world: World, cell: SmallCell) -> None:
    cloudtrail = client(world, cell, "cloudtrail")
    cloudtrail.stop_logging(Name=NAME)
    client(world, cell, "kms").list_keys()
    world.advance(DELIVERY)
    assert ["StopLogging"] == [record["eventName"] for record in records(world, cell)]
    told = cloudtrail.get_trail_status(Name=NAME)
    assert not told["IsLogging"]
    assert START <= told["StopLoggingTime"] <= world.now


def test_the_status_of_a_trail_is_of_each_region_and_in_virtual_time(world: World, cell: SmallCell) -> None:
    client(world, cell, "kms").list_keys()
    world.advance(DELIVERY)
    told = {region: cell.client("cloudtrail", region).get_trail_status(Name=ARN) for region in (HOME, RECOVERY)}
    assert START + timedelta(seconds=DELIVERY) == told[HOME]["LatestDeliveryTime"]
    assert "LatestDeliveryTime" not in told[RECOVERY], "nothing was delivered of it yet"
    assert START == told[HOME]["StartLoggingTime"]


def test_records_are_in_the_log_group_too(world: World, cell: SmallCell) -> None:
    client(world, cell, "kms").list_keys()
    world.advance(DELIVERY)
    group = world.backend("logs", HOME).groups[GROUP]
    (line,) = group.streams[f"{ACCOUNT}_CloudTrail_{HOME}"].events
    assert "ListKeys" == json.loads(line.message)["eventName"]


def test_event_history_knows_management_events_of_its_region_after_a_minute(world: World, cell: SmallCell) -> None:
    client(world, cell, "kms").list_keys()
    client(world, cell, "kms", RECOVERY).list_aliases()
    put(world, cell, "k")
    lookup = cell.client("cloudtrail", HOME).lookup_events
    assert [] == lookup()["Events"]
    world.advance(61)
    (found,) = lookup()["Events"]
    assert ("ListKeys", "sandbox", "true") == (found["EventName"], found["Username"], found["ReadOnly"])
    assert found["EventId"] == json.loads(found["CloudTrailEvent"])["eventID"]
    wanted = [{"AttributeKey": "EventName", "AttributeValue": "ListAliases"}]
    assert [] == lookup(LookupAttributes=wanted)["Events"]
    assert 1 == len(cell.client("cloudtrail", RECOVERY).lookup_events(LookupAttributes=wanted)["Events"])
    assert [] == lookup(StartTime=world.now)["Events"]


def test_event_history_comes_by_the_page(world: World, cell: SmallCell) -> None:
    kms = client(world, cell, "kms")
    for _ in range(5):
        kms.list_keys()
    world.advance(61)
    pages = cell.client("cloudtrail", HOME).get_paginator("lookup_events").paginate(PaginationConfig={"PageSize": 2})
    sizes = [len(page["Events"]) for page in pages]
    assert [2, 2, 1] == sizes


def test_the_same_seed_gives_the_same_files() -> None:
    found = []
    for _ in range(2):
        with small_cell() as small:
            trail(small)
            world = World(small.account)
            with world.installed():
                LocalWorld(world).begin(3)
                put(world, small, "k")
                client(world, small, "rds").describe_db_instances()
                world.advance(DELIVERY)
                found.append(files(world, small.manifest.home.buckets["audit"]))
    assert found[0] == found[1]
    assert found[0]


def test_what_waits_is_bounded(world: World, cell: SmallCell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trails, "MOST_WAITING", 3)
    for _ in range(5):
        client(world, cell, "kms").list_keys()
    world.advance(DELIVERY)
    assert 3 == len(records(world, cell))
    assert 2 == len([event for event in world.events if event.what == "trail-overflowed"])


class TestOverHttp:
    """What the cell's process serves is recorded by the same laws."""

    @pytest.fixture
    def url(self, world: World) -> Iterator[str]:
        local = LocalWorld(world)
        local.begin(7)
        server = control.serve(local)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://{server.host}:{server.port}"
        server.shutdown()
        thread.join()
        server.server_close()

    @staticmethod
    def client(url: str, service: str, region: str = HOME) -> Any:  # noqa: ANN401 - boto3's clients
        session: Any = boto3.Session("bob", "secret", region_name=region)
        return session.client(service, endpoint_url=url, config=Config(retries={"total_max_attempts": 1}))

    def test_calls_of_every_protocol_are_read(self, world: World, cell: SmallCell, url: str) -> None:
        bucket = cell.manifest.home.buckets["uploads"]
        s3 = self.client(url, "s3")
        s3.put_object(Bucket=bucket, Key="scans/é 1", Body=b"findings")
        s3.get_object(Bucket=bucket, Key="scans/é 1")
        s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
        self.client(url, "rds").describe_db_instances(DBInstanceIdentifier=cell.manifest.home.database.identifier)
        self.client(url, "kms").describe_key(KeyId=cell.manifest.home.key)
        self.client(url, "ec2").describe_vpcs(Filters=[{"Name": "is-default", "Values": ["false"]}])
        self.client(url, "lambda").list_functions()
        self.client(url, "cloudwatch").describe_alarms(AlarmNamePrefix="medical")
        self.client(url, "iam").create_user(UserName="erin")
        world.advance(DELIVERY)
        found = {record["eventName"]: record for record in called(world, cell)}
        assert {
            "PutObject",
            "GetObject",
            "PutBucketTagging",
            "DescribeDBInstances",
            "DescribeKey",
            "DescribeVpcs",
            "ListFunctions20150331",
            "DescribeAlarms",
            "CreateUser",
        } == set(found)
        assert "scans/é 1" == found["GetObject"]["requestParameters"]["key"]
        assert {"alarmNamePrefix": "medical"} == found["DescribeAlarms"]["requestParameters"]
        assert {"userName": "erin"} == found["CreateUser"]["requestParameters"]
        assert "erin" == found["CreateUser"]["responseElements"]["user"]["userName"]
        assert "us-east-1" == found["CreateUser"]["awsRegion"]
        assert {"bob"} == {record["userIdentity"]["userName"] for record in found.values()}
        assert 8 == found["GetObject"]["additionalEventData"]["bytesTransferredOut"]
        assert "Boto3" in found["PutObject"]["userAgent"]
        assert "findings" not in json.dumps(found)

    def test_a_refusal_over_http_says_so(self, world: World, cell: SmallCell, url: str) -> None:
        with pytest.raises(ClientError):
            self.client(url, "rds").describe_db_instances(DBInstanceIdentifier="nobody")
        with pytest.raises(ClientError):
            self.client(url, "s3").head_object(Bucket=cell.manifest.home.buckets["uploads"], Key="nothing")
        world.advance(DELIVERY)
        assert "DBInstanceNotFound" == named(world, cell, "DescribeDBInstances")["errorCode"]
        assert named(world, cell, "HeadObject")["errorCode"]

    def test_nonsense_is_answered_and_recorded_nowhere(self, world: World, cell: SmallCell, url: str) -> None:
        connection = http.client.HTTPConnection(url.removeprefix("http://"))
        signed = f"AWS4-HMAC-SHA256 Credential=bob/20260105/{HOME}/no-such-service/aws4_request, Signature=0"
        connection.request("POST", "/", b"{}", {"Authorization": signed})
        connection.getresponse().read()
        connection.close()
        self.client(url, "kms").list_keys()
        world.advance(DELIVERY)
        assert ["ListKeys"] == [record["eventName"] for record in records(world, cell)]
