"""Auto Scaling over time, on the small cell: what AWS shows of instances that come, go and cannot be had."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ops.sandbox.physics.clock import START
from ops.sandbox.physics.fleets import fleets
from ops.sandbox.physics.fleets.activities import KEPT, Log
from ops.sandbox.physics.fleets.fleets import RETRY_SECONDS, Fleets
from ops.sandbox.physics.world import World
from tests.small_cell import SmallCell, small_cell
from tests.support import RECOVERY

LONGEST_LAUNCH, LONGEST_WARM_UP = 270, 30
DRAINING = 300  # the target group's default, which the small cell has


def begun(account: str) -> Any:  # noqa: ANN401 - the world, whose other laws are not here
    world = World(account)
    world.begin(3)
    return world


class Driven:
    """Recovery's fleet of the small cell: one instance, at most six."""

    def __init__(self, small: SmallCell) -> None:
        """Begin anew."""
        self.side = small.manifest.recovery
        self.group = self.side.fleet.autoscaling_group
        self.autoscaling = small.client("autoscaling", RECOVERY)
        self.elb = small.client("elbv2", RECOVERY)
        self.ec2 = small.client("ec2", RECOVERY)
        self.world = begun(small.account)
        self._begin_with_one()
        self.fleets = self.world.fleets = Fleets(self.world)

    def advance(self, seconds: float) -> None:
        self.world.clock.advance(seconds, self.fleets.step)

    def want(self, count: int) -> None:
        self.autoscaling.update_auto_scaling_group(
            AutoScalingGroupName=self.group, MinSize=count, DesiredCapacity=count
        )

    def described(self) -> dict[str, Any]:
        (found,) = self.autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[self.group])[
            "AutoScalingGroups"
        ]
        return dict(found)

    def states(self) -> Counter[str]:
        return Counter(item["LifecycleState"] for item in self.described()["Instances"])

    def targets(self) -> Counter[str]:
        found = self.elb.describe_target_health(TargetGroupArn=self.side.target_group)["TargetHealthDescriptions"]
        return Counter(item["TargetHealth"]["State"] for item in found)

    def activities(self) -> list[dict[str, Any]]:
        answer = self.autoscaling.describe_scaling_activities(AutoScalingGroupName=self.group)
        return list(answer["Activities"])

    def _begin_with_one(self) -> None:
        """Leave nothing of the test before: moto alone, without these laws, launches at once."""
        group = self.world.backend("autoscaling", RECOVERY).autoscaling_groups[self.group]
        group.ec2_backend.terminate_instances([state.instance_id for state in group.instance_states])
        group.instance_states.clear()
        self.world.backend("elbv2", RECOVERY).target_groups[self.side.target_group].targets.clear()
        self.want(1)

    @property
    def counts(self) -> tuple[int, int]:
        return self.fleets.in_service(RECOVERY, self.group), self.fleets.healthy(RECOVERY, self.group)


@pytest.fixture(scope="module")
def small() -> Iterator[SmallCell]:
    with small_cell() as found:
        yield found


@pytest.fixture
def driven(small: SmallCell) -> Iterator[Driven]:
    found = Driven(small)
    with fleets.installed(found.world):
        yield found


def test_what_stands_serves_and_nothing_is_under_way(driven: Driven) -> None:
    driven.advance(600)
    assert ((1, 1), {"InService": 1}, {"healthy": 1}) == (driven.counts, driven.states(), driven.targets())
    assert not driven.activities()


def test_a_larger_fleet_is_pending_then_in_service_then_healthy(driven: Driven) -> None:
    driven.want(3)
    driven.advance(1)
    assert ({"InService": 1, "Pending": 2}, (1, 1)) == (driven.states(), driven.counts)
    assert {"healthy": 1} == driven.targets(), "a pending instance is no target"
    assert {"InProgress"} == {item["StatusCode"] for item in driven.activities()}
    driven.advance(140)
    assert {"InService": 1, "Pending": 2} == driven.states(), "launching takes minutes"
    while driven.counts[0] == 1:
        driven.advance(1)
    assert (2, 1) == driven.counts, "in service is not yet healthy"
    assert {"healthy": 1, "initial": 1} == driven.targets()
    assert driven.world.clock.elapsed <= LONGEST_LAUNCH + 1
    driven.advance(LONGEST_LAUNCH + LONGEST_WARM_UP)
    assert ((3, 3), {"healthy": 3}) == (driven.counts, driven.targets())
    assert ["in-service", "serving"] * 2 == [event.what for event in sorted(driven.world.events, key=by_instance)]


