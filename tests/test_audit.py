"""The audit trail: what it records, where it delivers, and what its bucket admits."""

from __future__ import annotations

from typing import Any, Final

import pytest

from components.audit import cis, rules
from components.audit.trail import Trail, TrailArgs
from domain.naming import Names
from ops.engine.record import Program
from tests.support import ACCOUNT, BOUNDARY, CELLS, HOME, RECOVERY, declare, only, opts_in, statements, whole
from tests.test_docs import between, table, text

SIDES: Final = {HOME: Names(cell="us", place="use2"), RECOVERY: Names(cell="us", place="usw2")}

FILTER: Final = "aws:cloudwatch/logMetricFilter:LogMetricFilter"
ALARM: Final = "aws:cloudwatch/metricAlarm:MetricAlarm"
LONGEST_PATTERN: Final = 1024  # characters; source: PutMetricFilter in CloudWatch Logs' API reference
BUCKET: Final = f"arn:aws:s3:::medical-us-use2-audit-{ACCOUNT}"
TRAIL: Final = f"arn:aws:cloudtrail:{HOME}:{ACCOUNT}:trail/medical-us-use2-trail"


def trail(*, management: bool = True) -> Trail:
    args = TrailArgs(
        names=SIDES[HOME],
        account_id=ACCOUNT,
        boundary_arn=BOUNDARY,
        region=HOME,
        key_arn=f"arn:aws:kms:{HOME}:{ACCOUNT}:key/1",
        bucket="audit",
        sides=SIDES,
        log_days=365,
        management=management,
    )
    return Trail("trail", args, opts_in())


def recorded(event: dict[str, str], *, management: bool = True) -> list[str]:
    """The selectors that record an event, given as CloudTrail's fields."""
    return [
        selector.name
        for selector in rules.selectors(SIDES, ACCOUNT, management=management)
        if all(passes(test, event.get(field, "")) for field, test in selector.tests.items())
    ]


def passes(test: rules.Test, value: str) -> bool:
    """Whether a value is let through: by one of what it may be, and by all of what it must not be."""
    wanted = bool(test.equals or test.starts)
    may = value in test.equals or (bool(test.starts) and value.startswith(test.starts))
    return (may or not wanted) and value not in test.not_equals and not value.startswith(test.not_starts or ("\0",))


def an_object(role: str, key: str, name: str = "GetObject", place: str = "use2", cell: str = "us") -> dict[str, str]:
    return {
        "eventCategory": "Data",
        "resources.type": "AWS::S3::Object",
        "resources.ARN": f"arn:aws:s3:::medical-{cell}-{place}-{role}-{ACCOUNT}/{key}",
        "eventName": name,
        "readOnly": "true" if name.startswith(("Get", "Head", "List")) else "false",
    }


@pytest.mark.parametrize("place", ["use2", "usw2"])
@pytest.mark.parametrize("role", ["uploads", "derived", "backups"])
@pytest.mark.parametrize("name", ["GetObject", "PutObject", "DeleteObject"])
def test_whatever_happens_to_regulated_objects_is_recorded_on_both_sides(place: str, role: str, name: str) -> None:
    assert ["regulated-objects"] == recorded(an_object(role, "1", name, place))


def test_software_is_recorded_when_it_changes_and_not_when_it_is_read() -> None:
    assert ["released-software"] == recorded(an_object("releases", "1", "PutObject"))
    assert [] == recorded(an_object("releases", "1"))


@pytest.mark.parametrize("name", ["GetObject", "DeleteObject", "PutObjectRetention", "PutObjectLegalHold"])
def test_whoever_reads_or_touches_evidence_is_recorded(name: str) -> None:
    assert ["evidence-touched"] == recorded(an_object("audit", "trail/1", name))


def test_a_delivery_of_the_trail_does_not_record_itself() -> None:
    assert [] == recorded(an_object("audit", "trail/AWSLogs/1.json.gz", "PutObject")), "it would never end"
    assert ["evidence-written-by-others"] == recorded(an_object("audit", "erasures/1.json", "PutObject"))


def test_nothing_of_another_cell_or_of_the_access_logs_is_recorded() -> None:
    assert [] == recorded(an_object("uploads", "1", cell="eu", place="euc1"))
    assert [] == recorded(an_object("logs", "s3/1"))


