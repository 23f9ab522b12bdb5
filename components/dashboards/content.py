"""What is on a dashboard: the values that alarms watch, in the order in which one looks. Pure.

It comes from the same values as the alarms, so that whatever has an alarm has a line here. Alarms of one kind share a
graph, a line for each thing that is watched, with the alarm's threshold across it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import pulumi

from components.dashboards import titles
from components.dashboards.layout import Graph, Line, Note, Section, States
from components.observability.catalog import Raised
from components.observability.model import Alarm, Comparison, Metric, Unit
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
APART: Final = 10
"""How many times as large a limit may be as another of its graph: beyond that the lower one would lie on the axis."""
_LB: Final = "AWS/ApplicationELB"


def side(
    region: str, raised: Sequence[Raised], composites: Sequence[pulumi.Input[str]], place: str = ""
) -> list[Section]:
    """The sections of a side in `region`, called `place` where several are on one page.

    First comes the answer that all of it is put together to: the `composites` of the region, by ARN.
    """
    found: dict[str, list[Graph]] = {title: [] for title in dict.fromkeys([*_SECTIONS.values(), OTHERS])}
    found[_USERS] += _traffic(region, raised)
    grouped: dict[tuple[str, str, Unit], list[Alarm]] = defaultdict(list)
    for item in raised:
        kind = type(item.watched)
        for alarm in item.alarms:
            section = _TIES if alarm.key == REPLICA_LAG else _SECTIONS.get(kind, OTHERS)
            grouped[section, titles.title(kind, alarm.key), alarm.threshold.unit].append(alarm)
    for (section, title, _), alarms in grouped.items():
        found[section] += [_graph(region, title, near) for near in _near(alarms)]
    state = Section(title=f"Impaired or not{place}", panels=[States(title="Composite alarms", alarms=composites)])
    return [state, *(Section(title=f"{title}{place}", panels=panels) for title, panels in found.items())]


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
                title="Requests a minute",
                region=region,
                axis=titles.AXES[Unit.COUNT],
                lines=[Line(label="requests", metrics={"all": requests})],
            )
            yield Graph(
                title="Response time, s",
                region=region,
                axis=titles.AXES[Unit.SECONDS],
                lines=[Line(label=name, metrics={"time": metric}) for name, metric in times.items()],
            )


def _near(alarms: Sequence[Alarm]) -> list[list[Alarm]]:
    """The alarms by graph: those whose limits lie near enough to each other for both to be seen."""
    found: list[list[Alarm]] = []
    for limit in sorted({alarm.threshold.value for alarm in alarms}):
        of = [alarm for alarm in alarms if alarm.threshold.value == limit]
        if found and limit <= APART * found[-1][0].threshold.value:
            found[-1] += of
        else:
            found.append(of)
    return found


def _graph(region: str, title: str, alarms: Sequence[Alarm]) -> Graph:
    limits = dict.fromkeys((f"alarm {alarm.rule.partition(' in ')[0]}", alarm.threshold.value) for alarm in alarms)
    unit = alarms[0].threshold.unit
    # A share that ought to be near 100 % would be a flat line on an axis that begins at none.
    high = unit is Unit.PERCENT and all(alarm.comparison is Comparison.BELOW for alarm in alarms)
    return Graph(
        title=f"{title}, {unit}" if unit else title,
        region=region,
        axis=titles.AXES[unit],
        from_zero=not high,
        lines=[Line(label=_label(alarm, alarms), metrics=alarm.metrics, formula=alarm.formula) for alarm in alarms],
        limits=list(limits),
    )


def _label(alarm: Alarm, together: Sequence[Alarm]) -> str:
    """What a line is of: the thing that is watched, or in a graph of several of its alarms which of them."""
    return alarm.owner if len({other.key for other in together}) == 1 else alarm.key