def by_instance(event: Any) -> tuple[str, float]:  # noqa: ANN401 - an event of the world
    return event.facts["instance"], event.at


def test_the_activities_say_what_was_launched_and_why_newest_first(driven: Driven) -> None:
    driven.want(2)
    driven.advance(LONGEST_LAUNCH + 2)
    driven.want(3)
    driven.advance(1)
    newest, oldest = driven.activities()
    assert ("InProgress", "Successful") == (newest["StatusCode"], oldest["StatusCode"])
    assert oldest["Description"].startswith("Launching a new EC2 instance: i-")
    assert "increasing the capacity from 1 to 2" in oldest["Cause"]
    assert "increasing the capacity from 2 to 3" in newest["Cause"]
    assert START < oldest["StartTime"] < oldest["EndTime"] < newest["StartTime"] == driven.world.now
    (chosen,) = driven.autoscaling.describe_scaling_activities(ActivityIds=[oldest["ActivityId"]])["Activities"]
    assert oldest == chosen
    most = driven.autoscaling.describe_scaling_activities(AutoScalingGroupName=driven.group, MaxRecords=1)
    assert [newest] == most["Activities"]


def test_a_smaller_fleet_drains_before_it_terminates(driven: Driven) -> None:
    driven.want(2)
    driven.advance(LONGEST_LAUNCH + LONGEST_WARM_UP + 3)
    oldest = driven.described()["Instances"][0]["InstanceId"]
    driven.want(1)
    driven.advance(1)
    assert ({"InService": 1, "Terminating": 1}, {"healthy": 1}) == (driven.states(), driven.targets())
    assert (1, 1) == driven.counts
    driven.advance(DRAINING)
    assert {"InService": 1} == driven.states()
    (instance,) = driven.ec2.describe_instances(InstanceIds=[oldest])["Reservations"][0]["Instances"]
    assert "terminated" == instance["State"]["Name"], "the oldest one goes"
    assert f"Terminating EC2 instance: {oldest}" == driven.activities()[0]["Description"]


def test_what_serves_nobody_yet_goes_before_what_serves(driven: Driven) -> None:
    (serving,) = (item["InstanceId"] for item in driven.described()["Instances"])
    driven.want(2)
    driven.advance(10)
    driven.want(1)
    driven.advance(2)
    assert [serving] == [item["InstanceId"] for item in driven.described()["Instances"]]
    assert (1, 1) == driven.counts


def test_an_unhealthy_instance_is_replaced(driven: Driven) -> None:
    (before,) = (item["InstanceId"] for item in driven.described()["Instances"])
    driven.autoscaling.set_instance_health(InstanceId=before, HealthStatus="Unhealthy")
    assert (1, 0) == driven.counts
    driven.advance(2)
    assert {"InService": 1, "Pending": 1} == driven.states(), "the successor first"
    driven.advance(LONGEST_LAUNCH + LONGEST_WARM_UP + DRAINING + 4)
    (after,) = (item["InstanceId"] for item in driven.described()["Instances"])
    assert before != after
    assert (1, 1) == driven.counts


def test_a_terminated_instance_is_replaced_but_not_at_once(driven: Driven) -> None:
    (before,) = (item["InstanceId"] for item in driven.described()["Instances"])
    driven.ec2.terminate_instances(InstanceIds=[before])
    driven.advance(1)
    assert ((0, 0), {"Pending": 1}, {}) == (driven.counts, driven.states(), driven.targets())
    driven.advance(LONGEST_LAUNCH + LONGEST_WARM_UP + 2)
    assert ((1, 1), {"healthy": 1}) == (driven.counts, driven.targets())


def test_without_capacity_activities_fail_in_awss_words_and_what_runs_goes_on(driven: Driven) -> None:
    driven.world.faults.inject("capacity-short", RECOVERY)
    driven.want(3)
    driven.advance(LONGEST_LAUNCH + LONGEST_WARM_UP + 2)
    assert ((1, 1), {"InService": 1}) == (driven.counts, driven.states())
    found = driven.activities()
    assert {"Failed"} == {item["StatusCode"] for item in found}
    assert all("do not have sufficient t4g.small capacity" in item["StatusMessage"] for item in found)
    assert (LONGEST_LAUNCH + LONGEST_WARM_UP + 1) // RETRY_SECONDS + 1 == len(found), "it is tried again and again"
    driven.world.faults.lift("capacity-short", RECOVERY)
    driven.advance(RETRY_SECONDS)
    assert {"InService": 1, "Pending": 2} == driven.states(), "and succeeds once there is some"


