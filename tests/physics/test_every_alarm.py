"""Every alarm that cell us registers, in the local cloud: raised and told over its threshold, and only then.

What stands here is what the program registers, made through the table of creators; of the cell itself nothing else.
"""

from __future__ import annotations

import json
import operator
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import product
from typing import Any, Final

import pytest

from ops.engine.record import Registration, reveal
from ops.sandbox.cloud import Cloud
from ops.sandbox.physics.monitoring import formulas
from ops.sandbox.physics.world import World
from tests.alarmable import COMPOSITE, METRIC, metrics_of
from tests.physics.small_world import SmallWorld, small_world
from tests.support import ACCOUNT, HOME, RECOVERY, whole

REGIONS: Final = (HOME, RECOVERY)
SILENT: Final = timedelta(minutes=45)
COMPARE: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "GreaterThanThreshold": operator.gt,
    "GreaterThanOrEqualToThreshold": operator.ge,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}
UNTOLD: Final = {"missing": "INSUFFICIENT_DATA", "notBreaching": "OK", "breaching": "ALARM"}


@dataclass(frozen=True)
class Declared:
    """An alarm that the program registers: its name, region and inputs."""

    name: str
    region: str
    inputs: Mapping[str, Any]

    @property
    def reach(self) -> timedelta:
        """How far back it looks, with the two minutes more that CloudWatch does."""
        return self.period * int(self.inputs["evaluationPeriods"]) + timedelta(minutes=2)

    @property
    def period(self) -> timedelta:
        return timedelta(seconds=int(metrics_of(self.inputs)[0]["period"]))

    def values(self, *, over: bool) -> tuple[float, ...]:
        """A value for each of its metrics by which it is over its threshold, or is not."""
        threshold = float(self.inputs["threshold"])
        tried = (0, 1, threshold - 1, threshold / 2, threshold + 1, 2 * threshold + 1, 1000)
        queries = [query for query in self.inputs.get("metricQueries") or () if query.get("metric")]
        ids = [query["id"] for query in queries] or ["value"]
        text = next((q["expression"] for q in self.inputs.get("metricQueries") or () if q.get("expression")), ids[0])
        formula = formulas.parse(text)
        for values in product(tried, repeat=len(ids)):
            found = formula.at(dict(zip(ids, values, strict=True)))
            if found is not None and over is COMPARE[self.inputs["comparisonOperator"]](found, threshold):
                return values
        raise AssertionError(f"no values for {self.name}")


class Standing:
    """The alarms of cell us with the topics and queues of operations, in a world whose time is virtual."""

    def __init__(self, small: SmallWorld) -> None:
        """Make them, and let time begin."""
        program, cloud = whole("us"), Cloud()
        for provider in program.of_type("pulumi:providers:aws"):
            cloud.create(provider)
        self.cloud = cloud
        self.queues = {region: self._listen(region) for region in REGIONS}
        self.alarms = [
            Declared(str(item.inputs["name"]), program.region_of(item), reveal(item.inputs))
            for item in program.of_type(METRIC)
        ]
        self.composites = [
            (str(item.inputs["alarmName"]), program.region_of(item)) for item in program.of_type(COMPOSITE)
        ]
        for item in (*program.of_type(METRIC), *program.of_type(COMPOSITE)):
            cloud.create(_really(item))
        self.world: World = small.begin()

    def _listen(self, region: str) -> str:
        sns, sqs = self.cloud.client("sns", region), self.cloud.client("sqs", region)
        place = {HOME: "use2", RECOVERY: "usw2"}[region]
        topic = sns.create_topic(Name=f"medical-us-{place}-operations")["TopicArn"]
        url = sqs.create_queue(QueueName="operations")["QueueUrl"]
        arn = f"arn:aws:sqs:{region}:{ACCOUNT}:operations"
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
        return str(url)

    def report(self, *, over: bool) -> None:
        """Put datapoints for all the periods that each alarm looks at."""
        data: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
        now = self.world.now
        for alarm in self.alarms:
            for metric, value in zip(metrics_of(alarm.inputs), alarm.values(over=over), strict=True):
                for back in range(int(alarm.inputs["evaluationPeriods"])):
                    data[alarm.region, metric["namespace"]].append(
                        {
                            "MetricName": metric["metricName"],
                            "Dimensions": [{"Name": key, "Value": item} for key, item in metric["dimensions"].items()],
                            "Timestamp": now - back * alarm.period,
                            "Value": value,
                        }
                    )
        for (region, namespace), items in data.items():
            self.cloud.client("cloudwatch", region).put_metric_data(Namespace=namespace, MetricData=items)
        self.world.advance(120)

    def states(self) -> dict[tuple[str, str], str]:
        """The state of each alarm by its name and region, as boto3 tells."""
        found: dict[tuple[str, str], str] = {}
        for region in REGIONS:
            client = self.cloud.client("cloudwatch", region)
            told = client.describe_alarms(AlarmTypes=["MetricAlarm", "CompositeAlarm"])
            found |= {
                (item["AlarmName"], region): item["StateValue"]
                for item in (*told["MetricAlarms"], *told["CompositeAlarms"])
            }
        return found

    def heard(self) -> set[tuple[str, str, str]]:
        """What operations were told: alarm, region, and state. Empties the queues."""
        return {item for region in REGIONS for item in self._read(region)}

    def _read(self, region: str) -> Iterator[tuple[str, str, str]]:
        sqs, url = self.cloud.client("sqs", region), self.queues[region]
        while found := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for message in found:
                body = json.loads(message["Body"])
                yield body["AlarmName"], region, body["NewStateValue"]

    def all(self) -> set[tuple[str, str]]:
        return {(alarm.name, alarm.region) for alarm in self.alarms} | set(self.composites)


