"""Metric filters on the local cloud: what comes to a log group is counted, and the trail's alarms are raised by it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final
from unittest import mock

import pytest
from botocore.exceptions import ClientError

from components.audit import cis
from ops.sandbox.physics.monitoring import filters, patterns
from ops.sandbox.physics.monitoring.metrics import plain
from ops.sandbox.physics.world import World
from tests.physics.small_world import SmallWorld, small_world
from tests.small_cell import SmallCell, small_cell
from tests.support import ACCOUNT, HOME
from tests.trail_of import DELIVERY, GROUP, trail

NAMESPACE: Final = "medical/us/trail"
WATCHES: Final = {watch.name: watch for watch in cis.WATCHES}
SIGN_IN: Final[dict[str, Any]] = {
    "eventName": "ConsoleLogin",
    "userIdentity": {"type": "IAMUser"},
    "additionalEventData": {"MFAUsed": "No"},
    "responseElements": {"ConsoleLogin": "Success"},
}


@pytest.mark.parametrize(
    ("pattern", "line", "matches"),
    [
        ('{ $.a = "b" }', {"a": "b"}, True),
        ('{ $.a = "b" }', {"a": "c"}, False),
        ("{ $.a = b* }", {"a": "bc"}, True),
        ('{ $.a = "*b" }', {"a": "bc"}, False),
        ('{ $.a.b[1].c = "x" }', {"a": {"b": [{}, {"c": "x"}]}}, True),
        ('{ $.a.b[1].c = "x" }', {"a": {"b": [{"c": "x"}]}}, False),
        ("{ $.a != b }", {}, True),
        ("{ $.a = b }", {}, False),
        ("{ $.a NOT EXISTS }", {"b": 1}, True),
        ("{ $.a NOT EXISTS }", {"a": None}, False),
        ("{ $.a EXISTS }", {"a": None}, True),
        ("{ $.a IS NULL }", {"a": None}, True),
        ("{ $.a IS TRUE }", {"a": 1}, False),
        ("{ $.a IS TRUE }", {"a": True}, True),
        ("{ $.a >= 2 }", {"a": 2}, True),
        ("{ $.a >= 2 }", {"a": "2"}, False),
        ("{ $.a = 2 }", {"a": 2.0}, True),
        ('{ $.a = "(b) && c" }', {"a": "(b) && c"}, True),
        ("{ $.a = 1 || $.b = 1 && $.c = 1 }", {"a": 1}, True),
        ("{ ($.a = 1 || $.b = 1) && $.c = 1 }", {"a": 1}, False),
        ("{ $.a = b }", ["no object"], False),
    ],
)
def test_a_pattern_matches_as_cloudwatch_logs_says(pattern: str, line: object, *, matches: bool) -> None:
    assert matches is patterns.parse(pattern)(line)


@pytest.mark.parametrize(
    "pattern",
    [
        "ERROR",
        "[ip, user]",
        "{ $.a = b",
        "{ $.a }",
        "{ $.a = }",
        "{ $.a ~ b }",
        "{ a = b }",
        "{ $.a > b }",
        "{ $.a = b } x",
    ],
)
def test_a_pattern_that_is_not_understood_is_refused_and_never_passed_over(pattern: str) -> None:
    with pytest.raises(patterns.PatternError, match="the local cloud knows JSON patterns in braces"):
        patterns.parse(pattern)


@pytest.mark.parametrize("watch", cis.WATCHES, ids=lambda watch: watch.name)
def test_every_pattern_of_the_program_is_understood_and_matches_no_empty_line(watch: cis.Watch) -> None:
    assert not patterns.parse(watch.pattern)({"eventSource": "none"})


@pytest.fixture
def small() -> Iterator[SmallWorld]:
    with small_world() as made, filters.installed(made.world):
        yield made


def listen(made: SmallWorld | SmallCell) -> tuple[str, str]:
    """A topic with a queue: the topic's ARN and the queue's URL."""
    sns, sqs = made.client("sns", HOME), made.client("sqs", HOME)
    topic = sns.create_topic(Name="told")["TopicArn"]
    url = sqs.create_queue(QueueName="told")["QueueUrl"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:{HOME}:{ACCOUNT}:told")
    return str(topic), str(url)


def watch_for(made: SmallWorld | SmallCell, name: str, topic: str) -> None:
    """Put the filter and the alarm of a watch, as the program has them."""
    watch = WATCHES[name]
    made.client("logs", HOME).put_metric_filter(
        logGroupName=GROUP,
        filterName=name,
        filterPattern=watch.pattern,
        metricTransformations=[{"metricName": name, "metricNamespace": NAMESPACE, "metricValue": "1"}],
    )
    made.client("cloudwatch", HOME).put_metric_alarm(
        AlarmName=name,
        Namespace=NAMESPACE,
        MetricName=name,
        Statistic="Sum",
        Period=300,
        EvaluationPeriods=1,
        Threshold=watch.threshold,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        TreatMissingData="notBreaching",
        AlarmActions=[topic],
    )


def write(made: SmallWorld, *lines: dict[str, Any]) -> None:
    logs = made.client("logs", HOME)
    now = int(made.world.now.timestamp() * 1000)
    stream = made.world.backend("logs", HOME).groups[GROUP]
    if "lines" not in stream.streams:
        logs.create_log_stream(logGroupName=GROUP, logStreamName="lines")
    # Beside moto's own check of the time, which it holds against the wall clock: as the trail delivers.
    stream.put_log_events("lines", [{"timestamp": now, "message": json.dumps(line)} for line in lines])


def told(made: SmallWorld | SmallCell, url: str) -> list[str]:
    """The alarms that were told of as raised."""
    found = made.client("sqs", HOME).receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    bodies = [json.loads(json.loads(message["Body"])["Message"]) for message in found]
    return [body["AlarmName"] for body in bodies if body["NewStateValue"] == "ALARM"]


@pytest.mark.parametrize(
    ("name", "raises", "does_not"),
    [
        ("sign-in-without-mfa", [SIGN_IN], [{**SIGN_IN, "additionalEventData": {"MFAUsed": "Yes"}}]),
        ("unauthorized-calls", [{"errorCode": "AccessDenied"}] * 5, [{"errorCode": "AccessDenied"}] * 4),
        (
            "root-use",
            [{"userIdentity": {"type": "Root"}, "eventType": "AwsApiCall"}],
            [{"userIdentity": {"type": "Root", "invokedBy": "x"}, "eventType": "AwsApiCall"}],
        ),
    ],
)
def test_what_is_watched_for_is_told_and_the_opposite_is_not(
    small: SmallWorld, name: str, raises: list[dict[str, Any]], does_not: list[dict[str, Any]]
) -> None:
    small.client("logs", HOME).create_log_group(logGroupName=GROUP)
    topic, url = listen(small)
    watch_for(small, name, topic)
    world = small.begin()
    write(small, *does_not)
    world.advance(400)
    assert [] == told(small, url)
    write(small, *raises)
    world.advance(120)
    assert [name] == told(small, url)


def test_lines_over_boto3_are_counted_by_group_whether_or_not_a_filter_stands(small: SmallWorld) -> None:
    logs = small.client("logs", HOME)
    logs.create_log_group(logGroupName=GROUP)
    logs.create_log_stream(logGroupName=GROUP, logStreamName="own")
    world = small.begin()
    lines = [{"timestamp": int(world.now.timestamp() * 1000), "message": text} for text in ("no JSON", "{}")]

    def virtual() -> datetime:
        return plain(world.now)

    with mock.patch("moto.logs.models.utcnow", virtual):
        logs.put_log_events(logGroupName=GROUP, logStreamName="own", logEvents=lines)
    found = world.metrics.recent(HOME, "AWS/Logs", "IncomingLogEvents", {"LogGroupName": GROUP}, 60)
    assert [2] == [value for _, value in found]


def test_a_filter_of_the_same_name_takes_the_place_of_the_old_one(small: SmallWorld) -> None:
    logs = small.client("logs", HOME)
    logs.create_log_group(logGroupName=GROUP)
    for pattern in ("{ $.a = 1 }", "{ $.a = 2 }"):
        counts = [{"metricName": "n", "metricNamespace": "x", "metricValue": "1"}]
        logs.put_metric_filter(logGroupName=GROUP, filterName="f", filterPattern=pattern, metricTransformations=counts)
    assert ["{ $.a = 2 }"] == [item["filterPattern"] for item in logs.describe_metric_filters()["metricFilters"]]
    world = small.begin()
    write(small, {"a": 1}, {"a": 2}, {"a": 2})
    assert [2] == [value for _, value in world.metrics.recent(HOME, "x", "n", {}, 60)]


@pytest.mark.parametrize(
    ("pattern", "change", "words"),
    [
        ("ERROR", {}, "JSON patterns in braces"),
        ("{ $.a = 1 }", {"metricValue": "$.a"}, "fixed number"),
        ("{ $.a = 1 }", {"defaultValue": 0.0}, "defaultValue"),
    ],
)
def test_a_filter_that_cannot_be_evaluated_is_refused_when_it_is_put(
    small: SmallWorld, pattern: str, change: dict[str, Any], words: str
) -> None:
    logs = small.client("logs", HOME)
    logs.create_log_group(logGroupName=GROUP)
    counts = [{"metricName": "n", "metricNamespace": "x", "metricValue": "1", **change}]
    with pytest.raises(ClientError, match=words):
        logs.put_metric_filter(logGroupName=GROUP, filterName="f", filterPattern=pattern, metricTransformations=counts)


def test_a_key_that_is_scheduled_for_deletion_is_told_of_from_the_trails_own_record() -> None:
    with small_cell() as cell:
        trail(cell)
        topic, url = listen(cell)
        watch_for(cell, "key-disabled-or-deleted", topic)
        world = World(cell.account)
        with world.installed():
            world.begin(7)
            kms = world.gate.attach(cell.client("kms", HOME))
            key = kms.create_key()["KeyMetadata"]["KeyId"]
            world.advance(2 * DELIVERY)
            assert [] == told(cell, url), "to make a key loses nothing"
            kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
            world.advance(2 * DELIVERY)
            assert ["key-disabled-or-deleted"] == told(cell, url)