def test_a_shortage_gives_as_many_as_it_says_and_counts_anew_each_time(driven: Driven) -> None:
    for most, expected in ((1, 2), (2, 4)):
        driven.world.faults.inject("capacity-short", RECOVERY, {"instances": most})
        driven.want(6)
        driven.advance(LONGEST_LAUNCH + LONGEST_WARM_UP + 2 + RETRY_SECONDS)
        assert (expected, expected) == driven.counts
    statuses = Counter(item["StatusCode"] for item in driven.activities())
    assert 3 == statuses["Successful"]
    assert statuses["Failed"] > 0


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"DesiredCapacity": 7}, "Desired capacity:7 must be between the specified min size:1 and max size:6"),
        ({"DesiredCapacity": 0}, "Desired capacity:0 must be between"),
        ({"MinSize": 7}, "Max bound, 6, must be greater than or equal to min bound, 7"),
    ],
)
def test_a_size_beyond_the_groups_bounds_is_refused_and_changes_nothing(
    driven: Driven, asked: dict[str, int], message: str
) -> None:
    before = driven.described()
    with pytest.raises(ClientError, match=message) as caught:
        driven.autoscaling.update_auto_scaling_group(AutoScalingGroupName=driven.group, **asked)
    assert "ValidationError" == caught.value.response["Error"]["Code"]
    with pytest.raises(ClientError, match="value 7 is above max value 6"):
        driven.autoscaling.set_desired_capacity(AutoScalingGroupName=driven.group, DesiredCapacity=7)
    assert before == driven.described()


def test_bounds_carry_the_desired_capacity_along(driven: Driven) -> None:
    driven.autoscaling.update_auto_scaling_group(AutoScalingGroupName=driven.group, MinSize=2)
    assert 2 == driven.described()["DesiredCapacity"]
    driven.autoscaling.update_auto_scaling_group(AutoScalingGroupName=driven.group, MinSize=1)
    assert 2 == driven.described()["DesiredCapacity"], "a lower bound asks for nothing"
    driven.autoscaling.set_desired_capacity(AutoScalingGroupName=driven.group, DesiredCapacity=4)
    driven.advance(1)
    assert {"InService": 1, "Pending": 3} == driven.states()


def test_while_a_cell_is_built_moto_launches_at_once(driven: Driven) -> None:
    driven.world.running = False
    driven.want(3)
    assert {"InService": 3} == driven.states()
    assert {"healthy": 3} == driven.targets()
    assert not driven.activities()


def test_a_group_that_is_not_there_has_nobody(driven: Driven) -> None:
    assert (0, 0) == (driven.fleets.in_service(RECOVERY, "other"), driven.fleets.healthy(RECOVERY, "other"))


def test_a_log_keeps_the_newest_activities_and_forgets_the_rest() -> None:
    log = Log("arn:aws:autoscaling:us-west-2:111122223333:autoScalingGroup:1:autoScalingGroupName/web")
    for number in range(KEPT + 1):
        log.begin(f"activity {number}", "for no reason", START)
    found = [item["Description"] for item in log.newest_first("web")]
    assert (KEPT, f"activity {KEPT}", "activity 1") == (len(found), found[0], found[-1])
    assert KEPT == len({item["ActivityId"] for item in log.newest_first("web")})


def test_what_stands_and_what_is_healthy_is_reported_each_minute(driven: Driven) -> None:
    driven.want(2)
    driven.advance(LONGEST_LAUNCH + LONGEST_WARM_UP + 120)
    own = {"AutoScalingGroupName": driven.group}
    reported = {
        name: [value for _, value in driven.world.metrics.recent(RECOVERY, "AWS/AutoScaling", name, own, 600)]
        for name in ("GroupDesiredCapacity", "GroupInServiceInstances")
    }
    assert {2.0} == set(reported["GroupDesiredCapacity"])
    assert (1.0, 2.0) == (reported["GroupInServiceInstances"][0], reported["GroupInServiceInstances"][-1])
