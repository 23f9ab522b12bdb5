"""What is on a dashboard: the values that alarms watch, in the order in which one looks. Pure.

It comes from the same values as the alarms, so that whatever has an alarm has a line here. Alarms of one kind share a
graph, a line for each thing that is watched, with the alarm's threshold across it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
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
    Journey,
    LoadBalancer,
    Nat,
    Outbox,
    Queue,
    Vault,
    Watched,
)
from domain import canaries

REPLICATION_KEY: Final = "replica-lag"
OTHERS: Final = "Other alarms"
# What each kind of thing is a part of, in the order of looking: users first, then what they depend on.
_SECTIONS: Final[Mapping[type[Watched], str]] = {
    LoadBalancer: "Users: latency, traffic, errors",
    Journey: "Patient journeys",
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
# Where an alarm's key alone would not say what a graph shows.
_TITLES: Final[Mapping[tuple[type[Watched], str], str]] = {
    (Journey, canaries.SUCCESS_ALARM): "Runs that succeeded, percent",
    (Journey, canaries.DURATION_ALARM): "Duration of a walk, ms, p95",
}
_LB: Final = "AWS/ApplicationELB"


def side(region: str, raised: Sequence[Raised], place: str = "") -> list[Section]:
    """The sections of a side in `region`, called `place` where several are on one page."""
    found: dict[str, list[Graph]] = {title: [] for title in dict.fromkeys([*_SECTIONS.values(), OTHERS])}
    found[_SECTIONS[LoadBalancer]] += _traffic(region, raised)
    replication: list[Graph] = []
    grouped: dict[tuple[type[Watched], str], list[Alarm]] = defaultdict(list)
    for item in raised:
        for alarm in item.alarms:
            grouped[type(item.watched), alarm.key].append(alarm)
    for (kind, key), alarms in grouped.items():
        shown = replication if key == REPLICATION_KEY else found[_SECTIONS.get(kind, OTHERS)]
        shown.append(_graph(region, _TITLES.get((kind, key), key.replace("-", " ").capitalize()), alarms))
    users, journeys, *rest = found.items()
    sections = [users, journeys, ("Replication", replication), *rest]
    return [Section(title=f"{title}{place}", panels=panels) for title, panels in sections]


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


def _graph(region: str, title: str, alarms: Sequence[Alarm]) -> Graph:
    limits = dict.fromkeys((f"alarm {alarm.rule.partition(' in ')[0]}", alarm.threshold.value) for alarm in alarms)
    return Graph(
        title=title,
        region=region,
        lines=[Line(label=alarm.owner, metrics=alarm.metrics, formula=alarm.formula) for alarm in alarms],
        limits=list(limits),
    )
