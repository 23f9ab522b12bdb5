"""The canaries of a side as they are declared: where they go, what they may do, and what is an alarm."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any, Final

import boto3
import pytest

from components.canaries import canaries as component
from components.canaries import package
from domain import canaries
from domain.naming import Names
from domain.objectives import JOURNEYS
from domain.regions import REGIONS
from ops.engine.project import ROOT
from ops.engine.record import Program, Registration
from tests.support import whole

CANARY: Final = "aws:synthetics/canary:Canary"
ALARM: Final = "aws:cloudwatch/metricAlarm:MetricAlarm"


def canary(program: Program, name: str) -> Registration:
    return next(item for item in program.of_type(CANARY) if item.name == name)


def alarms(program: Program) -> dict[str, dict[str, Any]]:
    return {
        item.name: dict(item.inputs)
        for item in program.of_type(ALARM)
        if item.inputs.get("namespace") == canaries.NAMESPACE
    }


def test_each_side_has_a_canary_for_each_journey() -> None:
    found = {item.name for item in whole("us").of_type(CANARY)}
    assert {f"{side}-canaries-{journey}" for side in ("home", "recovery") for journey in JOURNEYS} == found


def test_a_cell_of_one_side_has_the_same_canaries_there() -> None:
    alone = whole("us", posture="backup-only", recoveryRegion="none", recoveryCidr="none")
    assert {f"home-canaries-{journey}" for journey in JOURNEYS} == {item.name for item in alone.of_type(CANARY)}


def test_a_canary_asks_its_own_sides_load_balancer_for_the_cell() -> None:
    program = whole("us")
    for side, writes in (("home", "required"), ("recovery", "optional")):
        told = canary(program, f"{side}-canaries-pay").inputs["runConfig"]["environmentVariables"]
        assert {
            "ADDRESS": f"${{{side}-edge.dnsName}}",
            "HOST": "us.app.example.com",
            "JOURNEY": "pay",
            "SIDE": side,
            "WRITES": writes,
        } == dict(told)


def test_writes_are_asked_of_the_side_that_writes_and_of_no_other() -> None:
    program = whole("us", writer="recovery")
    found = {
        item.name.partition("-")[0]: item.inputs["runConfig"]["environmentVariables"]["WRITES"]
        for item in program.of_type(CANARY)
    }
    assert {"home": "optional", "recovery": "required"} == found


def test_the_role_has_the_name_by_which_the_service_knows_the_synthetic_clinic() -> None:
    program = whole("us")
    roles = {item.name: item.inputs["name"] for item in program.of_type("aws:iam/role:Role")}
    assert "medical-us-use2-canary" == roles["home-canaries"]
    assert "medical-us-usw2-canary" == roles["recovery-canaries"]


def test_a_schedule_is_a_rate_of_minutes() -> None:
    assert "rate(1 minute)" == component.rate(1)
    assert "rate(15 minutes)" == component.rate(15)
    schedules = {item.inputs["schedule"]["expression"] for item in whole("us", canaryMinutes=5).of_type(CANARY)}
    assert {"rate(5 minutes)"} == schedules


def test_a_run_ends_before_the_next_begins() -> None:
    assert component.TIMEOUT_SECONDS <= 60


def test_an_alarm_is_raised_by_two_failed_runs_of_three_and_by_silence() -> None:
    found = alarms(whole("us", canaryMinutes=5))
    assert 16 == len(found)
    success, duration = found["home-alarms-book-success"], found["home-alarms-book-duration"]
    assert ("Average", "LessThanThreshold", 99.9) == tuple(
        success[key] for key in ("statistic", "comparisonOperator", "threshold")
    )
    assert ("p95", "GreaterThanThreshold", 3000) == tuple(
        duration[key] for key in ("extendedStatistic", "comparisonOperator", "threshold")
    )
    for alarm in found.values():
        assert (300, 3, 2, "breaching") == tuple(
            alarm[key] for key in ("period", "evaluationPeriods", "datapointsToAlarm", "treatMissingData")
        )
    assert {"CanaryName": "medical-us-use2-book"} == success["dimensions"]


def test_an_alarm_looks_back_no_longer_than_cloudwatch_does() -> None:
    promised = {"availabilityPercent": 99.9, "latencyMs": 3000, "rtoSeconds": 7200, "rpoSeconds": 300}
    slow = json.dumps(dict.fromkeys(JOURNEYS, promised))
    for alarm in alarms(whole("us", canaryMinutes=60, journeyObjectives=slow)).values():
        assert alarm["period"] * alarm["evaluationPeriods"] <= 24 * 3600


def test_every_function_logs_where_the_role_may_write_however_long_the_cells_name() -> None:
    for cell in ("us", "abcdefghijklmnop"):
        names = Names(cell=cell, place="apne1")
        for journey in JOURNEYS:
            name = canaries.name(names, journey)
            for taken in (name, name[: canaries.FUNCTION_NAME_CHARACTERS]):
                group = component.log_path(f"arn:aws:lambda:ap-northeast-1:111122223333:function:cwsyn-{taken}-0a1b:1")
                assert group.startswith(canaries.log_pattern(cell).removesuffix("*"))
    assert not "/aws/lambda/cwsyn-other-book".startswith(canaries.log_pattern("us").removesuffix("*"))


def test_no_canary_may_make_a_log_group_or_read_a_document() -> None:
    policies = [
        item.inputs["policy"]
        for item in whole("us").of_type("aws:iam/rolePolicy:RolePolicy")
        if "canaries" in item.name
    ]
    assert 2 == len(policies)
    for policy in policies:
        statements = json.loads(policy)["Statement"]
        actions = {action for statement in statements for action in statement["Action"]}
        assert "logs:CreateLogGroup" not in actions
        assert "s3:PutObject" in actions, "it can leave what a run found"
        (left,) = (statement["Resource"] for statement in statements if statement["Sid"] == "Leave")
        assert all(":::medical-us-" in arn and "-logs-" in arn and arn.endswith("/canaries/*") for arn in left)


def test_the_same_files_give_the_same_zip_in_the_layout_that_synthetics_asks_for() -> None:
    code = package.pack(ROOT)
    assert code == package.pack(ROOT)
    names = zipfile.ZipFile(io.BytesIO(code.content)).namelist()
    assert {"python/canary.py", "python/functions/canaries/walk.py", "python/functions/__init__.py"} <= set(names)
    assert "canary.handler" == package.HANDLER
    assert len(code.content) < 225 * 1024, "small enough to be looked at in the console too"


def test_another_content_has_another_key(tmp_path: Path) -> None:
    folder = tmp_path / "functions" / "canaries"
    folder.mkdir(parents=True)
    (folder.parent / "__init__.py").write_text('"""Functions."""\n')
    (folder / "canary.py").write_text('"""One."""\n')
    one = package.pack(tmp_path)
    (folder / "canary.py").write_text('"""Two."""\n')
    assert one.key != package.pack(tmp_path).key


@pytest.mark.parametrize("region", REGIONS)
def test_synthetics_is_in_every_region_that_a_cell_can_lie_in(region: str) -> None:
    assert region in boto3.Session().get_available_regions("synthetics")
