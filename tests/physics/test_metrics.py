"""CloudWatch in the local cloud: the virtual time, alarms that are judged, and who hears of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from domain import switch
from ops.sandbox.physics.clock import START
from ops.sandbox.physics.monitoring.metrics import KEPT
from tests.physics.small_world import SmallWorld, TwoLaws, small_world
from tests.small_cell import small_cell
from tests.support import HOME, RECOVERY

LAG: Final = {"DBInstanceIdentifier": "db-1"}
TOPIC: Final = f"arn:aws:sns:{RECOVERY}:111122223333:operations"


@pytest.fixture
def small() -> Iterator[SmallWorld]:
    with small_world() as made:
        yield made


def put_switch_alarm(small: SmallWorld, **more: Any) -> None:  # noqa: ANN401 - an alarm's own settings
    """The alarm that components/dns/switch.py declares."""
    settings = {
        "AlarmName": "failover-switch",
        "Namespace": switch.NAMESPACE,
        "MetricName": switch.METRIC,
        "Dimensions": [{"Name": switch.DIMENSION, "Value": "us"}],
        "Statistic": "Maximum",
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "Threshold": switch.ON,
        "Period": switch.HOLD_SECONDS,
        "EvaluationPeriods": 1,
        "TreatMissingData": "ignore",
        "AlarmActions": [TOPIC],
        "OKActions": [TOPIC],
    }
    small.client("cloudwatch", RECOVERY).put_metric_alarm(**{**settings, **more})


def put_lag_alarm(small: SmallWorld) -> None:
    """The alarm that components/database/monitoring.py declares."""
    metric = {
        "Namespace": "AWS/RDS",
        "MetricName": "ReplicaLag",
        "Dimensions": [{"Name": key, "Value": value} for key, value in LAG.items()],
    }
    small.client("cloudwatch", RECOVERY).put_metric_alarm(
        AlarmName="lag",
        Metrics=[
            {"Id": "lag", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Maximum"}, "ReturnData": False},
            {"Id": "behind", "Expression": "IF(lag < 0, 86400, lag)", "ReturnData": True, "Label": "Seconds behind"},
        ],
        ComparisonOperator="GreaterThanThreshold",
        Threshold=60,
        EvaluationPeriods=3,
        DatapointsToAlarm=3,
        TreatMissingData="breaching",
        AlarmActions=[TOPIC],
        OKActions=[TOPIC],
    )


def turn(small: SmallWorld, *, on: bool) -> None:
    small.client("cloudwatch", RECOVERY).put_metric_data(**switch.turn("us", on=on))


def lag_for(small: SmallWorld, seconds: list[float | None]) -> list[str]:
    """Report a lag for each minute, none for None, and give the alarm's state once each minute has been judged."""
    world = small.world
    states: list[str] = []
    for lag in seconds:
        if lag is not None:
            world.metrics.put(RECOVERY, "AWS/RDS", "ReplicaLag", LAG, lag, "Seconds", at=world.now)
        world.advance(60)
        states.append(world.metrics.alarm_state(RECOVERY, "lag"))
    return states


def queue(small: SmallWorld) -> Any:  # noqa: ANN401 - gives a function over boto3
    """Operations' topic with a queue that hears it; gives what reads the queue empty."""
    sns, sqs = small.client("sns", RECOVERY), small.client("sqs", RECOVERY)
    assert TOPIC == sns.create_topic(Name="operations")["TopicArn"]
    url = sqs.create_queue(QueueName="heard")["QueueUrl"]
    sns.subscribe(TopicArn=TOPIC, Protocol="sqs", Endpoint=f"arn:aws:sqs:{RECOVERY}:111122223333:heard")

    def heard() -> list[dict[str, Any]]:
        messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        return [json.loads(message["Body"]) for message in messages]

    return heard


def test_an_alarm_that_nobody_has_judged_has_insufficient_data(small: SmallWorld) -> None:
    put_switch_alarm(small)
    small.begin().advance(600)
    (told,) = small.client("cloudwatch", RECOVERY).describe_alarms(AlarmNames=["failover-switch"])["MetricAlarms"]
    assert ("INSUFFICIENT_DATA", START) == (told["StateValue"], told["StateUpdatedTimestamp"].astimezone(UTC))


