"""A cell's budget and the watch over its costs: what is declared, and who may tell of it."""

from __future__ import annotations

import json

import pytest

from ops.engine.record import Program
from tests.support import CELLS, whole

BUDGET = "aws:budgets/budget:Budget"
MONITOR = "aws:costexplorer/anomalyMonitor:AnomalyMonitor"
SUBSCRIPTION = "aws:costexplorer/anomalySubscription:AnomalySubscription"
PAYERS = {"budgets.amazonaws.com", "costalerts.amazonaws.com"}


@pytest.fixture(scope="module", params=CELLS)
def program(request: pytest.FixtureRequest) -> Program:
    return whole(request.param)


def test_operations_hear_before_the_limit_at_the_limit_and_when_it_is_foreseen(program: Program) -> None:
    (budget,) = program.of_type(BUDGET)
    notices = {(item["notificationType"], item["threshold"]) for item in budget.inputs["notifications"]}
    assert {("ACTUAL", 80.0), ("ACTUAL", 100.0), ("FORECASTED", 100.0)} == notices


def test_a_budget_and_a_monitor_count_their_own_cell_alone(program: Program) -> None:
    (budget,), (monitor,) = program.of_type(BUDGET), program.of_type(MONITOR)
    assert [{"name": "TagKeyValue", "values": [f"user:Cell${program.stack}"]}] == budget.inputs["costFilters"]
    assert [program.stack] == json.loads(monitor.inputs["monitorSpecification"])["Tags"]["Values"]


def test_the_limit_is_the_settings_and_an_anomaly_is_a_tenth_of_it() -> None:
    program = whole("us", budgetUsd=2000)
    (budget,), (subscription,) = program.of_type(BUDGET), program.of_type(SUBSCRIPTION)
    assert "2000" == budget.inputs["limitAmount"]
    assert ["200"] == subscription.inputs["thresholdExpression"]["dimension"]["values"]


def test_who_tells_of_costs_may_publish_to_the_encrypted_topic(program: Program) -> None:
    (told,) = {
        arn for item in program.of_type(BUDGET)[0].inputs["notifications"] for arn in item["subscriberSnsTopicArns"]
    }
    topic = next(item for item in program.of_type("aws:sns/topicPolicy:TopicPolicy") if item.inputs["arn"] == told)
    key = next(item for item in program.of_type("aws:kms/key:Key") if item.name.startswith("home"))
    for document, action in ((topic.inputs["policy"], "sns:Publish"), (key.inputs["policy"], "kms:GenerateDataKey*")):
        statements = json.loads(document)["Statement"]
        admitted = {item["Principal"].get("Service") for item in statements if action in item["Action"]}
        assert PAYERS <= admitted, f"{action} is refused to one of them"
