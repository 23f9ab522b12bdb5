"""A cell's budget, and the watch over costs that nobody expected.

Owns: a monthly budget with notices of what was spent and of what will be, and an anomaly monitor of the cell's own.
Both see only what carries the cell's tag, so that cells of one account do not count each other's; AWS knows the tag
once it was activated for cost allocation (docs/cost.md). Does not own: the topic that is told. Both are global: billing
lives in us-east-1, sees no patient's data, and stands outside both regions.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

import pulumi
from pulumi_aws import budgets, costexplorer

from domain.naming import Names

TAG: Final = "Cell"
# Percent of the limit: half a month's warning, the limit itself, and the limit as AWS foresees it from the days before.
_NOTICES: Final = (("ACTUAL", 80), ("ACTUAL", 100), ("FORECASTED", 100))
_ANOMALY_PERCENT: Final = 10  # of the limit: the least that an unexpected cost comes to before anybody is told
_LEAST_ANOMALY_USD: Final = 10


@dataclass(frozen=True, kw_only=True)
class SpendingArgs:
    """The cell's global names, its limit in USD a month, and the topic that is told."""

    names: Names
    account_id: str
    budget_usd: int
    operations_topic: pulumi.Input[str]


class Spending(pulumi.ComponentResource):
    """The budget of a cell. It is global; `opts` carry home's provider."""

    def __init__(self, name: str, args: SpendingArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Make the budget and the monitor with its subscription."""
        super().__init__("medical:spending:Spending", name, None, opts)
        self._args = args
        child = pulumi.ResourceOptions(parent=self)
        self._build_budget(name, child)
        self._build_monitor(name, child)
        self.register_outputs({})

    def _build_budget(self, name: str, opts: pulumi.ResourceOptions) -> None:
        budgets.Budget(
            name,
            account_id=self._args.account_id,
            name=self._args.names.of("budget"),
            budget_type="COST",
            time_unit="MONTHLY",
            limit_amount=str(self._args.budget_usd),
            limit_unit="USD",
            cost_filters=[
                budgets.BudgetCostFilterArgs(name="TagKeyValue", values=[f"user:{TAG}${self._args.names.cell}"])
            ],
            notifications=[
                budgets.BudgetNotificationArgs(
                    comparison_operator="GREATER_THAN",
                    notification_type=kind,
                    threshold=percent,
                    threshold_type="PERCENTAGE",
                    subscriber_sns_topic_arns=[self._args.operations_topic],
                )
                for kind, percent in _NOTICES
            ],
            opts=opts,
        )

    def _build_monitor(self, name: str, opts: pulumi.ResourceOptions) -> None:
        monitor = costexplorer.AnomalyMonitor(
            name,
            name=self._args.names.of("anomalies"),
            monitor_type="CUSTOM",
            monitor_specification=_only(self._args.names.cell),
            opts=opts,
        )
        least = max(_LEAST_ANOMALY_USD, self._args.budget_usd * _ANOMALY_PERCENT // 100)
        costexplorer.AnomalySubscription(
            name,
            name=self._args.names.of("anomalies"),
            account_id=self._args.account_id,
            frequency="IMMEDIATE",  # the only one that a topic can be told at
            monitor_arn_lists=[monitor.arn],
            subscribers=[
                costexplorer.AnomalySubscriptionSubscriberArgs(type="SNS", address=self._args.operations_topic)
            ],
            threshold_expression=costexplorer.AnomalySubscriptionThresholdExpressionArgs(
                dimension=costexplorer.AnomalySubscriptionThresholdExpressionDimensionArgs(
                    key="ANOMALY_TOTAL_IMPACT_ABSOLUTE",
                    match_options=["GREATER_THAN_OR_EQUAL"],
                    values=[str(least)],
                )
            ),
            opts=opts,
        )


def _only(cell: str) -> str:
    """What a monitor looks at, with the parts that are not asked for: AWS gives those back, and they would differ."""
    asked = {"Tags": {"Key": TAG, "MatchOptions": None, "Values": [cell]}}
    return json.dumps({**dict.fromkeys(("And", "CostCategories", "Dimensions", "Not", "Or")), **asked})
