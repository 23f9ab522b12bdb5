"""The alarms on who tries what: at the firewall, and in the account, as the trail records it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from components.observability.model import Alarm, Comparison, Metric, Severity, Silence, Threshold, Treatment, Unit
from components.observability.watched import Firewall, LogGroup, Recorded
from domain.alarms import Profile

_FIVE_MINUTES: Final = timedelta(minutes=5)


def firewall(it: Firewall, profile: Profile) -> Iterator[Alarm]:
    """Whether much is matched by the rules, all together."""
    matched = Metric(
        namespace="AWS/WAFV2",
        name="BlockedRequests" if it.refuses else "CountedRequests",
        dimensions={"WebACL": it.acl, "Rule": "ALL", "Region": it.region},
        statistic="Sum",
        period=_FIVE_MINUTES,
    )
    yield Alarm(
        owner=it.key,
        key="surge",
        metrics={"matched": matched},
        comparison=Comparison.ABOVE,
        threshold=Threshold(profile.matched_count, Unit.COUNT),
        breaches=1,
        of=1,
        silence=Silence(Treatment.FINE, "where nothing is matched nothing is reported"),
        meaning="The firewall's rules match many requests: an attack, or a rule that takes users for one.",
        section="firewall",
    )


def recorded(it: Recorded, _: Profile) -> Iterator[Alarm]:
    """Whether the trail recorded what is watched for. It happened or did not: nothing is told when it is past."""
    counted = Metric(namespace=it.namespace, name=it.name, dimensions={}, statistic="Sum", period=it.period)
    yield Alarm(
        owner=it.key,
        key=it.name,
        metrics={"counted": counted},
        comparison=Comparison.REACHED,
        threshold=Threshold(it.threshold, Unit.COUNT),
        breaches=1,
        of=1,
        silence=Silence(Treatment.FINE, "an event is counted when it is recorded: where none was, none happened"),
        severity=Severity.PAGE if it.grave else Severity.TICKET,
        event=True,
        meaning=f"The trail recorded {it.name} (CIS {it.control}): {it.why}.",
        section="trail",
    )


def log_group(it: LogGroup, _: Profile) -> Iterator[Alarm]:
    """Whether anything arrives at all: logging was stopped, or may no longer deliver, and no pattern can match."""
    arrived = Metric(
        namespace="AWS/Logs",
        name="IncomingLogEvents",
        dimensions={"LogGroupName": it.group},
        statistic="Sum",
        period=it.silent,
    )
    yield Alarm(
        owner=it.key,
        key="silent",
        metrics={"arrived": arrived},
        comparison=Comparison.BELOW,
        threshold=Threshold(1, Unit.COUNT),
        breaches=1,
        of=1,
        silence=Silence(Treatment.BREACHING, "a log group that takes nothing reports nothing"),
        severity=Severity.PAGE,
        meaning=f"Nothing of {it.of} arrives in its log group: logging was stopped, or its role or key fails.",
        section="trail",
    )
