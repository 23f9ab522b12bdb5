"""The documents of a side: the scanner, the flow, the functions and their rights; declared, and standing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typing_extensions import override

from components import package
from components.documents.tasks import HANDLERS, TASKS, TIMEOUT_SECONDS
from components.package import PackageError
from components.storage import rules
from domain import documents, rotation
from domain.quotas import needed
from domain.regions import REGIONS
from functions.documents import entry
from functions.documents import settings as told
from functions.documents.kinds import TEXT_KINDS
from functions.documents.limits import HIGHEST_PIXELS, Limits
from functions.documents.lineage import output_keys
from ops import cli
from ops.engine import project, runner
from ops.engine.record import Program, Registration, Request, reveal
from ops.engine.synthetic import Synthetic
from ops.sandbox.cloud import Cloud
from ops.sandbox.local import local_aws
from tests import package as fixture
from tests.support import ACCOUNT, CELLS, HOME, only, statements, whole
from tests.test_settings import loaded, refused, rule_of

FUNCTION: Final = "aws:lambda/function:Function"
MAPPING: Final = "aws:lambda/eventSourceMapping:EventSourceMapping"
QUEUE: Final = "aws:sqs/queue:Queue"
RULE: Final = "aws:cloudwatch/eventRule:EventRule"
TARGET: Final = "aws:cloudwatch/eventTarget:EventTarget"
PLAN: Final = "aws:guardduty/malwareProtectionPlan:MalwareProtectionPlan"
NAMES: Final = tuple(task.name for task in TASKS)
SIDES: Final = ("home", "recovery")


@pytest.fixture(scope="module")
def program() -> Program:
    return whole("us")


@pytest.fixture(params=SIDES)
def side(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def of(program: Program, type_: str, side: str, name: str) -> Registration:
    return only(program, type_, f"{side}-documents-{name}")


def arn_of(program: Program, item: Registration, service: str, prefix: str = "") -> str:
    """The ARN that AWS will give; the engine's own marks are of another form."""
    return f"arn:aws:{service}:{program.region_of(item)}:{ACCOUNT}:{prefix}{item.inputs['name']}"


def rights(program: Program, side: str, name: str) -> dict[str, dict[str, Any]]:
    document = of(program, "aws:iam/rolePolicy:RolePolicy", side, name).inputs["policy"]
    return {item["Sid"]: item for item in statements(document)}


def variables(program: Program, side: str, name: str = "convert") -> dict[str, str]:
    return dict(reveal(of(program, FUNCTION, side, name).inputs["environment"]["variables"]))


def bucket(program: Program, side: str, role: str) -> str:
    return str(only(program, "aws:s3/bucket:Bucket", f"{side}-storage-{role}").outputs["arn"])


# The scanner


def test_uploads_are_scanned_and_tagged_on_both_sides(program: Program, side: str) -> None:
    plan = of(program, PLAN, side, "scan")
    name = only(program, "aws:s3/bucket:Bucket", f"{side}-storage-uploads").inputs["bucket"]
    assert {"s3Bucket": {"bucketName": name}} == plan.inputs["protectedResource"], "all of it, not prefixes"
    assert [{"taggings": [{"status": "ENABLED"}]}] == plan.inputs["actions"]
    policy = of(program, "aws:iam/rolePolicy:RolePolicy", side, "scan")
    assert policy.urn in plan.dependencies, "GuardDuty tries the role before it takes the plan"


def test_the_scanner_reads_and_tags_uploads_and_writes_one_trial_object(program: Program, side: str) -> None:
    found = rights(program, side, "scan")
    uploads = bucket(program, side, "uploads")
    assert [f"{uploads}/*"] == found["Scan"]["Resource"] == found["Tag"]["Resource"]
    assert [f"{uploads}/malware-protection-resource-validation-object"] == found["Try"]["Resource"]
    writing = {sid for sid, item in found.items() if "s3:PutObject" in item["Action"]}
    assert {"Try"} == writing
    assert not any("Delete" in action for item in found.values() for action in item["Action"] if action[:3] == "s3:")


def test_each_bucket_has_one_setting_for_its_events(program: Program) -> None:
    buckets = [item.inputs["bucket"] for item in program.of_type("aws:s3/bucketNotification:BucketNotification")]
    assert len(buckets) == len(set(buckets)), "a second one would undo the first"
    assert {f"medical-us-{place}-uploads-{ACCOUNT}" for place in ("use2", "usw2")} <= set(buckets)


