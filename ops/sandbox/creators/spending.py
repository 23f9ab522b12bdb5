"""Creators for budgets."""

from __future__ import annotations

from typing import Any, Final

from ops.sandbox.creator import Creator, Values


def _budget(values: Values) -> dict[str, Any]:
    """The budget, and who is told when, as AWS Budgets spells them."""
    notices = [
        {
            "Notification": {
                "NotificationType": item["notificationType"],
                "ComparisonOperator": item["comparisonOperator"],
                "Threshold": item["threshold"],
                "ThresholdType": item["thresholdType"],
            },
            "Subscribers": [{"SubscriptionType": "SNS", "Address": arn} for arn in item["subscriberSnsTopicArns"]],
        }
        for item in values["notifications"]
    ]
    filters = {item["name"]: item["values"] for item in values["costFilters"]}
    return {**values, "notifications": notices, "costFilters": filters}


CREATORS: Final = {
    "aws:budgets/budget:Budget": Creator(
        service="budgets",
        operation="create_budget",
        id="{accountId}:{name}",
        prepare=_budget,
        params={
            "AccountId": "{accountId}",
            "Budget": {
                "BudgetName": "{name}",
                "BudgetType": "{budgetType}",
                "TimeUnit": "{timeUnit}",
                "BudgetLimit": {"Amount": "{limitAmount}", "Unit": "{limitUnit}"},
                "CostFilters": "{costFilters}",
            },
            "NotificationsWithSubscribers": "{notifications}",
        },
        outputs={"arn": "arn:aws:budgets::{account}:budget/{name}"},
    ),
}

_NO_ANOMALIES: Final = "moto's Cost Explorer knows cost categories alone, no anomaly monitors"
RECORDED: Final = {
    "aws:costexplorer/anomalyMonitor:AnomalyMonitor": _NO_ANOMALIES,
    "aws:costexplorer/anomalySubscription:AnomalySubscription": _NO_ANOMALIES,
}
