"""The detectors of a side: declared, standing in the local cloud, and telling operations what they find."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Final

import boto3
import pytest
import yaml

from components.detection.args import DetectionArgs
from components.detection.detection import Detection
from components.detection.findings import NOTICES
from components.messaging.messaging import Messaging, MessagingArgs
from domain import detection
from domain.naming import Names
from domain.regions import REGIONS
from ops.engine.record import Program, reveal
from ops.sandbox.cloud import Cloud
from tests.findings import HUB, NOT_TOLD, TOLD, Event, changed, in_finding
from tests.support import ACCOUNT, CELLS, HOME, declare, only, opts_in, standing, statements, whole

BOUNDARY: Final = f"arn:aws:iam::{ACCOUNT}:policy/medical-us-global-boundary"
KEY: Final = f"arn:aws:kms:{HOME}:{ACCOUNT}:key/1"
LOGS: Final = f"medical-us-use2-logs-{ACCOUNT}"
PACK: Final = "aws:cfg/conformancePack:ConformancePack"
RECORDER: Final = "aws:cfg/recorder:Recorder"


def detectors(*, once: bool = True) -> Detection:
    names, opts = Names(cell="us", place="use2"), opts_in()
    channels = Messaging(
        "home-messaging", MessagingArgs(names=names, account_id=ACCOUNT, region=HOME, key_arn=KEY), opts
    )
    args = DetectionArgs(
        names=names,
        account_id=ACCOUNT,
        region=HOME,
        key_arn=KEY,
        boundary_arn=BOUNDARY,
        logs_bucket=LOGS,
        logs_arn=f"arn:aws:s3:::{LOGS}",
        operations_topic=channels.operations_topic,
        dead_letters_arn=channels.operations_dead_letters,
        once=once,
    )
    return Detection("home-detection", args, opts)


@pytest.fixture(scope="module")
def built() -> Iterator[tuple[Program, Cloud]]:
    with standing(detectors) as found:
        yield found


@pytest.fixture(scope="module")
def made(built: tuple[Program, Cloud]) -> Program:
    return built[0]


@pytest.fixture(scope="module")
def cloud(built: tuple[Program, Cloud]) -> Cloud:
    return built[1]


def rules_of(program: Program, name: str) -> set[str]:
    """The managed rules in a pack."""
    resources = yaml.safe_load(only(program, PACK, name).inputs["templateBody"])["Resources"].values()
    return {item["Properties"]["Source"]["SourceIdentifier"] for item in resources}


def test_guardduty_is_on_with_every_protection_and_tells_within_fifteen_minutes(cloud: Cloud) -> None:
    guardduty = cloud.client("guardduty", HOME)
    (id_,) = guardduty.list_detectors()["DetectorIds"]
    found = guardduty.get_detector(DetectorId=id_)
    assert ("ENABLED", "FIFTEEN_MINUTES") == (found["Status"], found["FindingPublishingFrequency"])
    assert dict.fromkeys(detection.PROTECTIONS, "ENABLED") == {
        item["Name"]: item["Status"] for item in found["Features"]
    }
    agents = [item["AdditionalConfiguration"] for item in found["Features"] if item.get("AdditionalConfiguration")]
    assert [[{"Name": "EC2_AGENT_MANAGEMENT", "Status": "ENABLED"}]] == agents


def test_every_protection_is_one_that_guardduty_knows() -> None:
    model = boto3.Session().client("guardduty", region_name=HOME).meta.service_model
    assert set(detection.PROTECTIONS) <= set(model.shape_for("DetectorFeature").enum)
    assert set(detection.AGENT.values()) <= set(model.shape_for("FeatureAdditionalConfiguration").enum)


def test_security_hub_is_on_with_the_standards_that_are_named_and_no_others(made: Program, cloud: Cloud) -> None:
    assert (
        f"arn:aws:securityhub:{HOME}:{ACCOUNT}:hub/default"
        == cloud.client("securityhub", HOME).describe_hub()["HubArn"]
    )
    hub = only(made, "aws:securityhub/account:Account")
    assert (False, "SECURITY_CONTROL") == (hub.inputs["enableDefaultStandards"], hub.inputs["controlFindingGenerator"])
    subscribed = made.of_type("aws:securityhub/standardsSubscription:StandardsSubscription")
    assert {
        f"arn:aws:securityhub:{HOME}::standards/aws-foundational-security-best-practices/v/1.0.0",
        f"arn:aws:securityhub:{HOME}::standards/cis-aws-foundations-benchmark/v/3.0.0",
    } == {item.inputs["standardsArn"] for item in subscribed}
    assert all(hub.urn in item.dependencies for item in subscribed)


def test_inspector_looks_into_instances_and_functions(cloud: Cloud) -> None:
    (status,) = cloud.client("inspector2", HOME).batch_get_account_status(accountIds=[ACCOUNT])["accounts"]
    states = {name: item["status"] for name, item in status["resourceState"].items()}
    assert ("ENABLED", "ENABLED", "DISABLED") == (states["ec2"], states["lambda"], states["ecr"])


def test_config_records_everything_and_delivers_under_the_sides_key(cloud: Cloud) -> None:
    config = cloud.client("config", HOME)
    (recorder,) = config.describe_configuration_recorders()["ConfigurationRecorders"]
    assert (True, True) == (
        recorder["recordingGroup"]["allSupported"],
        recorder["recordingGroup"]["includeGlobalResourceTypes"],
    )
    (status,) = config.describe_configuration_recorder_status()["ConfigurationRecordersStatus"]
    assert status["recording"]
    (channel,) = config.describe_delivery_channels()["DeliveryChannels"]
    assert (LOGS, "config", KEY) == (channel["s3BucketName"], channel["s3KeyPrefix"], channel["s3KmsKeyArn"])


def test_the_recorder_may_deliver_to_its_own_folder_only(made: Program) -> None:
    granted = {item["Sid"]: item for item in statements(only(made, "aws:iam/rolePolicy:RolePolicy").inputs["policy"])}
    assert {"Deliver", "TryBucket", "KeyThroughS3"} == set(granted)
    assert [f"arn:aws:s3:::{LOGS}/config/AWSLogs/{ACCOUNT}/*"] == granted["Deliver"]["Resource"]
    assert ["s3:PutObject"] == granted["Deliver"]["Action"]
    recorder = only(made, RECORDER)
    waited = {made.by_urn()[urn].type for urn in recorder.property_dependencies["roleArn"]}
    assert {"aws:iam/rolePolicy:RolePolicy", "aws:iam/rolePolicyAttachment:RolePolicyAttachment"} <= waited


def test_the_pack_waits_until_something_is_recorded(made: Program) -> None:
    status, pack = only(made, "aws:cfg/recorderStatus:RecorderStatus"), only(made, PACK)
    channel = only(made, "aws:cfg/deliveryChannel:DeliveryChannel")
    assert only(made, RECORDER).urn in channel.property_dependencies["name"]
    assert channel.urn in status.property_dependencies["name"]
    assert status.urn in pack.dependencies


def test_what_an_account_has_once_is_recorded_and_judged_where_asked_for() -> None:
    there, elsewhere = declare(detectors), declare(lambda: detectors(once=False))
    for program, once in ((there, True), (elsewhere, False)):
        assert once == only(program, RECORDER).inputs["recordingGroup"]["includeGlobalResourceTypes"]
        assert once == ("IAM_PASSWORD_POLICY" in rules_of(program, "home-detection"))
        assert "RDS_STORAGE_ENCRYPTED" in rules_of(program, "home-detection")


@pytest.mark.parametrize("cell", CELLS)
def test_both_sides_of_every_cell_are_watched(cell: str) -> None:
    program = whole(cell)
    for type_ in ("aws:guardduty/detector:Detector", RECORDER, "aws:inspector2/enabler:Enabler", PACK):
        assert {"home-detection", "recovery-detection"} == {item.name for item in program.of_type(type_)}


def test_one_stack_records_what_the_account_has_once_in_one_region() -> None:
    recording = {
        (cell, item.name)
        for cell in CELLS
        for item in whole(cell).of_type(RECORDER)
        if item.inputs["recordingGroup"]["includeGlobalResourceTypes"]
    }
    assert {("us", "home-detection")} == recording, "the stack files name us as the account's owner"


def test_a_stack_that_does_not_own_its_regions_claims_no_detector() -> None:
    program = whole("us", regionOwner="other")
    types = {item.type.partition("/")[0] for item in program.registrations}
    assert set() == types & {"aws:securityhub", "aws:cfg", "aws:inspector2", "aws:accessanalyzer"}
    assert [] == program.of_type("aws:guardduty/detector:Detector")
    assert program.of_type("aws:guardduty/malwareProtectionPlan:MalwareProtectionPlan"), "uploads are scanned still"


@cache
def available(service: str) -> frozenset[str]:
    """The regions that have `service`, as the installed SDK knows them."""
    return frozenset(boto3.Session().get_available_regions(service))


@pytest.mark.parametrize("region", REGIONS)
def test_every_region_of_the_table_has_every_service(region: str) -> None:
    assert [] == [name for name in detection.SERVICES if region not in available(name)]


def test_iam_is_recorded_in_the_first_region_that_can() -> None:
    assert "us-east-2" == detection.recorder_of_iam(("us-east-2", "us-west-2"))
    assert "ap-southeast-2" == detection.recorder_of_iam(("ap-southeast-4", "ap-southeast-2"))
    assert "" == detection.recorder_of_iam(("eu-central-2",))


def tell(cloud: Cloud, event: Event) -> list[str]:
    """What arrives in operations' queue once `event` is on the bus."""
    entry = {
        "Source": event["source"],
        "DetailType": event["detail-type"],
        "Detail": json.dumps(event["detail"]),
    }
    assert 0 == cloud.client("events", HOME).put_events(Entries=[entry])["FailedEntryCount"]
    sqs = cloud.client("sqs", HOME)
    queue = sqs.get_queue_url(QueueName="medical-us-use2-operations")["QueueUrl"]
    found = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=0).get("Messages", [])
    for message in found:
        sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    return [json.loads(message["Body"]) for message in found]


