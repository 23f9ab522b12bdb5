"""What is on a dashboard: the values that alarms watch, in the order in which one looks. Pure.

It comes from the same values as the alarms, so that whatever has an alarm has a line here. Alarms of one kind share a
graph, a line for each thing that is watched, with the alarm's threshold across it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Final

from components.dashboards.layout import Graph, Line, Note, Section
from components.observability.catalog import Raised
from components.observability.model import Alarm, Metric
from components.observability.watched import (
    CacheNode,
    Certificate,
    Database,
    DeadLetters,
    Fleet,
    Function,
    LoadBalancer,
    Nat,
    Outbox,
    Queue,
    Vault,
    Watched,
)
from domain import canaries
from domain.objectives import Objectives

REPLICATION_KEY: Final = "replica-lag"
OTHERS: Final = "Other alarms"
# What each kind of thing is a part of, in the order of looking: users first, then what they depend on.
_SECTIONS: Final[Mapping[type[Watched], str]] = {
    LoadBalancer: "Users: latency, traffic, errors",
    Fleet: "Instances: saturation",
    Database: "Database",
    CacheNode: "Cache",
    Outbox: "Messages",
    Queue: "Messages",
    DeadLetters: "Messages",
    Function: "Functions",
    Nat: "Way out",
    Vault: "Backups and certificates",
    Certificate: "Backups and certificates",
}
_LB: Final = "AWS/ApplicationELB"


def side(region: str, raised: Sequence[Raised], journeys: Section, place: str = "") -> list[Section]:
    """The sections of a side in `region`, called `place` where several are on one page."""
    found: dict[str, list[Graph]] = {title: [] for title in dict.fromkeys([*_SECTIONS.values(), OTHERS])}
    found[_SECTIONS[LoadBalancer]] += _traffic(region, raised)
    replication: list[Graph] = []
    grouped: dict[tuple[str, str], list[Alarm]] = defaultdict(list)
    for item in raised:
        for alarm in item.alarms:
            grouped[_SECTIONS.get(type(item.watched), OTHERS), alarm.key].append(alarm)
    for (section, key), alarms in grouped.items():
        (replication if key == REPLICATION_KEY else found[section]).append(_graph(region, key, alarms))
    first, *rest = found.items()
    sections = [first, ("Replication", replication), *rest]
    made = [Section(title=f"{title}{place}", panels=panels) for title, panels in sections]
    return [made[0], journeys, *made[1:]]


def journeys(region: str, names: Mapping[str, str], objectives: Objectives, minutes: int, place: str = "") -> Section:
    """Each journey's success and duration, as its canary (`names`, by journey) finds them."""

    def lines(metric: str, statistic: str) -> list[Line]:
        period = timedelta(minutes=minutes)
        return [
            Line(
                label=journey,
                metrics={
                    "run": Metric(
                        namespace=canaries.NAMESPACE,
                        name=metric,
                        dimensions={"CanaryName": name},
                        statistic=statistic,
                        period=period,
                    )
                },
            )
            for journey, name in names.items()
        ]

    promised = sorted({objectives[journey].availability_percent for journey in names})
    slowest = sorted({float(objectives[journey].latency_ms) for journey in names})
    return Section(
        title=f"Patient journeys{place}",
        panels=[
            Graph(
                title="Runs that succeeded, percent",
                region=region,
                lines=lines(canaries.SUCCESS, "Average"),
                limits=[("promised", value) for value in promised],
            ),
            Graph(
                title="Duration of a walk, ms, p95",
                region=region,
                lines=lines(canaries.DURATION, "p95"),
                limits=[("promised", value) for value in slowest],
            ),
        ],
    )


def cost(cell: str, budget_usd: int) -> Section:
    """Where the cell's cost is told: AWS keeps its metrics in us-east-1, and not by cell."""
    text = (
        f"Budget: **{budget_usd} USD** a month, `medical-{cell}-global-budget` in "
        "[AWS Budgets](https://console.aws.amazon.com/billing/home#/budgets). "
        f"What it is made of: `python -m ops cost {cell}`."
    )
    return Section(title="Cost", panels=[Note(markdown=text)])


def _traffic(region: str, raised: Sequence[Raised]) -> Iterator[Graph]:
    """Requests and times of each load balancer, which no alarm shows by itself."""
    for item in raised:
        if isinstance(item.watched, LoadBalancer):
            whole = {"LoadBalancer": item.watched.load_balancer}
            requests = Metric(namespace=_LB, name="RequestCount", dimensions=whole, statistic="Sum")
            times = {
                statistic: Metric(namespace=_LB, name="TargetResponseTime", dimensions=whole, statistic=statistic)
                for statistic in ("p50", "p99")
            }
            yield Graph(
                title="Requests a minute", region=region, lines=[Line(label="requests", metrics={"all": requests})]
            )
            yield Graph(
                title="Response time, seconds",
                region=region,
                lines=[Line(label=name, metrics={"time": metric}) for name, metric in times.items()],
            )


def _graph(region: str, key: str, alarms: Sequence[Alarm]) -> Graph:
    limits = dict.fromkeys((f"alarm {alarm.rule.partition(' in ')[0]}", alarm.threshold.value) for alarm in alarms)
    return Graph(
        title=key.replace("-", " ").capitalize(),
        region=region,
        lines=[Line(label=alarm.owner, metrics=alarm.metrics, formula=alarm.formula) for alarm in alarms],
        limits=list(limits),
    )