def test_backups_wait_for_the_events_that_the_scanner_needs_too(program: Program) -> None:
    told_ = only(program, "aws:s3/bucketNotification:BucketNotification", "home-documents-uploads")
    selection = only(program, "aws:backup/selection:Selection", "home-backup-plan-patient")
    assert told_.urn in selection.property_dependencies["resources"]


# The flow


def test_scan_results_lead_to_the_converter_and_deletions_to_the_eraser(program: Program, side: str) -> None:
    uploads = only(program, "aws:s3/bucket:Bucket", f"{side}-storage-uploads").inputs["bucket"]
    scanned, deleted = (
        json.loads(of(program, RULE, side, name).inputs["eventPattern"]) for name in ("convert", "erase")
    )
    assert ["aws.guardduty"] == scanned["source"]
    assert ["GuardDuty Malware Protection Object Scan Result"] == scanned["detail-type"]
    assert [uploads] == scanned["detail"]["s3ObjectDetails"]["bucketName"]
    assert "scanResultDetails" not in scanned["detail"], "what is not clean is told too"
    assert (["aws.s3"], ["Object Deleted"]) == (deleted["source"], deleted["detail-type"])
    assert [uploads] == deleted["detail"]["bucket"]["name"]
    assert ["Permanently Deleted"] == deleted["detail"]["deletion-type"], "a delete marker deletes nothing"
    for name in ("convert", "erase"):
        target = of(program, TARGET, side, name)
        assert of(program, QUEUE, side, name).outputs["arn"] == target.inputs["arn"]
        assert of(program, QUEUE, side, "dead").outputs["arn"] == target.inputs["deadLetterConfig"]["arn"]


@pytest.mark.parametrize("name", NAMES)
def test_a_queue_takes_messages_from_its_own_source_only(program: Program, side: str, name: str) -> None:
    queue = of(program, QUEUE, side, name)
    denied, allowed = statements(queue.inputs["policy"])
    assert "DenyPlaintext" == denied["Sid"]
    assert arn_of(program, queue, "sqs") == allowed["Resource"] == denied["Resource"][0]
    if name == "text":
        source = arn_of(program, of(program, "aws:sns/topic:Topic", side, "text"), "sns")
    else:
        source = arn_of(program, of(program, RULE, side, name), "events", "rule/")
    assert {"ArnEquals": {"aws:SourceArn": [source]}} == allowed["Condition"]


@pytest.mark.parametrize("name", NAMES)
def test_what_fails_goes_back_alone_and_ends_among_the_dead_letters(program: Program, side: str, name: str) -> None:
    queue, mapping = of(program, QUEUE, side, name), of(program, MAPPING, side, name)
    dead = of(program, QUEUE, side, "dead")
    assert ["ReportBatchItemFailures"] == mapping.inputs["functionResponseTypes"]
    assert queue.outputs["arn"] == mapping.inputs["eventSourceArn"]
    redrive = json.loads(queue.inputs["redrivePolicy"])
    assert {"deadLetterTargetArn": dead.outputs["arn"], "maxReceiveCount": 7} == redrive
    allowed = json.loads(dead.inputs["redriveAllowPolicy"])["sourceQueueArns"]
    assert arn_of(program, queue, "sqs") in allowed
    assert len(NAMES) == len(allowed)
    assert 14 * 86400 == dead.inputs["messageRetentionSeconds"]


def test_the_key_lets_the_event_bus_send_to_the_queues(program: Program, side: str) -> None:
    found = statements(only(program, "aws:kms/key:Key", f"{side}-keys").inputs["policy"])
    (item,) = [item for item in found if item["Sid"] == "EventsToQueues"]
    assert {"Service": "events.amazonaws.com"} == item["Principal"]
    assert ["kms:Decrypt", "kms:GenerateDataKey*"] == item["Action"], "else nothing would arrive, and nobody be told"


# The functions