def test_the_switch_is_on_within_a_minute_and_off_five_minutes_after_the_last_one(small: SmallWorld) -> None:
    put_switch_alarm(small)
    world = small.begin()
    world.advance(90)
    turn(small, on=True)
    world.advance(60)
    assert "ALARM" == world.metrics.alarm_state(RECOVERY, "failover-switch")
    world.advance(1800)
    assert "ALARM" == world.metrics.alarm_state(RECOVERY, "failover-switch"), "missing data changes nothing"
    turn(small, on=False)
    world.advance(60)
    assert "OK" == world.metrics.alarm_state(RECOVERY, "failover-switch")
    turn(small, on=True)
    world.advance(60)
    turn(small, on=False)
    world.advance(240)
    assert "ALARM" == world.metrics.alarm_state(RECOVERY, "failover-switch"), "the one is younger than five minutes"
    world.advance(60)
    assert "OK" == world.metrics.alarm_state(RECOVERY, "failover-switch")


def test_a_lag_is_an_alarm_after_three_minutes_above(small: SmallWorld) -> None:
    put_lag_alarm(small)
    small.begin()
    assert ["OK", "OK", "OK", "OK", "ALARM", "OK"] == lag_for(small, [1, 1, 90, 90, 90, 1])


def test_a_replica_that_does_not_replicate_is_an_alarm_though_its_lag_is_below_zero(small: SmallWorld) -> None:
    put_lag_alarm(small)
    small.begin()
    assert ["OK", "OK", "ALARM"] == lag_for(small, [1, 1, 1, -1, -1, -1])[-3:]


def test_silence_is_an_alarm_where_it_is_treated_as_breaching(small: SmallWorld) -> None:
    put_lag_alarm(small)
    small.begin()
    # Five minutes are looked at, so that the last minutes with a lag hold it back for a while.
    assert ["OK", "OK", "OK", "OK", "OK", "OK", "OK", "OK", "ALARM"] == lag_for(small, [1, 1, 1, 1, *[None] * 5])


def test_what_was_before_the_beginning_is_no_alarm(small: SmallWorld) -> None:
    put_lag_alarm(small)
    world = small.begin()
    world.advance(240)
    assert "INSUFFICIENT_DATA" == world.metrics.alarm_state(RECOVERY, "lag")
    world.advance(60)
    assert "ALARM" == world.metrics.alarm_state(RECOVERY, "lag"), "the whole range is known, and empty"


def test_a_queue_that_hears_the_topic_receives_what_cloudwatch_says(small: SmallWorld) -> None:
    put_switch_alarm(small)
    heard = queue(small)
    world = small.begin()
    turn(small, on=True)
    world.advance(60)
    (envelope,) = heard()
    assert 'ALARM: "failover-switch" in US West (Oregon)' == envelope["Subject"]
    message = json.loads(envelope["Message"])
    expected = {
        "AlarmName": "failover-switch",
        "AWSAccountId": "111122223333",
        "NewStateValue": "ALARM",
        "OldStateValue": "INSUFFICIENT_DATA",
        "StateChangeTime": "2026-01-05T09:01:00.000+0000",
        "Region": "US West (Oregon)",
        "AlarmArn": f"arn:aws:cloudwatch:{RECOVERY}:111122223333:alarm:failover-switch",
    }
    assert expected == {key: message[key] for key in expected}
    assert message["NewStateReason"].startswith("Threshold Crossed: 1 out of the last 1 datapoints [1.0] was greater")
    assert {
        "MetricName": "FailoverSwitch",
        "Namespace": "Medical/Continuity",
        "StatisticType": "Statistic",
        "Statistic": "MAXIMUM",
        "Unit": None,
        "Dimensions": [{"value": "us", "name": "Cell"}],
        "Period": 300,
        "EvaluationPeriods": 1,
        "DatapointsToAlarm": 1,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "Threshold": 1.0,
        "TreatMissingData": "ignore",
        "EvaluateLowSampleCountPercentile": "",
    } == message["Trigger"]
    world.advance(600)
    assert [] == heard(), "a state that stays is told once"


