"""Who hears what: a pager's subscription takes pages, when they are raised and when they are over, and nothing else."""

from __future__ import annotations

import json
from typing import Final

import pulumi

from components.observability.model import (
    Alarm,
    Comparison,
    Metric,
    Severity,
    Silence,
    Threshold,
    Treatment,
    Unit,
)
from components.observability.monitoring import Composite, build_composite
from components.observability.register import build_alarm
from components.operations.subscriptions import PAGES
from domain.naming import Names
from ops.engine import runner
from ops.sandbox.cloud import Cloud
from tests.physics.small_world import SmallWorld, small_world
from tests.support import ACCOUNT, HOME, STACK, opts_in

NAMES: Final = Names(cell="us", place="use2")


def alarm(severity: Severity) -> Alarm:
    measured = Metric(namespace="x", name=severity.value, dimensions={}, statistic="Maximum")
    return Alarm(
        owner=severity.value,
        key="high",
        metrics={"measured": measured},
        comparison=Comparison.ABOVE,
        threshold=Threshold(0, Unit.COUNT),
        breaches=1,
        of=1,
        silence=Silence(Treatment.UNCHANGED, "a test"),
        severity=severity,
        meaning="It says page: in its middle." if severity is Severity.TICKET else "It is high.",
        section="queues",
    )


def alarms(topic: str) -> None:
    """One page, one ticket, and a composite of the ticket."""
    opts = opts_in()
    provider = opts.providers[0] if isinstance(opts.providers, list) else None
    carried = pulumi.ResourceOptions(provider=provider)
    for severity in Severity:
        build_alarm(severity.value, alarm(severity), names=NAMES, topic=topic, opts=carried)
    rule = f'ALARM("{NAMES.of("ticket-high")}")'
    build_composite("side", Composite(name=NAMES.of("side"), meaning="It is impaired.", rule=rule), topic, carried)


def listen(small: SmallWorld, name: str, **attributes: str) -> tuple[str, str]:
    """A queue that hears the topic: the topic's ARN, and the queue's URL."""
    sns, sqs = small.client("sns", HOME), small.client("sqs", HOME)
    topic = sns.create_topic(Name="operations")["TopicArn"]
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = f"arn:aws:sqs:{HOME}:{ACCOUNT}:{name}"
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true", **attributes})
    return str(topic), str(url)


def heard(small: SmallWorld, url: str) -> set[tuple[str, str]]:
    """The alarms and states that were told. Empties the queue."""
    sqs, found = small.client("sqs", HOME), set()
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            body = json.loads(message["Body"])
            found.add((body["AlarmName"], body["NewStateValue"]) if isinstance(body, dict) else (body, ""))
    return found


def test_a_pager_hears_pages_and_that_they_are_over_and_neither_tickets_nor_lines_of_events() -> None:
    with small_world() as small:
        _, everything = listen(small, "everything")
        topic, pages = listen(small, "pages", FilterPolicy=json.dumps(PAGES), FilterPolicyScope="MessageBody")
        runner.run(STACK, Cloud(), program=lambda: alarms(topic))
        world = small.begin()
        told: dict[str, set[tuple[str, str]]] = {}
        for value, state in ((1, "ALARM"), (0, "OK")):
            for severity in Severity:
                world.metrics.put(HOME, "x", severity.value, {}, value, "None")
            world.advance(120)
            assert {(NAMES.of(name), state) for name in ("page-high", "side")} == heard(small, pages)
            told[state] = heard(small, everything)
            assert {(NAMES.of(name), state) for name in ("page-high", "ticket-high", "side")} == told[state]
        small.client("sns", HOME).publish(TopicArn=topic, Message=json.dumps("page: RDS, in us-east-2: failover"))
        assert set() == heard(small, pages)
        assert {("page: RDS, in us-east-2: failover", "")} == heard(small, everything)