@pytest.mark.parametrize("name", NAMES)
def test_a_function_runs_the_package_on_arm_and_is_given_time_memory_and_a_place(
    program: Program, side: str, name: str
) -> None:
    inputs = of(program, FUNCTION, side, name).inputs
    assert (["arm64"], "python3.13", TIMEOUT_SECONDS) == (inputs["architectures"], inputs["runtime"], inputs["timeout"])
    assert 6 * inputs["timeout"] == of(program, QUEUE, side, name).inputs["visibilityTimeoutSeconds"]
    assert {"mode": "Active"} == inputs["tracingConfig"]
    packed = only(program, "aws:s3/bucketObjectv2:BucketObjectv2", f"{side}-documents-package")
    assert (packed.inputs["bucket"], packed.inputs["key"]) == (inputs["s3Bucket"], inputs["s3Key"])
    assert packed.inputs["sourceHash"][:12] in inputs["s3Key"], "another package has another key"
    assert (
        inputs["loggingConfig"]["logGroup"]
        == of(program, "aws:cloudwatch/logGroup:LogGroup", side, name).inputs["name"]
    )
    assert "vpcConfig" not in inputs, "from there it reaches neither the database nor the cache"
    assert inputs["handler"] in {task.handler for task in TASKS}


@pytest.mark.parametrize("name", NAMES)
def test_a_queue_is_worked_off_by_no_more_than_are_reserved(program: Program, side: str, name: str) -> None:
    reserved = of(program, FUNCTION, side, name).inputs["reservedConcurrentExecutions"]
    assert {"maximumConcurrency": reserved} == of(program, MAPPING, side, name).inputs["scalingConfig"]


def test_what_is_reserved_is_asked_of_the_account(program: Program) -> None:
    reserved = sum(of(program, FUNCTION, "home", name).inputs["reservedConcurrentExecutions"] for name in NAMES)
    (quota,) = [item for item in needed(loaded()) if item.service == "lambda"]
    assert 100 + reserved + rotation.CONCURRENCY == quota.needed, "Lambda keeps 100 for others"


def test_the_functions_take_what_they_are_told(program: Program, side: str) -> None:
    for name in NAMES:
        found = told.load(variables(program, side, name))
        region = program.region_of(of(program, FUNCTION, side, name))
        assert {"appointments", "consultations", "payments", "prescriptions"} == set(found.topics)
        assert all(f":{region}:" in arn for arn in (*found.topics.values(), found.key_arn, found.textract_topic_arn))
        assert Limits() == found.limits, "the functions' own defaults are the settings'"
        assert TEXT_KINDS == found.text_kinds
        assert ("TABLES", "FORMS") == found.text_features
        assert 3 == len(found.image_formats)


def test_the_knobs_reach_the_functions() -> None:
    program = whole(
        "us",
        documentsMemoryMib=1024,
        documentsConcurrency=3,
        documentsFormats='["webp"]',
        documentsTextFeatures='["LAYOUT"]',
        documentsMaxMib=20,
    )
    found = told.load(variables(program, "home"))
    assert ({"webp"}, ("LAYOUT",)) == ({str(item) for item in found.image_formats}, found.text_features)
    assert (20 * 1024 * 1024, 40_960_000) == (found.limits.max_bytes, found.limits.max_pixels)
    inputs = of(program, FUNCTION, "home", "convert").inputs
    assert (1024, 3) == (inputs["memorySize"], inputs["reservedConcurrentExecutions"])
    assert 2 == of(program, FUNCTION, "home", "erase").inputs["reservedConcurrentExecutions"], "others keep their own"


def test_without_text_features_no_text_is_read_nor_may_be() -> None:
    program = whole("us", documentsTextFeatures="[]")
    assert frozenset() == told.load(variables(program, "home")).text_kinds
    for name in NAMES:
        assert "textract" not in json.dumps(rights(program, "home", name)).replace("documents-textract", "")
    assert "off: documentsTextFeatures is empty" == reveal(program.exports["home"])["documents"]["text"]


@pytest.mark.parametrize("cell", CELLS)
def test_text_is_read_where_textract_is_and_pictures_are_made_everywhere(cell: str) -> None:
    program = whole(cell)
    for side in SIDES:
        region = program.region_of(of(program, FUNCTION, side, "convert")) or ""
        found = told.load(variables(program, side))
        assert (TEXT_KINDS if region in documents.TEXT_REGIONS else frozenset()) == found.text_kinds
        assert (cell != "apac") == bool(found.text_kinds), "neither region of Japan has it"
        assert found.image_formats
        said = reveal(program.exports[side])["documents"]["text"]
        expected = "read by Textract, with TABLES, FORMS" if found.text_kinds else f"off: Textract is not in {region}"
        assert said.startswith(expected)


# Rights


