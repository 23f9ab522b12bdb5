"""What repairs itself does, and where it stops: decided for any group, and done to one in moto."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.repairs import replace
from functions.repairs.replace import choose
from ops.sandbox.local import local_aws
from tests.support import ACCOUNT, HOME

GROUP: Final = "medical-us-use2-web"
NAMESPACE, METRIC = "Medical/Instances", "disk_used_percent"
LIMIT: Final = 90.0
NAMES: Final = [f"i-{number}" for number in range(8)]


@given(
    in_service=st.lists(st.sampled_from(NAMES), unique=True),
    used=st.dictionaries(st.sampled_from(NAMES), st.floats(0, 100)),
    minimum=st.integers(1, 8),
    first=st.booleans(),
    lately=st.booleans(),
    busy=st.booleans(),
)
def test_a_replacement_never_leaves_fewer_than_the_minimum_in_service(
    in_service: list[str], used: dict[str, float], minimum: int, *, first: bool, lately: bool, busy: bool
) -> None:
    choice = choose(in_service, used, limit=LIMIT, minimum=minimum, first=first, lately=lately, busy=busy)
    assert choice.reason
    if choice.instance:
        assert first or minimum <= len(in_service) - 1
        assert not lately
        assert not busy
        assert used[choice.instance] > LIMIT
        assert max(used.get(name, 0.0) for name in in_service) == used[choice.instance], "the fullest"


@given(used=st.floats(LIMIT + 1, 100), others=st.integers(1, 7))
def test_a_full_instance_is_replaced_where_enough_others_serve(used: float, others: int) -> None:
    serving = NAMES[: others + 1]
    choice = choose(serving, {serving[0]: used}, limit=LIMIT, minimum=others, first=False, lately=False, busy=False)
    assert serving[0] == choice.instance


def test_at_the_minimum_an_instance_is_replaced_only_if_its_successor_serves_first() -> None:
    chosen = [
        choose(["i-1"], {"i-1": 99.0}, limit=LIMIT, minimum=1, first=first, lately=False, busy=False).instance
        for first in (True, False)
    ]
    assert ["i-1", ""] == chosen


@pytest.fixture
def topic() -> Iterator[str]:
    with local_aws(ACCOUNT):
        yield client("sns").create_topic(Name="medical-us-use2-operations")["TopicArn"]


def client(service: str) -> Any:  # noqa: ANN401 - boto3's clients have no static type
    session: Any = boto3.Session()
    return session.client(service, region_name=HOME)


def group(*, serving: int, minimum: int) -> list[str]:
    """An Auto Scaling group with as many instances, by their ids."""
    ec2, scaling = client("ec2"), client("autoscaling")
    vpc = ec2.create_vpc(CidrBlock="10.10.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.10.0.0/24")["Subnet"]["SubnetId"]
    image = {"ImageId": "ami-12345678", "InstanceType": "t4g.small"}
    template = ec2.create_launch_template(LaunchTemplateName="web", LaunchTemplateData=image)["LaunchTemplate"]
    scaling.create_auto_scaling_group(
        AutoScalingGroupName=GROUP,
        MinSize=minimum,
        MaxSize=6,
        DesiredCapacity=serving,
        VPCZoneIdentifier=subnet,
        LaunchTemplate={"LaunchTemplateId": template["LaunchTemplateId"], "Version": "1"},
    )
    return [item["InstanceId"] for item in scaling.describe_auto_scaling_instances()["AutoScalingInstances"]]


def fill(instance: str, percent: float) -> None:
    dimensions = [{"Name": "InstanceId", "Value": instance}, {"Name": "AutoScalingGroupName", "Value": GROUP}]
    point = {
        "MetricName": METRIC,
        "Dimensions": dimensions,
        "Value": percent,
        "Timestamp": datetime.now(UTC) - timedelta(minutes=2),
    }
    client("cloudwatch").put_metric_data(Namespace=NAMESPACE, MetricData=[point])


def repaired(topic: str) -> dict[str, str]:
    events = {"region": HOME, "group": GROUP, "topic": topic, "limit": LIMIT, "namespace": NAMESPACE, "metric": METRIC}
    return replace.handler(events, None)


def health() -> dict[str, str]:
    found = client("autoscaling").describe_auto_scaling_instances()["AutoScalingInstances"]
    return {item["InstanceId"]: item["HealthStatus"] for item in found}


def test_the_fullest_instance_is_marked_unhealthy_and_operations_is_told(topic: str) -> None:
    first, second, third = group(serving=3, minimum=2)
    fill(first, 91)
    fill(second, 97)
    fill(third, 40)
    done = repaired(topic)
    assert second == done["instance"]
    assert f"{second} of {GROUP} is being replaced: 97 % of its disk are in use." in done["line"]
    assert "unhealthy" == health()[second].lower()
    assert {"healthy"} == {health()[name].lower() for name in (first, third)}


def test_at_the_minimum_nothing_is_done_and_the_runbook_is_named(topic: str) -> None:
    first, _ = group(serving=2, minimum=2)
    fill(first, 99)
    done = repaired(topic)
    assert "" == done["instance"]
    assert "only 2 of at least 2 instances serve. Open docs/runbooks/alarms.md#instances." in done["line"]
    assert {"healthy"} == {state.lower() for state in health().values()}