def test_an_alarm_with_a_formula_tells_its_queries_and_when_it_is_over(small: SmallWorld) -> None:
    put_lag_alarm(small)
    heard = queue(small)
    small.begin()
    lag_for(small, [90, 90, 90, 90, 1, 1])
    messages = sorted((json.loads(item["Message"]) for item in heard()), key=lambda told: told["StateChangeTime"])
    assert [("INSUFFICIENT_DATA", "ALARM"), ("ALARM", "OK")] == [
        (told["OldStateValue"], told["NewStateValue"]) for told in messages
    ]
    metric = {
        "MetricName": "ReplicaLag",
        "Namespace": "AWS/RDS",
        "Dimensions": [{"value": "db-1", "name": "DBInstanceIdentifier"}],
    }
    assert [
        {"Id": "lag", "ReturnData": False, "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Maximum"}},
        {"Id": "behind", "ReturnData": True, "Label": "Seconds behind", "Expression": "IF(lag < 0, 86400, lag)"},
    ] == messages[0]["Trigger"]["Metrics"]


def test_an_alarm_whose_actions_are_off_tells_nobody(small: SmallWorld) -> None:
    put_switch_alarm(small, ActionsEnabled=False)
    heard = queue(small)
    world = small.begin()
    turn(small, on=True)
    world.advance(60)
    assert "ALARM" == world.metrics.alarm_state(RECOVERY, "failover-switch")
    assert [] == heard()


def test_a_topic_that_is_not_there_is_an_event_and_no_failure(small: SmallWorld) -> None:
    put_switch_alarm(small, AlarmActions=[TOPIC, f"arn:aws:ssm:{RECOVERY}:111122223333:opsitem:1"])
    world = small.begin()
    turn(small, on=True)
    world.advance(60)
    assert [TOPIC] == [fact["action"] for fact in small.events("alarm-action-failed")]
    assert 1 == len(small.events("alarm-action-unsupported"))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"Period": 30}, "period 30 s"),
        ({"Unit": "Seconds"}, "unit Seconds"),
        ({"ComparisonOperator": "GreaterThanUpperThreshold"}, "GreaterThanUpperThreshold"),
    ],
)
def test_an_alarm_that_cannot_be_judged_says_so_and_is_never_ok(
    small: SmallWorld, change: dict[str, Any], why: str
) -> None:
    put_switch_alarm(small)
    settings = {
        key: value
        for key, value in {
            "AlarmName": "odd",
            "Namespace": "Medical",
            "MetricName": "Beats",
            "Statistic": "Maximum",
            "ComparisonOperator": "GreaterThanThreshold",
            "Threshold": 1,
            "Period": 60,
            "EvaluationPeriods": 1,
            **change,
        }.items()
        if value is not None
    }
    small.client("cloudwatch", RECOVERY).put_metric_alarm(**settings)
    world = small.begin()
    world.advance(180)
    (told,) = small.events("alarm-unsupported")
    assert "odd" == told["name"]
    assert why in told["reason"]
    (shown,) = small.client("cloudwatch", RECOVERY).describe_alarms(AlarmNames=["odd"])["MetricAlarms"]
    assert "INSUFFICIENT_DATA" == shown["StateValue"]
    assert why in shown["StateReason"]