def test_no_function_writes_tags_or_deletes_an_upload(program: Program, side: str) -> None:
    uploads = bucket(program, side, "uploads")
    reading = {"s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket"}
    for name in NAMES:
        given_ = {
            action
            for item in rights(program, side, name).values()
            for action in item["Action"]
            if any(resource.startswith(uploads) for resource in item["Resource"])
        }
        assert given_ <= reading, f"the original is never touched: {name}"


@pytest.mark.parametrize(
    ("name", "written"), [("convert", {"texts", "images", "status"}), ("text", {"texts", "status"})]
)
def test_a_function_writes_under_its_own_prefixes_only(
    program: Program, side: str, name: str, written: set[str]
) -> None:
    derived = bucket(program, side, "derived")
    found = {
        resource
        for item in rights(program, side, name).values()
        for resource in item["Resource"]
        if "s3:PutObject" in item["Action"]
    }
    assert {f"{derived}/{prefix}/*" for prefix in written} == found


def test_only_the_eraser_deletes_and_leaves_its_evidence_in_one_place(program: Program, side: str) -> None:
    deleting = {
        name: resource
        for name in NAMES
        for item in rights(program, side, name).values()
        for resource in item["Resource"]
        if any(action.startswith("s3:Delete") for action in item["Action"])
    }
    assert {"erase"} == set(deleting)
    found = rights(program, side, "erase")
    assert [f"{bucket(program, side, 'audit')}/erasures/*"] == found["Evidence"]["Resource"]
    assert "s3:DeleteObjectVersion" not in found["Evidence"]["Action"]


def test_every_output_of_the_functions_lies_in_a_part_of_the_bucket() -> None:
    prefixes = tuple(part.prefix for part in rules.PARTS[rules.DERIVED])
    keys = output_keys("consultations/1.pdf", "v1")
    assert [] == [key for key in keys if not key.startswith(prefixes)], "else it would neither be kept nor replicated"
    assert set(prefixes) == {f"{key.partition('/')[0]}/" for key in keys}


def test_textract_takes_its_role_for_this_account_and_tells_one_topic(program: Program, side: str) -> None:
    (trust,) = statements(of(program, "aws:iam/role:Role", side, "text-tells").inputs["assumeRolePolicy"])
    assert {"Service": "textract.amazonaws.com"} == trust["Principal"]
    topic = of(program, "aws:sns/topic:Topic", side, "text").outputs["arn"]
    assert [topic] == rights(program, side, "text-tells")["Publish"]["Resource"]
    passed = rights(program, side, "convert")["TextractTells"]
    assert {"StringEquals": {"iam:PassedToService": "textract.amazonaws.com"}} == passed["Condition"]
    assert [of(program, "aws:iam/role:Role", side, "text-tells").outputs["arn"]] == passed["Resource"]


# Alarms


def test_operations_hear_of_what_waits_is_dead_fails_or_is_held_back(program: Program, side: str) -> None:
    topic = only(program, "aws:sns/topic:Topic", f"{side}-messaging-operations").outputs["arn"]
    mine = [
        item
        for item in program.of_type("aws:cloudwatch/metricAlarm:MetricAlarm")
        if "-documents-" in item.inputs["name"] and item.name.startswith(side)
    ]
    expected = {f"{name}-{what}" for name in NAMES for what in ("age", "duration", "errors", "throttles")}
    expected |= {"dead-letters", "returned"}
    assert expected == {item.inputs["name"].partition("-documents-")[2] for item in mine}
    assert {(topic,)} == {tuple(item.inputs["alarmActions"]) for item in mine}
    age = next(item for item in mine if item.name.endswith("convert-age")).inputs
    assert age["threshold"] > of(program, QUEUE, side, "convert").inputs["visibilityTimeoutSeconds"]
    errors = next(item for item in mine if item.name.endswith("convert-errors")).inputs
    assert "100 * errors / calls" == errors["metricQueries"][-1]["expression"]
    returned = next(item for item in mine if item.name.endswith("returned")).inputs
    assert (entry.NAMESPACE, {"service": entry.SERVICE}) == (returned["namespace"], returned["dimensions"])


