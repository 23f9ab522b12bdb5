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
    Arriving,
    CacheNode,
    Certificate,
    Conversion,
    Database,
    DeadLetters,
    Firewall,
    Fleet,
    Function,
    Journey,
    Leaving,
    LoadBalancer,
    LogGroup,
    Nat,
    Outbox,
    Queue,
    Recorded,
    Rotator,
    Switch,
    Vault,
    Watched,
)
from domain import canaries

REPLICA_LAG: Final = "replica-lag"  # of a database, but a matter of replication
OTHERS: Final = "Other alarms"
_USERS, _TIES, _GUARD, _BACKUPS = (
    "Users: latency, traffic, errors",
    "Replication and the switch",
    "Firewall and trail",
    "Backups and certificates",
)
# What each kind of thing is a part of, in the order of looking: users first, then what they depend on.
_SECTIONS: Final[Mapping[type[Watched], str]] = {
    LoadBalancer: _USERS,
    Journey: "Patient journeys",
    Leaving: _TIES,
    Arriving: _TIES,
    Switch: _TIES,
    Fleet: "Instances: saturation",
    Database: "Database",
    CacheNode: "Cache",
    Outbox: "Messages",
    Queue: "Messages",
    DeadLetters: "Messages",
    Function: "Functions",
    Rotator: "Functions",
    Conversion: "Functions",
    Nat: "Way out",
    Firewall: _GUARD,
    Recorded: _GUARD,
    LogGroup: _GUARD,
    Vault: _BACKUPS,
    Certificate: _BACKUPS,
}
# Where an alarm's key alone would not say what a graph shows.
_TITLES: Final[Mapping[tuple[type[Watched], str], str]] = {
    (Journey, canaries.SUCCESS_ALARM): "Runs that succeeded",
    (Journey, canaries.DURATION_ALARM): "Duration of a walk, p95",
}
# Kinds whose alarms share one graph though they are many: what it is called.
_TOGETHER: Final[Mapping[type[Watched], str]] = {Recorded: "Recorded by the trail"}
_LB: Final = "AWS/ApplicationELB"


def side(region: str, raised: Sequence[Raised], place: str = "") -> list[Section]:
    """The sections of a side in `region`, called `place` where several are on one page."""
    found: dict[str, list[Graph]] = {title: [] for title in dict.fromkeys([*_SECTIONS.values(), OTHERS])}
    found[_USERS] += _traffic(region, raised)
    grouped: dict[tuple[str, str], list[Alarm]] = defaultdict(list)
    for item in raised:
        kind = type(item.watched)
        for alarm in item.alarms:
            section = _TIES if alarm.key == REPLICA_LAG else _SECTIONS.get(kind, OTHERS)
            title = _TOGETHER.get(kind) or _TITLES.get((kind, alarm.key), alarm.key.replace("-", " ").capitalize())
            grouped[section, title].append(alarm)
    for (section, title), alarms in grouped.items():
        found[section].append(_graph(region, title, alarms))
    return [Section(title=f"{title}{place}", panels=panels) for title, panels in found.items()]


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
    unit = f", {alarms[0].threshold.unit}" if alarms[0].threshold.unit else ""
    return Graph(
        title=f"{title}{unit}",
        region=region,
        lines=[Line(label=_label(alarm, alarms), metrics=alarm.metrics, formula=alarm.formula) for alarm in alarms],
        limits=list(limits),
    )


def _label(alarm: Alarm, together: Sequence[Alarm]) -> str:
    """What a line is of: the thing that is watched, or in a graph of several of its alarms which of them."""
    return alarm.owner if len({other.key for other in together}) == 1 else alarm.key