@pytest.mark.parametrize(
    ("expressions", "why"),
    [
        (["FILL(lag, 0)"], "FILL"),
        (["lag + other"], "names other"),
        (["lag + 1", "lag + 2"], "several"),
    ],
)
def test_a_formula_that_is_not_known_is_never_ok(small: SmallWorld, expressions: list[str], why: str) -> None:
    metric = {"Namespace": "AWS/RDS", "MetricName": "ReplicaLag"}
    small.client("cloudwatch", RECOVERY).put_metric_alarm(
        AlarmName="odd",
        Metrics=[
            {"Id": "lag", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Maximum"}, "ReturnData": False},
            *(
                {"Id": f"result{place}", "Expression": text, "ReturnData": place == 0}
                for place, text in enumerate(expressions)
            ),
        ],
        ComparisonOperator="GreaterThanThreshold",
        Threshold=1,
        EvaluationPeriods=1,
    )
    small.begin().advance(60)
    assert why in small.events("alarm-unsupported")[0]["reason"]
    assert "INSUFFICIENT_DATA" == small.world.metrics.alarm_state(RECOVERY, "odd")


def test_a_datapoint_without_a_time_gets_the_virtual_one_and_another_keeps_its_own(small: SmallWorld) -> None:
    world = small.begin()
    world.advance(30)
    cloudwatch = small.client("cloudwatch", HOME)
    earlier = START - timedelta(hours=1)
    cloudwatch.put_metric_data(
        Namespace="Medical",
        MetricData=[
            {"MetricName": "Beats", "Value": 1},
            {"MetricName": "Beats", "Value": 2, "Timestamp": earlier},
            {"MetricName": "Sums", "StatisticValues": {"Sum": 6, "Minimum": 1, "Maximum": 3, "SampleCount": 3}},
        ],
    )
    found = cloudwatch.get_metric_statistics(
        Namespace="Medical",
        MetricName="Beats",
        StartTime=START - timedelta(hours=2),
        EndTime=START + timedelta(hours=2),
        Period=60,
        Statistics=["Maximum"],
    )["Datapoints"]
    times: list[datetime] = [point["Timestamp"].astimezone(UTC) for point in found]
    assert earlier in times
    assert [(START + timedelta(seconds=30), 1.0)] == world.metrics.recent(HOME, "Medical", "Beats", {}, 60)
    assert [(START + timedelta(seconds=30), 2.0)] == world.metrics.recent(HOME, "Medical", "Sums", {}, 60)
    world.advance(61)
    assert [] == world.metrics.recent(HOME, "Medical", "Beats", {}, 60)


def test_a_dark_region_takes_no_datapoint_and_judges_no_alarm(small: SmallWorld) -> None:
    put_switch_alarm(small)
    world = small.begin()
    turn(small, on=True)
    world.faults.inject("region-dark", RECOVERY)
    world.metrics.put(RECOVERY, "AWS/RDS", "ReplicaLag", LAG, 1, "Seconds")
    world.advance(120)
    assert "INSUFFICIENT_DATA" == world.metrics.alarm_state(RECOVERY, "failover-switch")
    assert [] == world.metrics.recent(RECOVERY, "AWS/RDS", "ReplicaLag", LAG, 600)
    world.faults.lift("region-dark", RECOVERY)
    world.advance(60)
    assert "ALARM" == world.metrics.alarm_state(RECOVERY, "failover-switch")


def test_an_alarm_that_is_put_again_keeps_its_state_and_goes_by_its_new_rule(small: SmallWorld) -> None:
    put_switch_alarm(small)
    world = small.begin()
    turn(small, on=True)
    world.advance(60)
    put_switch_alarm(small, Threshold=2)
    assert "ALARM" == world.metrics.alarm_state(RECOVERY, "failover-switch")
    world.advance(60)
    assert "OK" == world.metrics.alarm_state(RECOVERY, "failover-switch")
    assert ["ALARM", "OK"] == [fact["state"] for fact in small.events("alarm")]


def test_every_alarm_of_a_cell_can_be_judged() -> None:
    with small_cell() as cell:
        world = TwoLaws(cell.account)
        SmallWorld(world).begin()
        world.advance(3600)
        assert [] == [event for event in world.events if event.what == "alarm-unsupported"]
        assert "ALARM" == world.metrics.alarm_state(RECOVERY, "medical-us-usw2-db-1-replica-lag"), (
            "nobody reports a lag"
        )


def test_old_datapoints_are_forgotten(small: SmallWorld) -> None:
    world = small.begin()
    world.metrics.put(HOME, "Medical", "Beats", {}, 1, "Count")
    world.advance(KEPT.total_seconds() * 2)
    world.metrics.put(HOME, "Medical", "Beats", {}, 2, "Count")
    assert [2.0] == [datum.value for datum in world.backend("cloudwatch", HOME).metric_data]
    assert [2.0] == [value for _, value in world.metrics.recent(HOME, "Medical", "Beats", {}, 9e5)]


def test_before_time_begins_moto_is_as_it_was() -> None:
    with small_world() as small:
        put_switch_alarm(small)
        turn(small, on=True)
        (datum,) = small.world.backend("cloudwatch", RECOVERY).metric_data
        assert datum.timestamp.replace(tzinfo=UTC) > START
        (told,) = small.client("cloudwatch", RECOVERY).describe_alarms()["MetricAlarms"]
        assert "OK" == told["StateValue"]