# Settings


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("documentsPackage", "../documents.zip", "inside the checkout"),
        ("documentsPackage", "/tmp/documents.zip", "inside the checkout"),  # noqa: S108 - a name that is refused
        ("documentsPackage", "build/documents.tar", "zip file"),
        ("documentsMemoryMib", "511", "between 512 and 10240"),
        ("documentsMemoryMib", "10241", "between 512 and 10240"),
        ("documentsConcurrency", "1", "between 2 and 800"),
        ("documentsFormats", "[]", "at least 1"),
        ("documentsFormats", '["gif"]', "item 1 is not known; choose among webp, jpeg, png"),
        ("documentsFormats", '["webp", "webp"]', "item 2"),
        ("documentsFormats", "webp", 'a list such as ["webp"]'),
        ("documentsTextFeatures", '["QUERIES"]', "choose among TABLES, FORMS, LAYOUT"),
        ("documentsMaxMib", "477", "between 1 and 476"),
    ],
)
def test_a_bad_value_is_refused(key: str, value: str, words: str) -> None:
    error = refused(**{key: value})
    assert words in rule_of(error, key)
    assert [key] == [problem.key for problem in error.problems]


def test_a_file_that_memory_cannot_hold_is_refused_with_both_ways_out() -> None:
    rule = rule_of(refused(documentsMaxMib="129", documentsMemoryMib="512"), "documentsMaxMib")
    assert "set 128 or less, or documentsMemoryMib 516" in rule
    assert 128 == loaded(documentsMaxMib="128", documentsMemoryMib="512").documents_max_mib


def test_a_region_that_cannot_scan_is_refused_and_one_that_cannot_read_text_is_not() -> None:
    lone = {"posture": "backup-only", "recoveryRegion": "none", "recoveryCidr": "none"}
    rule = rule_of(refused(jurisdiction="MX", homeRegion="mx-central-1", **lone), "homeRegion")
    assert "GuardDuty's malware scanner for S3 is not known to be there" in rule
    assert not documents.reads_text("sa-east-1")
    assert loaded(jurisdiction="BR", homeRegion="sa-east-1", **lone).alone


def test_the_tables_name_regions_of_the_platform() -> None:
    assert documents.TEXT_REGIONS | documents.UNSCANNED_REGIONS <= set(REGIONS)
    assert not documents.TEXT_REGIONS & {"ap-northeast-1", "ap-northeast-3"}


@given(memory=st.integers(512, 10240))
def test_no_memory_promises_more_pixels_than_can_be_opened(memory: int) -> None:
    assert 20_000_000 < documents.max_pixels(memory) <= documents.MOST_PIXELS <= HIGHEST_PIXELS
    assert documents.MOST_PIXELS == documents.max_pixels(3008), "the default opens as much as ever is opened"


# The package


def test_a_package_is_found_and_called_by_its_content(tmp_path: Path) -> None:
    (tmp_path / "one.zip").write_bytes(fixture.content())
    found = package.find_one(tmp_path, "documents", "one.zip", HANDLERS)
    assert f"functions/documents-{found.sha256[:12]}.zip" == found.key
    assert tmp_path / "one.zip" == found.path


def test_a_package_that_was_not_built_is_refused_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(PackageError, match=r"^documentsPackage = 'build/x.zip': is not there; run 'make build'"):
        package.find_one(tmp_path, "documents", "build/x.zip", HANDLERS)


def test_what_is_no_package_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.zip").write_text("not a zip")
    with pytest.raises(PackageError, match="no zip file that can be read"):
        package.find_one(tmp_path, "documents", "text.zip", HANDLERS)
    (tmp_path / "lacks.zip").write_bytes(fixture.content(without="functions/documents/erasure.py"))
    with pytest.raises(PackageError, match=r"lacks functions/documents/erasure\.py; run 'make build'"):
        package.find_one(tmp_path, "documents", "lacks.zip", HANDLERS)


def test_a_package_that_lambda_would_not_take_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "one.zip").write_bytes(fixture.content())
    monkeypatch.setattr(package, "UNZIPPED_BYTES", -1)
    with pytest.raises(PackageError, match="0 bytes unzipped and Lambda takes -1"):
        package.find_one(tmp_path, "documents", "one.zip", HANDLERS)


def test_nothing_is_made_without_the_package() -> None:
    class Counting(Synthetic):
        created = 0

        @override
        def create(self, request: Request) -> tuple[str, Mapping[str, Any]]:
            Counting.created += 1
            return super().create(request)

    with pytest.raises(PackageError, match="make build"):
        runner.run(project.load("us", overrides={"documentsPackage": "build/none.zip"}), Counting())
    assert 0 == Counting.created