@pytest.mark.parametrize("detector", TOLD)
def test_a_finding_of_note_reaches_operations_once_as_a_line(cloud: Cloud, detector: str) -> None:
    event, line = TOLD[detector]
    assert [line] == tell(cloud, event)


@pytest.mark.parametrize("what", NOT_TOLD)
def test_what_is_not_of_note_reaches_nobody(cloud: Cloud, what: str) -> None:
    assert [] == tell(cloud, NOT_TOLD[what])


def test_what_others_tell_security_hub_is_passed_on(cloud: Cloud) -> None:
    found = tell(cloud, changed(HUB, in_finding(ProductName="Health", Compliance={})))
    assert 1 == len(found), "a finding of no control says nothing of compliance"


def test_every_notice_has_a_sample_of_what_it_tells() -> None:
    assert {notice.pattern["source"][0] for notice in NOTICES} == {event["source"] for event, _ in TOLD.values()}


def test_what_cannot_be_delivered_is_kept(made: Program) -> None:
    dead = only(made, "aws:sqs/queue:Queue", "home-messaging-operations-dead").outputs["arn"]
    targets = made.of_type("aws:cloudwatch/eventTarget:EventTarget")
    assert {dead} == {item.inputs["deadLetterConfig"]["arn"] for item in targets}
    policy = only(made, "aws:sqs/queuePolicy:QueuePolicy", "home-messaging-operations-dead").inputs["policy"]
    (admitted,) = [item for item in statements(policy) if item["Principal"] == {"Service": "events.amazonaws.com"}]
    assert {"ArnLike": {"aws:SourceArn": f"arn:aws:events:{HOME}:{ACCOUNT}:rule/*"}} == admitted["Condition"]


def test_every_type_is_said_to_be_recorded_or_stands(cloud: Cloud) -> None:
    assert {
        "aws:accessanalyzer/analyzer:Analyzer",
        PACK,
        "aws:securityhub/standardsSubscription:StandardsSubscription",
        "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy",
    } == {item.type for item in cloud.recorded}
    analyzer = next(item for item in cloud.recorded if item.type.startswith("aws:accessanalyzer"))
    assert "ACCOUNT" == reveal(analyzer.inputs)["type"]