def test_what_functions_do_is_recorded_on_both_sides_and_another_cells_is_not() -> None:
    def invoked(name: str) -> list[str]:
        arn = f"arn:aws:lambda:{RECOVERY}:{ACCOUNT}:function:{name}"
        event = {"eventCategory": "Data", "resources.type": "AWS::Lambda::Function", "resources.ARN": arn}
        return recorded({**event, "eventName": "Invoke"})

    assert ["functions-run"] == invoked("medical-us-usw2-documents-text")
    assert [] == invoked("medical-eu-euw1-documents-text")


def test_management_is_recorded_by_the_stack_that_owns_the_account_only() -> None:
    assert ["management"] == recorded({"eventCategory": "Management"})
    assert [] == recorded({"eventCategory": "Management"}, management=False)


def test_the_trails_of_all_cells_record_the_account_once(cells: dict[str, Program]) -> None:
    owners = [
        cell
        for cell, program in cells.items()
        if "Management" in str(only(program, "aws:cloudtrail/trail:Trail").inputs["advancedEventSelectors"])
    ]
    assert ["us"] == owners


@pytest.fixture(scope="module")
def cells() -> dict[str, Program]:
    return {cell: whole(cell) for cell in CELLS}


def test_every_function_of_a_cell_is_recorded(cells: dict[str, Program]) -> None:
    for program in cells.values():
        (recording,) = [
            field["startsWiths"]
            for selector in only(program, "aws:cloudtrail/trail:Trail").inputs["advancedEventSelectors"]
            for field in selector["fieldSelectors"]
            if selector["name"] == "functions-run" and field["field"] == "resources.ARN"
        ]
        functions = program.of_type("aws:lambda/function:Function")
        assert functions
        for function in functions:
            place = f"arn:aws:lambda:{program.region_of(function)}:{ACCOUNT}:function:"
            assert f"{place}{function.inputs['name']}".startswith(tuple(recording))


def test_the_trail_waits_until_its_role_may_write() -> None:
    program = declare(trail)
    found = only(program, "aws:cloudtrail/trail:Trail")
    assert only(program, "aws:iam/rolePolicy:RolePolicy").urn in found.dependencies


def test_the_role_writes_the_trails_own_streams_and_no_other() -> None:
    (statement,) = statements(only(declare(trail), "aws:iam/rolePolicy:RolePolicy").inputs["policy"])
    assert ["logs:CreateLogStream", "logs:PutLogEvents"] == statement["Action"]
    (resource,) = statement["Resource"]
    assert resource.endswith(f":log-stream:{ACCOUNT}_CloudTrail_{HOME}*")


def denied(action: str, key: str, *, service: str = "", delivering: bool = True) -> list[str]:
    """The statements of an audit bucket's policy that deny an action."""
    found = rules.bucket_statements(BUCKET, account_id=ACCOUNT, trail=TRAIL if delivering else None)
    return [
        item["Sid"]
        for item in found
        if item["Effect"] == "Deny" and action in item["Action"] and applies(item, f"{BUCKET}/{key}", service)
    ]


def applies(statement: Any, resource: str, service: str) -> bool:  # noqa: ANN401 - a statement is any JSON
    condition = statement.get("Condition", {}).get("StringNotEqualsIfExists", {})
    excepted = service == condition.get("aws:PrincipalServiceName") if condition else False
    return resource.startswith(statement["Resource"].removesuffix("*")) and not excepted


@pytest.mark.parametrize("delivering", [True, False])
def test_nobody_but_cloudtrail_writes_where_the_trail_lies(*, delivering: bool) -> None:
    assert ["DenyForgery"] == denied("s3:PutObject", "trail/AWSLogs/1", delivering=delivering)
    assert [] == denied("s3:PutObject", "trail/AWSLogs/1", service=rules.SERVICE, delivering=delivering)
    assert [] == denied("s3:PutObject", "erasures/1", delivering=delivering), "records of erasures have a place there"
    assert [] == denied("s3:ReplicateObject", "trail/AWSLogs/1", delivering=delivering)


@pytest.mark.parametrize("action", ["s3:DeleteObject", "s3:DeleteObjectVersion", "s3:BypassGovernanceRetention"])
def test_nobody_deletes_evidence_whatever_its_rights(action: str) -> None:
    assert ["DenyErasure"] == denied(action, "erasures/1", service=rules.SERVICE)
    assert [] == denied("s3:GetObject", "erasures/1"), "who may read is for roles to say"


def test_whoever_deploys_can_still_change_the_bucket() -> None:
    for found in rules.bucket_statements(BUCKET, account_id=ACCOUNT, trail=None):
        assert found["Resource"] != BUCKET, "a policy that denies its own change could never be corrected"
        assert not any(action.startswith("s3:PutBucket") for action in found["Action"])