def test_the_command_line_says_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert 2 == cli.main(["preview", "us", "--set", "documentsPackage=build/none.zip"])
    printed = capsys.readouterr()
    assert ("", "error: documentsPackage = 'build/none.zip': is not there; run 'make build'") == (
        printed.out,
        printed.err.partition(",")[0],
    )


def test_the_shipped_default_is_what_make_build_makes() -> None:
    declared = project.yaml_file.as_values(project.ROOT / project.PROJECT_FILE)["config"]["documentsPackage"]
    assert "build/functions/documents.zip" == declared["default"]
    assert fixture.PATH == project.load("us").config["medical-platform:documentsPackage"], "tests have one of their own"


# Standing


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    with local_aws(ACCOUNT):
        made = Cloud()
        runner.run(project.load("us"), made)
        yield made


@pytest.mark.slow("makes the whole us cell, which test_local_cloud alone does among the quick ones")
def test_the_standing_functions_are_fed_by_their_queues(cloud: Cloud) -> None:
    client = cloud.client("lambda", HOME)
    for name in NAMES:
        function = client.get_function(FunctionName=f"medical-us-use2-documents-{name}")
        assert ["arm64"] == function["Configuration"]["Architectures"]
        assert function["Concurrency"]["ReservedConcurrentExecutions"] >= 2
        (mapping,) = client.list_event_source_mappings(FunctionName=function["Configuration"]["FunctionArn"])[
            "EventSourceMappings"
        ]
        assert f"arn:aws:sqs:{HOME}:{ACCOUNT}:medical-us-use2-documents-{name}" == mapping["EventSourceArn"]
        assert ["ReportBatchItemFailures"] == mapping["FunctionResponseTypes"]


@pytest.mark.slow("makes the whole us cell, which test_local_cloud alone does among the quick ones")
def test_the_arns_that_policies_name_are_those_that_stand(cloud: Cloud) -> None:
    sqs, events, sns = (cloud.client(service, HOME) for service in ("sqs", "events", "sns"))
    topics = {item["TopicArn"] for item in sns.list_topics()["Topics"]}
    for name in (*NAMES, "dead"):
        url = sqs.get_queue_url(QueueName=f"medical-us-use2-documents-{name}")["QueueUrl"]
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn", "Policy"])["Attributes"]
        for statement in json.loads(found["Policy"])["Statement"]:
            assert found["QueueArn"] in statement["Resource"]
            for source in statement["Condition"].get("ArnEquals", {}).get("aws:SourceArn", []):
                if ":sns:" in source:
                    assert source in topics
                else:
                    assert source == events.describe_rule(Name=source.rpartition("/")[2])["Arn"]


@pytest.mark.slow("makes the whole us cell, which test_local_cloud alone does among the quick ones")
def test_a_scan_result_arrives_in_the_queue_and_stays_until_it_is_worked_off(cloud: Cloud) -> None:
    uploads = f"medical-us-use2-uploads-{ACCOUNT}"

    def tell(bucket: str, key: str) -> None:
        detail = {
            "scanStatus": "COMPLETED",
            "s3ObjectDetails": {"bucketName": bucket, "objectKey": key, "versionId": "v1", "eTag": "e"},
            "scanResultDetails": {"scanResultStatus": "NO_THREATS_FOUND", "threats": None},
        }
        entry = {
            "Source": "aws.guardduty",
            "DetailType": "GuardDuty Malware Protection Object Scan Result",
            "Detail": json.dumps(detail),
        }
        cloud.client("events", HOME).put_events(Entries=[entry])

    tell(uploads, "consultations/1.pdf")
    tell(uploads, "continuity/drill/1")
    tell("somebody-elses", "consultations/2.pdf")
    sqs = cloud.client("sqs", HOME)
    url = sqs.get_queue_url(QueueName="medical-us-use2-documents-convert")["QueueUrl"]
    messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=0)["Messages"]
    keys = [json.loads(item["Body"])["detail"]["s3ObjectDetails"]["objectKey"] for item in messages]
    assert ["consultations/1.pdf"] == keys


@pytest.mark.slow("makes the whole us cell, which test_local_cloud alone does among the quick ones")
def test_what_moto_has_no_scanner_for_is_recorded_and_not_claimed(cloud: Cloud) -> None:
    assert 2 == sum(item.type == PLAN for item in cloud.recorded)