def _really(item: Registration) -> Registration:
    """`item` with topics by the ARNs that SNS gives: the program was run without a cloud."""
    actions = {
        key: [str(arn).replace(":topic/", ":") for arn in reveal(item.inputs[key])]
        for key in ("alarmActions", "okActions")
        if item.inputs.get(key)
    }
    return replace(item, inputs={**item.inputs, **actions})


@pytest.fixture
def standing() -> Iterator[Standing]:
    with small_world() as small:
        yield Standing(small)


def test_every_alarm_over_its_threshold_is_raised_and_told_and_then_goes_by_its_silence(standing: Standing) -> None:
    standing.report(over=True)
    assert dict.fromkeys(standing.all(), "ALARM") == standing.states()
    assert {(*alarm, "ALARM") for alarm in standing.all()} == standing.heard()
    standing.world.advance(SILENT.total_seconds())
    states = standing.states()
    expected = {
        (alarm.name, alarm.region): UNTOLD.get(alarm.inputs["treatMissingData"], "ALARM")
        for alarm in standing.alarms
        if alarm.reach < SILENT
    }
    assert expected == {key: states[key] for key in expected}, "what is ignored stays as it was"


def test_no_alarm_is_raised_below_its_threshold(standing: Standing) -> None:
    standing.report(over=False)
    assert dict.fromkeys(standing.all(), "OK") == standing.states()
    assert {"OK"} == {state for _, _, state in standing.heard()}


def test_without_any_data_each_alarm_is_what_it_says_of_silence(standing: Standing) -> None:
    standing.world.advance(SILENT.total_seconds())
    states = standing.states()
    expected = {
        (alarm.name, alarm.region): UNTOLD.get(alarm.inputs["treatMissingData"], "INSUFFICIENT_DATA")
        for alarm in standing.alarms
        if alarm.reach < SILENT
    }
    assert expected == {key: states[key] for key in expected}
    assert "medical-us-use2-edge-no-healthy-host" in {name for name, _, state in standing.heard() if state == "ALARM"}


def test_every_alarm_is_one_that_the_local_cloud_can_judge(standing: Standing) -> None:
    standing.world.advance(120)
    assert [] == [event for event in standing.world.events if event.what == "alarm-unsupported"]


def test_the_history_tells_when_a_composite_was_raised_and_only_composites_are_asked_for(standing: Standing) -> None:
    standing.report(over=True)
    client = standing.cloud.client("cloudwatch", RECOVERY)
    told = client.describe_alarms(AlarmTypes=["CompositeAlarm"])
    assert [] == told["MetricAlarms"]
    assert {"medical-us-usw2-side-impaired", "medical-us-usw2-cell-impaired"} == {
        item["AlarmName"] for item in told["CompositeAlarms"]
    }
    assert [] == client.describe_alarms()["CompositeAlarms"], "as AWS does, unless they are asked for"
    items = client.describe_alarm_history(AlarmName="medical-us-usw2-cell-impaired", AlarmTypes=["CompositeAlarm"])
    assert "Alarm updated from INSUFFICIENT_DATA to ALARM" == items["AlarmHistoryItems"][-1]["HistorySummary"]