def test_only_homes_trail_delivers_and_only_to_its_own_place() -> None:
    admitted = {
        item["Sid"]: item
        for item in rules.bucket_statements(BUCKET, account_id=ACCOUNT, trail=TRAIL)
        if item["Effect"] == "Allow"
    }
    assert {"TrailLooksAtTheBucket", "TrailDelivers"} == set(admitted)
    assert {TRAIL} == {item["Condition"]["StringEquals"]["aws:SourceArn"] for item in admitted.values()}
    assert f"{BUCKET}/trail/AWSLogs/{ACCOUNT}/*" == admitted["TrailDelivers"]["Resource"]
    assert not [
        item for item in rules.bucket_statements(BUCKET, account_id=ACCOUNT, trail=None) if item["Effect"] == "Allow"
    ], "recovery's bucket receives replicas alone"


def test_every_watch_has_an_alarm_where_the_account_is_recorded_and_nowhere_else(cells: dict[str, Program]) -> None:
    for cell, program in cells.items():
        filters = [item for item in program.of_type(FILTER) if "-trail-" in item.inputs["name"]]
        alarms = [item for item in program.of_type(ALARM) if item.inputs.get("namespace") == f"medical/{cell}/trail"]
        watched = [watch.name for watch in cis.WATCHES] if cell == "us" else []
        assert watched == [item.inputs["metricTransformation"]["name"] for item in filters]
        assert watched == [item.inputs["metricName"] for item in alarms]
        for found, alarm in zip(filters, alarms, strict=True):
            assert found.inputs["metricTransformation"]["namespace"] == alarm.inputs["namespace"]
            assert "notBreaching" == alarm.inputs["treatMissingData"], "what was not counted did not happen"
            assert 1 == len(alarm.inputs["alarmActions"]), "somebody is told"


def test_a_trail_that_falls_silent_is_told_of_where_the_account_is_recorded(cells: dict[str, Program]) -> None:
    for cell, program in cells.items():
        alarms = [item for item in program.of_type(ALARM) if item.inputs["name"].endswith("-trail-silent")]
        assert (1 if cell == "us" else 0) == len(alarms), "only the account's owner records something at all hours"
        for alarm in alarms:
            assert {"LogGroupName": "/medical/us/use2/trail"} == alarm.inputs["dimensions"]
            assert ("AWS/Logs", "IncomingLogEvents", "Sum") == tuple(
                alarm.inputs[key] for key in ("namespace", "metricName", "statistic")
            )
            assert ("LessThanThreshold", 1, 3600) == tuple(
                alarm.inputs[key] for key in ("comparisonOperator", "threshold", "period")
            )
            assert "breaching" == alarm.inputs["treatMissingData"], "silence is what it is for"
            assert 1 == len(alarm.inputs["alarmActions"]), "somebody is told"


def test_the_watches_are_those_of_the_benchmarks_monitoring_section() -> None:
    assert [f"4.{number}" for number in range(1, 16)] == [watch.control for watch in cis.WATCHES]
    assert len(cis.WATCHES) == len({watch.name for watch in cis.WATCHES})


@pytest.mark.parametrize("watch", cis.WATCHES, ids=lambda watch: watch.name)
def test_a_pattern_is_one_that_logs_take(watch: cis.Watch) -> None:
    assert len(watch.pattern) <= LONGEST_PATTERN
    assert (watch.pattern[0], watch.pattern[-1]) == ("{", "}")
    assert watch.pattern.count("(") == watch.pattern.count(")")
    assert watch.pattern.count('"') % 2 == 0


def test_the_page_tells_what_is_recorded() -> None:
    rows = ((f"`{item.name}`", item.what) for item in rules.selectors(SIDES, ACCOUNT, management=True))
    expected = table("selector,what it records", rows)
    assert expected == between(text("audit.md"), "recorded"), f"docs/audit.md is to have:\n{expected}"


def test_the_page_tells_what_is_alarmed_on() -> None:
    rows = (
        (
            f"`trail-{watch.name}`",
            watch.control,
            str(watch.threshold),
            "page" if watch.grave else "ticket",
            watch.why,
        )
        for watch in cis.WATCHES
    )
    expected = table("alarm,CIS 3.0.0,from,how soon,why", rows)
    assert expected == between(text("audit.md"), "cis"), f"docs/audit.md is to have:\n{expected}"
